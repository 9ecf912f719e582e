package main

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is set for a real installation neither stops a demo nor reaches it.
func TestTheDemoSeesItsAddressAndNoMore(t *testing.T) {
	for name, value := range map[string]string{
		"ADDR": "127.0.0.1:9", "SECRET_KEY": "not a key", "DATABASE_URL": "nonsense", "REDIS_URL": "nonsense", "SMTP_URL": "nonsense", "SHOPIFY_API_SECRET": ",",
		"MAIL_DOMAIN": "nonsense", "MAIL_IN_ADDR": "nonsense", "MAIL_PROVIDER": "nobody",
	} {
		t.Setenv(name, value)
	}
	c, err := loadConfig(demoEnv)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:9", c.Addr)
	require.Equal(t, slog.LevelWarn, c.LogLevel)
	require.Nil(t, c.Keys)
	require.Empty(t, c.SMTPURL+c.RedisURL+c.MailDomain+c.MailIn+c.MailProvider)
	t.Setenv("LOG_LEVEL", "info")
	c, err = loadConfig(demoEnv)
	require.NoError(t, err)
	require.Equal(t, slog.LevelInfo, c.LogLevel)
}
