package calendar

import (
	"maps"
	"sync/atomic"
	"time"
	_ "time/tzdata" // where the machine has no zone files
)

// zoneCache remembers zones by name, nil for a name that is none: loading one
// reads a file. It is replaced, never changed.
var zoneCache atomic.Pointer[map[string]*time.Location]

// moreZones is above the 600 names there are; beyond it nothing is remembered,
// for names that are none come from outside.
const moreZones = 2000

// location returns the zone of an IANA name, nil where there is none.
func location(name string) *time.Location {
	cache := zoneCache.Load()
	if cache != nil {
		if zone, ok := (*cache)[name]; ok {
			return zone
		}
	}
	zone := load(name)
	next := map[string]*time.Location{}
	if cache != nil {
		next = maps.Clone(*cache)
	}
	if len(next) < moreZones {
		next[name] = zone
		zoneCache.CompareAndSwap(cache, &next) // who comes second loads it again another time
	}
	return zone
}

func load(name string) *time.Location {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil // Go gives "" and "Local" meanings of its own
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// IsZone reports whether name is a zone of the tz database, such as "Asia/Riyadh".
func IsZone(name string) bool { return location(name) != nil }

// offsetAt returns how far zone is ahead of UTC at t, both in seconds.
func offsetAt(zone *time.Location, t int64) int64 {
	_, offset := time.Unix(t, 0).In(zone).Zone()
	return int64(offset)
}

// turnAfter returns the next moment after t at which zone's clocks may be
// turned, or until where there is none before it.
func turnAfter(zone *time.Location, t, until int64) int64 {
	_, end := time.Unix(t, 0).In(zone).ZoneBounds()
	if end.IsZero() {
		return until
	}
	return min(end.Unix(), until)
}

// wall returns the day and the second of it that zone's clocks show at t.
func wall(zone *time.Location, t int64) (day int, second int64) {
	local := t + offsetAt(zone, t)
	day = int(local / secondsADay)
	if second = local % secondsADay; second < 0 {
		day, second = day-1, second+secondsADay
	}
	return day, second
}

// reach returns the first moment at which zone's clocks show the second of day
// or a later one: the second itself, in the night in which it comes twice the
// first; where the clocks jump over it, the moment after the jump.
func reach(zone *time.Location, day int, second int64) int64 {
	target := int64(day)*secondsADay + second
	t, end := target-16*60*60, target+16*60*60 // no zone is further from UTC
	for {
		turn := turnAfter(zone, t, end)
		if at := max(t, target-offsetAt(zone, t)); at < turn || turn == end {
			return at
		}
		t = turn
	}
}
