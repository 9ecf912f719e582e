package sender

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/mail"
	"flywheel/store"
)

const (
	// keyLife is how long a key signs before another is made.
	keyLife = 180 * 24 * time.Hour
	// keyRest is how long an old key's record should stay: mails under way are checked by it.
	keyRest = 7 * 24 * time.Hour
)

// signer is the shared domain's, as it was read last.
type signer struct {
	signer *mail.Signer
	until  time.Time
}

// makeKeys makes a pair of keys for a domain, to be published. Selectors are
// random, so that the keys of two shops of one domain do not meet.
func makeKeys(domain string, now commerce.Instant) ([]store.SenderKey, error) {
	name := "fw" + strings.ToLower(rand.Text()[:6])
	var out []store.SenderKey
	for _, kind := range []string{mail.RSA, mail.Ed25519} {
		key, err := mail.NewKey(kind)
		if err != nil {
			return nil, err
		}
		private, err := mail.MarshalKey(key)
		if err != nil {
			return nil, err
		}
		out = append(out, store.SenderKey{
			Domain: domain, Selector: name + kind[:1], Kind: kind, State: store.KeyNext, Public: mail.Record(key), Private: private, MadeAt: now, Since: now,
		})
	}
	return out, nil
}

// signs makes the signer of a domain's active keys for mails that relay passes on;
// nil where there is none. Amazon SES refuses a mail with two DKIM-Signature
// headers (docs.aws.amazon.com/ses/latest/dg/header-fields.html), so there only
// the signature that everybody reads is made.
func signs(domain string, keys []store.SenderKey, relay mail.Provider) (*mail.Signer, error) {
	s := &mail.Signer{Domain: domain, Relay: relay}
	for _, k := range keys {
		if k.State != store.KeyActive || relay == mail.SES && (k.Kind != mail.RSA || len(s.Keys) > 0) {
			continue
		}
		key, err := mail.ParseKey(k.Private)
		if err != nil {
			return nil, err
		}
		s.Keys = append(s.Keys, mail.SigningKey{Selector: k.Selector, Key: key})
	}
	if len(s.Keys) == 0 {
		return nil, nil
	}
	return s, nil
}

// wanted are the keys that DNS has to show, for a look.
func wanted(keys []store.SenderKey) (out []mail.PublicKey) {
	for _, k := range keys {
		if k.State != store.KeyOld {
			out = append(out, mail.PublicKey{Selector: k.Selector, Record: k.Public})
		}
	}
	return out
}

// seen is what a look found of each key, by selector.
func seen(f mail.Findings) map[string]mail.Condition {
	out := map[string]mail.Condition{}
	for _, k := range f.Keys {
		out[k.Selector] = k.Condition
	}
	return out
}

// turn moves keys on by what DNS shows: a next key that is seen becomes active in
// place of the one before, and old ones are dropped after their rest. A next key
// that was followed by another goes, unless it alone is seen. It returns all keys
// that stay, those that changed, and the selectors of those that go.
func turn(keys []store.SenderKey, seen map[string]mail.Condition, now commerce.Instant) (stay, changed []store.SenderKey, drop []string) {
	came := map[string]bool{} // kinds
	for _, k := range keys {
		came[k.Kind] = came[k.Kind] || k.State == store.KeyNext && seen[k.Selector] == mail.Good && !followed(keys, seen, k)
	}
	for _, k := range keys {
		was := k.State
		switch {
		case k.State == store.KeyNext && followed(keys, seen, k):
			drop = append(drop, k.Selector)
			continue
		case k.State == store.KeyNext && seen[k.Selector] == mail.Good:
			k.State, k.Since = store.KeyActive, now
		case k.State == store.KeyActive && came[k.Kind]:
			k.State, k.Since = store.KeyOld, now
		case k.State == store.KeyOld && k.Since.Add(keyRest) <= now:
			drop = append(drop, k.Selector)
			continue
		}
		if k.State != was {
			changed = append(changed, k)
		}
		stay = append(stay, k)
	}
	return stay, changed, drop
}

// followed reports whether a next key is of no use any more: one of its kind was
// made after it, and nobody has published it, or the later one signs or is about
// to. While DNS gives no answer it stays: it may just have been published.
func followed(keys []store.SenderKey, seen map[string]mail.Condition, k store.SenderKey) bool {
	return slices.ContainsFunc(keys, func(later store.SenderKey) bool {
		if later.Kind != k.Kind || later.MadeAt <= k.MadeAt || later.State == store.KeyOld {
			return false
		}
		unpublished := seen[k.Selector] != mail.Good && seen[k.Selector] != mail.Unclear && seen[k.Selector] != ""
		return unpublished || later.State == store.KeyActive || seen[later.Selector] == mail.Good
	})
}

// sound is what DNS shows of a domain's keys as a whole: Good where an active
// RSA key, which every server reads, is seen; Unclear where DNS gave no answer.
func sound(keys []store.SenderKey, seen map[string]mail.Condition) mail.Condition {
	worst := mail.Missing
	for _, k := range keys {
		if k.State != store.KeyActive || k.Kind != mail.RSA {
			continue
		}
		switch seen[k.Selector] {
		case mail.Good:
			return mail.Good
		case mail.Unclear, "":
			worst = mail.Unclear
		case mail.Missing, mail.Differs, mail.Broken, mail.TooMany:
		}
	}
	if !slices.ContainsFunc(keys, func(k store.SenderKey) bool { return k.State == store.KeyActive && k.Kind == mail.RSA }) &&
		slices.ContainsFunc(keys, func(k store.SenderKey) bool { return seen[k.Selector] == mail.Unclear }) {
		return mail.Unclear
	}
	return worst
}

// stale reports whether a domain's key has signed for long enough, with none to follow it.
func stale(keys []store.SenderKey, now commerce.Instant) bool {
	old := false
	for _, k := range keys {
		if k.Kind != mail.RSA {
			continue
		}
		if k.State == store.KeyNext {
			return false
		}
		old = old || k.State == store.KeyActive && k.Since.Add(keyLife) <= now
	}
	return old
}
