package api

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"flywheel/commerce"
	"flywheel/fault"
)

var seeds = []string{
	`{"name":"x","id":"1","email":"ada@example.com","at":"2026-03-02T12:00:00Z","properties":{"a":1,"b":"c","d":true}}`,
	`{"events":[{"name":"x","id":"1","customer_id":"cus_1","platform":"stripe"}]}`,
	`{"id":"1","title":"T","tags":["a"],"published_at":"2026-03-02T12:00:00Z"}`,
	`{"touches":[{"email":"a@b.co","source":"x"}]}`, `{"products":[{"id":"1","title":"T"}]}`,
	`{"properties":{"a":1e400,"\u0000":"\u202e","b":-0,"c":1e-400}}`, `{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}`,
	`{"":[]}`, `[`, `"\ud800"`, `null`, ``, "\x00", "{\"id\":\"\xff\"}", `{"id":9007199254740993,"id":1}`,
}

// FuzzDecode: whatever lies in the inbox is told or refused with a sentence, and
// what is told can be kept.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add("events/x", []byte(s))
		f.Add("products/put", []byte(s))
	}
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		ch, err := Decode(commerce.Delivery{Platform: commerce.API, Topic: topic, Body: body, ReceivedAt: noon})
		if err != nil {
			if s := fault.Sentence(err); !fault.Is(err, fault.Permanent) || strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
				t.Fatalf("%q gives %q", body, err)
			}
			return
		}
		if ch.Product == nil && (ch.Person == nil || len(ch.Happened) != 1) {
			t.Fatalf("%q tells nothing", body)
		}
		keepable(t, ch)
	})
}

// FuzzRead: what the door takes, Decode takes.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), "key")
	}
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		events, _ := ReadEvents(body, key, noon)
		products, _ := ReadProducts(body, noon)
		_, _ = ReadTouches(body, noon)
		var kept []commerce.Delivery
		for _, e := range events {
			d, err := e.Delivery(shop, noon)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, d)
		}
		for _, p := range products {
			d, err := p.Delivery(shop, noon)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, d)
		}
		for _, d := range kept {
			ch, err := Decode(d)
			if err != nil {
				t.Fatalf("%s of %q: %v", d.Topic, body, err)
			}
			if len(d.ExternalID) > 255 || d.ExternalID == "" {
				t.Fatalf("id %q", d.ExternalID)
			}
			keepable(t, ch)
		}
	})
}

// keepable holds that a change is JSON without what PostgreSQL refuses.
func keepable(t *testing.T, ch commerce.Change) {
	t.Helper()
	text, err := json.Marshal(ch)
	if err != nil {
		t.Fatalf("%+v: %v", ch, err)
	}
	if strings.Contains(string(text), `\u0000`) && !strings.Contains(string(text), `\\u0000`) {
		t.Fatalf("NUL in %s", text)
	}
}
