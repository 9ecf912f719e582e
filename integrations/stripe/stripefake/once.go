package stripefake

import (
	"net/http"
	"time"
)

// first is the answer to the first request under an idempotency key.
type first struct {
	path, form string
	at         time.Time
	answer     answered
}

// onceFor is how long Stripe remembers a key at least; the fake, exactly.
const onceFor = 24 * time.Hour

// answerOnce answers a write under a key as the first one was answered, a 500
// included: https://docs.stripe.com/api/idempotent_requests. What was refused
// before it was begun is not remembered, and what no server of the API answered
// (429, 502) neither.
func (s *Server) answerOnce(b *book, r *http.Request, form string, f failure) answered {
	key, now := r.Header.Get("Idempotency-Key"), s.now()
	if kept := b.once[key]; kept != nil && now.Sub(kept.at) < onceFor {
		switch {
		case kept.path != r.URL.Path:
			return mismatch("Keys for idempotent requests can only be used for the same endpoint they were first used for ('" + kept.path + "').").answer()
		case kept.form != form:
			return mismatch("Keys for idempotent requests can only be used with the same parameters they were first used with.").answer()
		case f.status != 0 && !f.after:
			return refusal(f.status, "", "the fake was told to fail").answer()
		}
		again := kept.answer
		again.replayed = true
		return f.instead(again)
	}
	keep := func(out answered) {
		b.once[key] = &first{path: r.URL.Path, form: form, at: now, answer: out}
	}
	if f.status != 0 && !f.after {
		out := refusal(f.status, "", "the fake was told to fail").answer()
		if f.status == http.StatusInternalServerError {
			keep(out)
		}
		return out
	}
	out, early := s.serve(b, r, form)
	given := f.instead(out)
	switch {
	case early:
	case f.after && f.status == http.StatusInternalServerError:
		keep(given)
	default:
		keep(out)
	}
	return given
}

func mismatch(message string) *problem {
	return &problem{status: 400, kind: "idempotency_error", message: message, early: true}
}
