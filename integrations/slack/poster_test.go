package slack_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"flywheel/fault"
	"flywheel/integrations/slack"
	"flywheel/integrations/slack/slackfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// channel serves a channel and gives a poster that may call it.
func channel(t *testing.T, o slack.Options) (*slackfake.Channel, *slack.Poster, string) {
	t.Helper()
	c := &slackfake.Channel{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	o.AllowPrivate = true
	p := slack.New(o)
	t.Cleanup(p.Close)
	return c, p, server.URL + slackfake.Path
}

func TestPost(t *testing.T) {
	c, p, address := channel(t, slack.Options{})
	text := "“Ask” was paused & <b>stopped</b> by <!channel>\nلقد توقفت"
	require.Equal(t, slack.Outcome{State: slack.Sent, Code: 200}, p.Post(t.Context(), address, text))
	require.Equal(t, []string{text}, c.Posted())
	require.Empty(t, c.Refused())
	require.Equal(t, slack.Gone, p.Post(t.Context(), strings.TrimSuffix(address, "X"), text).State, "another address")
}

func TestAnswersAreToldApart(t *testing.T) {
	for name, tt := range map[string]struct {
		trouble slackfake.Trouble
		want    slack.Outcome
	}{
		"taken otherwise": {slackfake.Trouble{Code: 200, Body: `{"result":"success"}`, Type: "application/json"}, slack.Outcome{State: slack.Sent, Code: 200}},
		"a web page":      {slackfake.Trouble{Code: 200, Body: "<html>", Type: "text/html; charset=utf-8"}, slack.Outcome{State: slack.Gone, Code: 200, Detail: "the address leads to a web page, not to a webhook"}},
		"archived":        {slackfake.Trouble{Code: 410, Body: "channel_is_archived"}, slack.Outcome{State: slack.Gone, Code: 410, Detail: "there is no channel behind the address any more (HTTP 410: channel_is_archived)"}},
		"not there":       {slackfake.Trouble{Code: 404, Body: "secret words"}, slack.Outcome{State: slack.Gone, Code: 404, Detail: "there is no channel behind the address any more (HTTP 404)"}},
		"leads on":        {slackfake.Trouble{Code: 302}, slack.Outcome{State: slack.Gone, Code: 302, Detail: "the address leads on to another (HTTP 302); enter that one instead"}},
		"prohibited":      {slackfake.Trouble{Code: 403, Body: "action_prohibited"}, slack.Outcome{State: slack.Failed, Code: 403, Detail: "the server refuses it (HTTP 403: action_prohibited)"}},
		"not understood":  {slackfake.Trouble{Code: 400, Body: "invalid_payload"}, slack.Outcome{State: slack.Failed, Code: 400, Detail: "the server refuses it (HTTP 400: invalid_payload)"}},
		"too many":        {slackfake.Trouble{Code: 429, RetryAfter: "30"}, slack.Outcome{State: slack.Retry, Code: 429, Detail: "the server did not take it now (HTTP 429)", RetryAfter: 30 * time.Second}},
		"for a year":      {slackfake.Trouble{Code: 429, RetryAfter: strings.Repeat("9", 30)}, slack.Outcome{State: slack.Retry, Code: 429, Detail: "the server did not take it now (HTTP 429)", RetryAfter: 24 * time.Hour}},
		"soon":            {slackfake.Trouble{Code: 429, RetryAfter: "soon"}, slack.Outcome{State: slack.Retry, Code: 429, Detail: "the server did not take it now (HTTP 429)"}},
		"broken":          {slackfake.Trouble{Code: 500, Body: "rollup_error"}, slack.Outcome{State: slack.Retry, Code: 500, Detail: "the server did not take it now (HTTP 500: rollup_error)"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, p, address := channel(t, slack.Options{})
			c.Next(tt.trouble)
			require.Equal(t, tt.want, p.Post(t.Context(), address, "hello"))
			require.Equal(t, slack.Sent, p.Post(t.Context(), address, "hello").State)
		})
	}
}

// What was handed over without an answer is not known; what never got there was certainly not posted.
func TestNoAnswer(t *testing.T) {
	c, p, address := channel(t, slack.Options{Timeout: 2 * time.Second})
	c.Next(slackfake.Trouble{Taken: true})
	require.Equal(t, slack.Outcome{State: slack.Unknown, Detail: "the server did not answer in time"}, p.Post(t.Context(), address, "hello"))
	require.Len(t, c.Posted(), 1, "and it was posted")

	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	require.Equal(t, slack.Retry, p.Post(t.Context(), server.URL+slackfake.Path, "hello").State)
	done, stop := context.WithCancel(t.Context())
	stop()
	require.Equal(t, slack.Retry, p.Post(done, address, "hello").State)
}

func TestCheckURL(t *testing.T) {
	for raw, want := range map[string]struct{ public, private string }{ // "" = taken
		"https://hooks.slack.com/services/T/B/X": {},
		"https://chat.example.com:8443/hooks/1":  {},
		"https://93.184.216.34/hooks":            {},
		"http://hooks.slack.com/services/T/B/X":  {public: "https://"},
		"https://chat.example.com:25/hooks":      {public: "port"},
		"https://localhost/hooks":                {public: "not public"},
		"https://chat.internal/hooks":            {public: "not public"},
		"https://10.0.0.1/hooks":                 {public: "not public"},
		"https://[::1]/hooks":                    {public: "not public"},
		"https://[::ffff:127.0.0.1]/hooks":       {"not public", "not public"},
		"https://169.254.169.254/latest":         {"not public", "not public"},
		"https://168.63.129.16/hooks":            {"not public", "not public"},
		"https://2130706433/hooks":               {"cannot be read", "cannot be read"},
		"https://127.1/hooks":                    {"cannot be read", "cannot be read"},
		"https://a..example.com/hooks":           {"cannot be read", "cannot be read"},
		"https://hooks.slack.com/":               {"only a host", "only a host"},
		"https://u:s3cret@chat.example.com/x":    {"no user name", "no user name"},
		"https://chat.example.com/x#y":           {"no user name", "no user name"},
		"https://chat.example.com/ x":            {"cannot be read", "cannot be read"},
		"https://chat.example.com/\r\nx":         {"cannot be read", "cannot be read"},
		"https:///hooks":                         {"cannot be read", "cannot be read"},
		"hooks.slack.com/services":               {"https://", "https://"},
		"javascript:alert(1)":                    {"https://", "https://"},
		"":                                       {"https://", "https://"},
	} {
		for allowPrivate, want := range map[bool]string{false: want.public, true: want.private} {
			err := slack.CheckURL(raw, allowPrivate)
			if want == "" {
				require.NoError(t, err, "%q %v", raw, allowPrivate)
				continue
			}
			require.True(t, fault.Is(err, fault.Invalid), "%q %v", raw, allowPrivate)
			require.ErrorContains(t, err, want, "%q %v", raw, allowPrivate)
			require.NotContains(t, err.Error(), "s3cret")
		}
	}
}

// What is refused at save is refused at the attempt, and so is a name that leads inside.
func TestInnerAddressesAreNotCalled(t *testing.T) {
	p := slack.New(slack.Options{})
	t.Cleanup(p.Close)
	for _, host := range []string{"127.0.0.1", "[::1]", "169.254.169.254", "localhost"} {
		require.Equal(t, slack.Outcome{State: slack.Gone, Detail: "the address is not public"}, p.Post(t.Context(), "https://"+host+"/x", "hello"), host)
	}
}

// Whatever stands in a text, it calls nobody and leads nowhere.
func TestPlain(t *testing.T) {
	require.Equal(t, "&lt;!channel&gt; &amp;amp; @\u2060Here @\u2060all ada@example.com", slack.Plain("<!channel> &amp; @Here @all ada@example.com"))
	rapid.Check(t, func(t *rapid.T) {
		out := slack.Plain(rapid.StringN(0, 6000, -1).Draw(t, "text"))
		require.NotContains(t, out, "<")
		require.NotContains(t, out, ">")
		require.LessOrEqual(t, len([]rune(out)), 5*4000)
	})
	require.Len(t, []rune(slack.Plain(strings.Repeat("ب", 9000))), 4000)
}
