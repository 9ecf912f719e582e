package hookfake

import "net/http"

// Trouble is how one validly signed webhook goes wrong.
type Trouble struct {
	// Code is the answer's status, such as 500, 410, 429 or 302; 0 = there is
	// no answer until the sender gives up.
	Code int
	// RetryAfter and Location are sent as they stand; "" = not at all.
	RetryAfter, Location string
	// Taken says that the webhook is kept although the sender does not hear of it.
	Taken bool
}

// Next makes the next n validly signed webhooks go wrong, instead of what an
// earlier call said; n = 0 ends all trouble.
func (r *Receiver) Next(n int, t Trouble) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left, r.trouble = n, t
}

func (r *Receiver) nextTrouble() *Trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left <= 0 {
		return nil
	}
	r.left--
	t := r.trouble
	return &t
}

func (t Trouble) answer(w http.ResponseWriter, req *http.Request) {
	if t.Code == 0 {
		<-req.Context().Done() // the server sees the sender hang up, or is itself closed
		return
	}
	if t.RetryAfter != "" {
		w.Header().Set("Retry-After", t.RetryAfter)
	}
	if t.Location != "" {
		w.Header().Set("Location", t.Location)
	}
	http.Error(w, "trouble made to order", t.Code)
}
