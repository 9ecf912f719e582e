package manage_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store/storetest"
)

const stopHead = "address,scope,reason,at,until\n"

// importStops reads a list that must be readable.
func (d desk) importStops(text string) manage.Imported {
	d.t.Helper()
	got, err := d.ImportStops(d.t.Context(), d.shop, strings.NewReader(text))
	require.NoError(d.t, err)
	return got
}

func (d desk) exportStops() string {
	d.t.Helper()
	var b bytes.Buffer
	n, err := d.ExportStops(d.t.Context(), d.shop, &b)
	require.NoError(d.t, err)
	require.EqualValues(d.t, strings.Count(b.String(), "\n")-1, n)
	return b.String()
}

// What is exported is what was imported, and reading it again changes nothing.
func TestSuppressionListsGoRound(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		p := storetest.Person(t, d.Store, d.shop, func(p *commerce.Person) { p.Email = "ada@example.com" })
		got := d.importStops("\ufeffScope, ADDRESS ,note,reason,at,until\n" +
			"topic:reviews,Ada@Example.COM,x,\"asked, by phone\",2026-02-01,\n" +
			"pause,bo@example.com,x,,2026-02-01T10:00:00+01:00,2026-04-01\n" +
			",cy@bücher.example,x,\"=cmd()\",,\n")
		require.Equal(t, manage.Imported{Added: 3}, got)
		want := stopHead +
			"ada@example.com,topic:reviews,\"asked, by phone\",2026-02-01T00:00:00Z,\n"
		out := d.exportStops()
		require.True(t, strings.HasPrefix(out, want), out)
		require.Contains(t, out, "bo@example.com,pause,imported,2026-02-01T09:00:00Z,2026-04-01T00:00:00Z\n")
		require.Contains(t, out, "cy@xn--bcher-kva.example,all,\" =cmd()\",2026-03-02T12:00:00Z,\n", "no formula for a spreadsheet")
		require.Equal(t, manage.Imported{Known: 3}, d.importStops(out))
		require.Equal(t, out, d.exportStops())
		require.NotEmpty(t, p.ID)

		added, err := d.AddStop(t.Context(), d.shop, "di@example.com", "all", "by hand", 0)
		require.NoError(t, err)
		require.True(t, added)
		added, err = d.AddStop(t.Context(), d.shop, "DI@example.com", "", "", commerce.At(storetest.Noon.Add(time.Hour)))
		require.NoError(t, err)
		require.False(t, added, "it is stopped for good already")
		require.NoError(t, d.RemoveStop(t.Context(), d.shop, "Di@example.com", "all"))
		require.True(t, fault.Is(d.RemoveStop(t.Context(), d.shop, "di@example.com", "all"), fault.NotFound))
		require.Equal(t, out, d.exportStops())
	})
}

// Bad lines are named and counted, the good ones of the same file stay.
func TestBadLinesAreNamed(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		got := d.importStops(stopHead +
			"nobody,all,,,\n" +
			"a@example.com,everything,,,\n" +
			"a@example.com,topic:,,,\n" +
			"a@example.com,topic:a b,,,\n" +
			"a@example.com,pause,,,\n" +
			"a@example.com,all,,yesterday,\n" +
			"a@example.com,all,,2999-01-01,\n" +
			"a@example.com,all,,2099-01-01,\n" +
			"a@example.com,all," + strings.Repeat("x", 101) + ",,\n" +
			"a@example.com,all,,,soon\n" +
			"a\"b@example.com,all\n" +
			"\n" +
			"good@example.com\n")
		require.EqualValues(t, 1, got.Added)
		require.EqualValues(t, 11, got.Bad)
		require.Len(t, got.Why, 11)
		for i, want := range []string{
			"line 2: the address", "line 3: scope \"everything\"", "line 4: scope", "line 5: scope", "line 6: a pause has an end",
			"line 7: at \"yesterday\"", "line 8: at", "line 9: at lies in the future", "line 10: the reason", "line 11: until \"soon\"", "line 12",
		} {
			require.Contains(t, got.Why[i], want)
		}
		require.NotContains(t, strings.Join(got.Why, ""), "a@example.com", "a report holds no addresses")
		require.Equal(t, stopHead+"good@example.com,all,imported,2026-03-02T12:00:00Z,\n", d.exportStops())
	})
}

func TestListsThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		for _, text := range []string{"", "email,scope\na@example.com,all\n", "\"a"} {
			_, err := d.ImportStops(t.Context(), d.shop, strings.NewReader(text))
			require.True(t, fault.Is(err, fault.Invalid), "%q: %v", text, err)
			require.ErrorContains(t, err, "address")
		}
		_, err := d.ImportStops(t.Context(), "nowhere", strings.NewReader(stopHead))
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = d.ExportStops(t.Context(), "nowhere", &bytes.Buffer{})
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = d.AddStop(t.Context(), d.shop, "nobody", "all", "", 0)
		require.True(t, fault.Is(err, fault.Invalid))
		require.True(t, fault.Is(d.RemoveStop(t.Context(), d.shop, "a@example.com", "x"), fault.Invalid))
		_, err = d.ImportStops(t.Context(), d.shop, iotest.TimeoutReader(strings.NewReader(stopHead+strings.Repeat("a@example.com\n", 1000))))
		require.ErrorIs(t, err, iotest.ErrTimeout)
	})
}

// Many lines are kept as they are read, and of bad ones only so many are named.
func TestLongLists(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		var b strings.Builder
		b.WriteString(stopHead)
		for i := range 350 {
			fmt.Fprintf(&b, "a%d@example.com,all,,,\nnobody%d,all,,,\n", i, i)
		}
		got := d.importStops(b.String())
		require.EqualValues(t, 350, got.Added)
		require.EqualValues(t, 350, got.Bad)
		require.Len(t, got.Why, 50)
		require.Equal(t, manage.Imported{Known: 350, Bad: 350, Why: got.Why}, d.importStops(b.String()))
		require.Equal(t, 351, strings.Count(d.exportStops(), "\n"))
	})
}
