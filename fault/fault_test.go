package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSentenceAndCauseAreApart(t *testing.T) {
	err := Wrap(Temporary, io.ErrUnexpectedEOF, "the shop %s does not answer", "Tee")
	require.Equal(t, "the shop Tee does not answer: unexpected EOF", err.Error(), "for the log")
	require.Equal(t, "the shop Tee does not answer", Sentence(err), "for a merchant")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "there is no order 7", New(NotFound, "there is no order %d", 7).Error())
}

func TestKindIsFoundInAChain(t *testing.T) {
	err := fmt.Errorf("order 7: %w", New(NotFound, "there is no such order"))
	require.Equal(t, NotFound, KindOf(err))
	require.True(t, Is(err, NotFound))
	require.False(t, Is(err, Invalid))
	require.Equal(t, "there is no such order", Sentence(err))

	outer := Wrap(Permanent, err, "the refund cannot be read")
	require.Equal(t, Permanent, KindOf(outer), "the outermost decides")
	require.Equal(t, Conflict, KindOf(errors.Join(io.EOF, New(Conflict, "twice"))))
}

func TestWhatIsNoFaultStaysInside(t *testing.T) {
	for _, err := range []error{nil, io.EOF, fmt.Errorf("query: %w", io.EOF)} {
		require.Empty(t, KindOf(err))
		require.Empty(t, Sentence(err), "nobody outside reads internal errors")
		require.False(t, Is(err, Invalid))
	}
}

func TestASentenceIsKnownByItsForm(t *testing.T) {
	form, args := FormOf(fmt.Errorf("act: %w", New(Invalid, "a pause lasts from 1 to %d days", 365)))
	require.Equal(t, "a pause lasts from 1 to %d days", form)
	require.Equal(t, []any{365}, args)
	form, args = FormOf(Wrap(Temporary, io.EOF, "the shop %s does not answer", "Tee"))
	require.Equal(t, "the shop %s does not answer", form)
	require.Equal(t, []any{"Tee"}, args)
	form, _ = FormOf(io.EOF)
	require.Empty(t, form)
}
