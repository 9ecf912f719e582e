package shopify

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// reader turns a body's texts into our types and keeps the first one that
// cannot be, so that a decoder reads as a list of fields.
type reader struct{ err error }

func (r *reader) fail(field, format string, args ...any) {
	if r.err == nil {
		r.err = fault.New(fault.Permanent, "field "+field+" "+format, args...)
	}
}

// instant reads an ISO 8601 moment; "" is never. Moments before 1970 occur in
// imported orders and mean nothing: they are never, too.
func (r *reader) instant(field, value string) commerce.Instant {
	if value == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		r.fail(field, "is not a moment: %q", short(value))
		return 0
	}
	return max(0, commerce.At(t))
}

// id returns the exact decimal id of a thing of kind that must have one.
func (r *reader) id(field, kind, gid string, n number) string {
	id := cmp.Or(gidNumber(kind, gid), n.id())
	if id == "" {
		r.fail(field, "holds no id")
	}
	return id
}

// unreadable says where a body stops being what Shopify documents.
func unreadable(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fault.New(fault.Permanent, "the body is not JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fault.New(fault.Permanent, "field %s holds a %s that does not belong there", cmp.Or(kind.Field, "(body)"), short(kind.Value))
	}
	return fault.Wrap(fault.Permanent, err, "the body cannot be read")
}
