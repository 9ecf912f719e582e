package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/bounces"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A mail server pipes a report in, and the operator sees what came of it.
func TestMailReportFromAPipe(t *testing.T) {
	st := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, st)
	person := storetest.Person(t, st, shop)
	hash, err := st.AddressHash(t.Context(), shop, person.Email)
	require.NoError(t, err)
	order := storetest.Order(t, st, shop, person.ID)
	f := storetest.Effect(storetest.Enroll(t, st, shop, order), storetest.Connection(t, st, shop), hash)
	storetest.Do(t, st, func(tx *store.Tx) error {
		claimed, err := tx.ClaimEffects(shop, []store.Effect{f})
		f.ID = claimed[f.Enrollment].ID
		return err
	})
	refs := mail.NewRefs([][]byte{[]byte("key")})
	desk := &bounces.Desk{Store: st, Refs: refs, Log: slog.New(slog.DiscardHandler)}
	report := strings.ReplaceAll(`To: <`+refs.ReturnPath(mail.Ref{Shop: string(shop), Effect: string(f.ID)}, "in.example")+`>
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx

Final-Recipient: rfc822; `+person.Email+`
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <`+person.Email+`> unknown

--x--
`, "\n", "\r\n")
	var out bytes.Buffer
	require.NoError(t, mailTakeCommand{}.take(t.Context(), desk, strings.NewReader(report), &out))
	require.Equal(t, "1 taken, 0 known before, 0 of no mail of ours\n", out.String())
	err = mailTakeCommand{}.take(t.Context(), desk, strings.NewReader("Subject: hello\r\n\r\nx"), &out)
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)

	out.Reset()
	list := mailBouncesCommand{ofShop: ofShop{Shop: string(shop)}, Email: strings.ToUpper(person.Email)}
	require.NoError(t, list.list(t.Context(), st, &out))
	for _, want := range []string{"stopped: all since", gate.StoppedBounced, "hard", "dsn", "5.1.1", string(f.ID)} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "@")
	list.Email = "nobody"
	require.Error(t, list.list(t.Context(), st, &out))
}
