package gate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublicMail(t *testing.T) {
	for domain, want := range map[string]bool{
		"gmail.com": true, "Gmail.COM": true, "gmail.com.": true, "yahoo.co.uk": true,
		"": false, "nour.example": false, "mail.nour.example": false, "notgmail.com": false, "shop.gmail.com": false,
	} {
		require.Equal(t, want, PublicMail(domain), domain)
	}
}
