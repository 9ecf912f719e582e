package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

func TestConsentsAreReadWithDateAndSource(t *testing.T) {
	said, err := readConsents(strings.NewReader("\ufeffEmail,class,STATE,date,source,note\n" +
		"Sara@Example.com,marketing,double_opt_in,2026-03-01,newsletter form,x\n" +
		"\"ada@example.com\",service,unsubscribed,2026-03-02T10:00:00+03:00,\"call, 2 March\",\n"))
	require.NoError(t, err)
	require.Len(t, said, 2)
	require.Equal(t, commerce.ConsentChange{
		Email: "sara@example.com", Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Double: true,
		Source: "newsletter form", At: said[0].At,
	}, said[0])
	require.Equal(t, "2026-03-01T00:00:00Z", said[0].At.Time().Format("2006-01-02T15:04:05Z07:00"))
	require.Equal(t, "call, 2 March", said[1].Source)
	require.Equal(t, "2026-03-02T07:00:00Z", said[1].At.Time().Format("2006-01-02T15:04:05Z07:00"))
}

// Every wrong line is named, and nothing of such a file is kept.
func TestConsentsNameEveryWrongLine(t *testing.T) {
	_, err := readConsents(strings.NewReader("email,class,state,date,source\n" +
		"nobody,marketing,subscribed,2026-03-01,form\n" +
		"a@example.com,orders,subscribed,2026-03-01,form\n" +
		"a@example.com,service,maybe,2026-03-01,form\n" +
		"a@example.com,service,subscribed,yesterday,form\n" +
		"a@example.com,service,subscribed,2999-01-01,form\n" +
		"a@example.com,service,subscribed,2026-03-01,\n" +
		"a@example.com,service,subscribed,2026-03-01,form\n"))
	for _, want := range []string{"line 2: the email", "line 3: class", "line 4: state", "line 5: date", "line 6: the date", "line 7: the source"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "line 8")
	require.NotContains(t, err.Error(), "a@example.com")

	for file, want := range map[string]string{
		"":                                       "header line",
		"email,class,state,date\n":               "column source is missing",
		"email,class,state,date,source\na,b\n":   "wrong number of fields",
		"email,class,state,date,source\n\"a,b\n": "quote",
	} {
		_, err := readConsents(strings.NewReader(file))
		require.ErrorContains(t, err, want)
	}
}
