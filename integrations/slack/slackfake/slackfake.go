// Package slackfake plays Slack's incoming webhooks: it takes what Slack would
// take, refuses the rest in Slack's words, keeps what was posted, and goes wrong
// on demand. It is an http.Handler; who serves it decides where. Only the demo,
// apptest and tests use it.
package slackfake

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Path is that of the one webhook it knows.
const Path = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"

// Trouble is how one good request goes wrong.
type Trouble struct {
	Code       int    // 0 = there is no answer until the caller gives up
	Body       string // in Slack's words, such as channel_is_archived
	RetryAfter string // "" = the header is missing
	Type       string // Content-Type; "" = text/plain
	// Taken says that it is posted although the caller does not hear of it.
	Taken bool
}

// Channel is the place that is posted to. Its zero value is ready.
type Channel struct {
	mu      sync.Mutex
	posted  []string
	refused []string
	trouble []Trouble
}

// Posted are the texts in the order in which they came, as a reader sees them.
func (c *Channel) Posted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.posted)
}

// Refused says of each request that a caller must not make what was wrong with it.
func (c *Channel) Refused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.refused)
}

// Next makes the next good requests go wrong, one after the other.
func (c *Channel) Next(all ...Trouble) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trouble = all
}

// ServeHTTP takes one message.
func (c *Channel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	text, code, word := "", http.StatusRequestEntityTooLarge, "invalid_payload"
	if err == nil {
		text, code, word = read(r, body)
	}
	if word != "" {
		c.mu.Lock()
		c.refused = append(c.refused, word)
		c.mu.Unlock()
		w.WriteHeader(code)
		_, _ = io.WriteString(w, word)
		return
	}
	t := c.take(text)
	if t == nil {
		w.Header().Set("Content-Type", "text/html") // as Slack's own does
		_, _ = io.WriteString(w, "ok")
		return
	}
	if t.Code == 0 {
		<-r.Context().Done()
		return
	}
	for name, value := range map[string]string{"Retry-After": t.RetryAfter, "Content-Type": t.Type} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(t.Code)
	_, _ = io.WriteString(w, t.Body)
}

// take keeps a text and tells what goes wrong with it; nil = nothing.
func (c *Channel) take(text string) (t *Trouble) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.trouble) > 0 {
		t, c.trouble = &c.trouble[0], c.trouble[1:]
	}
	if t == nil || t.Taken {
		c.posted = append(c.posted, text)
	}
	return t
}

var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// read returns a message's text, or the status and word with which Slack refuses it.
func read(r *http.Request, body []byte) (text string, code int, word string) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var message struct {
		Text string `json:"text"`
	}
	switch {
	case r.URL.Path != Path:
		return "", http.StatusNotFound, "no_service"
	case r.Method != http.MethodPost || kind != "application/json" || json.Unmarshal(body, &message) != nil:
		return "", http.StatusBadRequest, "invalid_payload"
	case strings.TrimSpace(message.Text) == "":
		return "", http.StatusBadRequest, "no_text"
	case strings.ContainsAny(message.Text, "<>"): // links, names and calls: we write none
		return "", http.StatusBadRequest, "invalid_payload"
	}
	return unescape.Replace(message.Text), 0, ""
}
