package manage

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What package message calls a field stands in a finding as its author wrote it.
func TestFieldsAreNamedAsInTheDefinition(t *testing.T) {
	for field, want := range map[string]string{
		"subject": "subject", "body 2": "body[1]", "closing 1": "closing[0]", "button label": "button.label",
		"blocks 3 text": "blocks[2].text", "blocks 1 button url": "blocks[0].button.url", "blocks[2].alt": "blocks[2].alt",
	} {
		require.Equal(t, want, fieldPath(field))
	}
}
