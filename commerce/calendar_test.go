package commerce

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

func TestParseTimeOfDay(t *testing.T) {
	for s, want := range map[string]TimeOfDay{"00:00": 0, "09:30": 570, "23:59": 1439, "24:00": 1440} {
		got, err := ParseTimeOfDay(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "9:30", "09:3", "24:01", "25:00", "09:60", "09:30:00", "09.30", "٠٩:٣٠", "-1:00", "9:30 PM"} {
		_, err := ParseTimeOfDay(s)
		require.True(t, fault.Is(err, fault.Invalid), s)
	}
}

func TestWithinMayWrapMidnight(t *testing.T) {
	require.True(t, TimeOfDay(600).Within(540, 660))
	require.False(t, TimeOfDay(660).Within(540, 660), "not including its end")
	require.True(t, TimeOfDay(0).Within(1260, 480))
	require.True(t, TimeOfDay(1260).Within(1260, 480))
	require.False(t, TimeOfDay(480).Within(1260, 480))
	require.False(t, TimeOfDay(540).Within(540, 540), "equal ends are no time")
	require.True(t, TimeOfDay(1439).Within(0, 1440))
}

func TestCalendarSettingsAreChecked(t *testing.T) {
	special := func(kind string, d SpecialDay) CalendarSettings {
		return CalendarSettings{Special: map[string]SpecialDay{kind: d}}
	}
	for _, good := range []CalendarSettings{
		{},
		{Quiet: Window{"22:00", "07:30"}},
		{Quiet: Window{"00:00", "00:00"}}, // never quiet
		{Weekend: []time.Weekday{}, Closed: []string{"2026-09-23", "02-29"}},
		special("ramadan", SpecialDay{Quiet: &Window{"01:00", "12:00"}, Send: &Window{"20:00", "24:00"}, Shift: -2, On: true}),
		special("weekend", SpecialDay{Closed: true}),
	} {
		require.NoError(t, good.Check())
	}
	for want, bad := range map[string]CalendarSettings{
		`quiet: "21" is not a time such as 09:30`:                                                                             {Quiet: Window{"21", "08:00"}},
		`quiet: "" is not a time such as 09:30`:                                                                               {Quiet: Window{From: "21:00"}},
		`quiet: the whole day is quiet, nothing could ever be sent`:                                                           {Quiet: Window{"00:00", "24:00"}},
		`weekend: 7 is not a day of the week from 0 (Sunday) to 6`:                                                            {Weekend: []time.Weekday{7}},
		`weekend: Friday is listed twice`:                                                                                     {Weekend: []time.Weekday{5, 5}},
		`weekend: at least one day of the week must be left for work`:                                                         {Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}},
		`closed: "02-30" is not a day such as 2026-09-23, or 09-23 for every year`:                                            {Closed: []string{"02-30"}},
		`special.ramadan.shift: 3 is not a number of days from -2 to 2`:                                                       special("ramadan", SpecialDay{Shift: 3}),
		`special.nowruz.on: it cannot be on and off at once`:                                                                  special("nowruz", SpecialDay{On: true, Off: true}),
		`special.weekend.shift: shift, on and off are for feasts only`:                                                        special("weekend", SpecialDay{Shift: 1}),
		`special.eid_al_adha.closed: closed days have no hours`:                                                               special("eid_al_adha", SpecialDay{Closed: true, Send: &Window{"16:00", "20:00"}}),
		`special.ramadan.quiet: "x" is not a time such as 09:30`:                                                              special("ramadan", SpecialDay{Quiet: &Window{"x", "08:00"}}),
		`special.ramadan.send: the hours end where they begin`:                                                                special("ramadan", SpecialDay{Send: &Window{"08:00", "08:00"}}),
		`special.ramadan.send: all of these hours are quiet hours`:                                                            special("ramadan", SpecialDay{Quiet: &Window{"22:00", "10:00"}, Send: &Window{"23:00", "05:00"}}),
		`special.ramadan.send: "" is not a time such as 09:30`:                                                                special("ramadan", SpecialDay{Send: &Window{From: "08:00"}}),
		`special: there is no kind of day "easter"; there are closed_day, eid_al_adha, eid_al_fitr, nowruz, ramadan, weekend`: special("easter", SpecialDay{}),
	} {
		err := bad.Check()
		require.True(t, fault.Is(err, fault.Invalid), want)
		require.Equal(t, want, fault.Sentence(err))
	}
}

func TestCalendarSettingsAsJSON(t *testing.T) {
	data, err := json.Marshal(CalendarSettings{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(data))

	want := CalendarSettings{Quiet: Window{"22:00", "07:00"}, Weekend: []time.Weekday{}, Special: map[string]SpecialDay{"nowruz": {Shift: 1}}}
	data, err = json.Marshal(want)
	require.NoError(t, err)
	require.Equal(t, `{"quiet":{"from":"22:00","to":"07:00"},"weekend":[],"special":{"nowruz":{"shift":1}}}`, string(data))
	var got CalendarSettings
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, want, got, "no weekend stays no weekend")
}
