// Package fault names the kinds of error the rest of the program tells apart,
// each with a sentence that a merchant may read. Everything else is internal
// and only logged. It imports no package of ours.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what may be done about an error.
type Kind string

// The kinds. Temporary and Permanent answer a job's one question: again later, or never.
const (
	NotFound  Kind = "not_found"
	Invalid   Kind = "invalid"
	Conflict  Kind = "conflict"
	Denied    Kind = "denied"
	Forbidden Kind = "forbidden" // it is known who asks, and they may not
	TooLarge  Kind = "too_large"
	Temporary Kind = "temporary"
	Permanent Kind = "permanent"
)

// Error is a kind and its sentence; Cause is for the log only and may be nil.
type Error struct {
	Kind     Kind
	Sentence string
	Cause    error
	// Form is the sentence before its values were put in, which are Args: by it one
	// fault is known from another, so that it can be told in another language.
	Form string
	Args []any
}

// Error returns the sentence, followed by the cause where there is one.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Sentence + ": " + e.Cause.Error()
	}
	return e.Sentence
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of kind k whose sentence is formatted like fmt.Sprintf.
func New(k Kind, format string, args ...any) error {
	return &Error{Kind: k, Sentence: fmt.Sprintf(format, args...), Form: format, Args: args}
}

// Wrap is New with a cause that is logged but not shown.
func Wrap(k Kind, cause error, format string, args ...any) error {
	return &Error{Kind: k, Sentence: fmt.Sprintf(format, args...), Cause: cause, Form: format, Args: args}
}

// KindOf returns the kind of the first fault in err's chain, "" if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Is reports whether err carries kind k.
func Is(err error, k Kind) bool { return KindOf(err) == k }

// Sentence returns what a person outside may read of err; "" for internal errors.
func Sentence(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Sentence
	}
	return ""
}

// FormOf returns the form of err's sentence and the values in it; "" for internal errors.
func FormOf(err error) (form string, args []any) {
	var e *Error
	if errors.As(err, &e) {
		return e.Form, e.Args
	}
	return "", nil
}
