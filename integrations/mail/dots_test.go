package mail

import (
	"bufio"
	"bytes"
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever a mail looks like, the server sees what the library's own dot writer makes of it.
func TestDotsAreThoseOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{".", "..", "\r\n", "\r\n", "\r\n.", "\n", "\r", "a", "To: ada", ""})
		var mail []byte
		for _, p := range rapid.SliceOf(piece).Draw(t, "mail") {
			mail = append(mail, p...)
		}
		if rapid.Bool().Draw(t, "whole") {
			mail = append(mail, "\r\n"...)
		}
		var want, got bytes.Buffer
		library := textproto.NewWriter(bufio.NewWriter(&want)).DotWriter()
		_, err := library.Write(mail)
		require.NoError(t, err)
		require.NoError(t, library.Close())

		ours := textproto.NewWriter(bufio.NewWriter(&got))
		dots := ours.DotWriter()
		require.NoError(t, writeDotted(ours.W, dots, mail))
		require.NoError(t, dots.Close())
		require.Equal(t, want.String(), got.String())
	})
}
