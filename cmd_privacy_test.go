package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestEraseNamesOnePersonAndIsMeant(t *testing.T) {
	for _, tt := range []struct {
		flags privacyEraseCommand
		want  string
	}{
		{privacyEraseCommand{Yes: true}, "--email or --customer"},
		{privacyEraseCommand{Email: "a@example.com", Customer: "7", Yes: true}, "--email or --customer"},
		{privacyEraseCommand{Email: "nobody", Yes: true}, "not an address"},
		{privacyEraseCommand{Email: "a@example.com"}, "--yes"},
	} {
		_, err := tt.flags.whom()
		require.ErrorContains(t, err, tt.want)
	}
	w, err := privacyEraseCommand{Customer: "cus_7", Platform: "stripe", Yes: true}.whom()
	require.NoError(t, err)
	require.Equal(t, store.Whom{Customers: []commerce.Identity{{Kind: commerce.ByStripe, Value: "cus_7"}}}, w)
}

func TestEraseOnTheCommandLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		held, ok, err := s.LeaseInbox(t.Context(), shop, "a drain")
		require.NoError(t, err)
		require.True(t, ok)
		done := make(chan error, 1)
		go func() {
			_, err := privacy.Erase(t.Context(), s, shop, store.Whom{Emails: []string{ada.Email}}, time.Minute)
			done <- err
		}()
		p, err := s.Person(t.Context(), shop, ada.ID)
		require.NoError(t, err)
		require.False(t, p.Erased, "a drain is at work")
		require.NoError(t, s.ReleaseInbox(t.Context(), held))
		require.NoError(t, <-done)
		p, err = s.Person(t.Context(), shop, ada.ID)
		require.NoError(t, err)
		require.True(t, p.Erased)

		requests, err := s.PrivacyRequests(t.Context(), shop, 10)
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, listRequests(&out, requests))
		require.Contains(t, out.String(), "customers/redact  done")
		proofs, err := s.Erasures(t.Context(), shop, "", 10)
		require.NoError(t, err)
		require.Len(t, proofs, 1)
		for json, want := range map[bool]string{false: "customer of shop " + string(shop), true: `"kind":"customer"`} {
			out.Reset()
			require.NoError(t, privacyReportCommand{JSON: json}.print(&out, proofs[0]))
			require.Contains(t, out.String(), want)
			require.NotContains(t, out.String(), ada.Email)
		}
		_, err = privacy.Erase(t.Context(), s, "no-shop", store.Whom{Emails: []string{ada.Email}}, time.Minute)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestRequestsAreListedWithTheirState(t *testing.T) {
	var out strings.Builder
	require.NoError(t, listRequests(&out, []store.PrivacyRequest{
		{ID: "r1", Kind: commerce.ReportData},
		{ID: "r2", Kind: commerce.ReportData, DoneAt: 1, Export: "e"},
		{ID: "r3", Kind: commerce.EraseShop, DoneAt: 1, Report: store.Report{Note: "it is connected"}},
	}))
	for _, want := range []string{"r1       customers/data_request  open", "export ready", "not carried out: it is connected"} {
		require.Contains(t, out.String(), want)
	}
	out.Reset()
	require.NoError(t, listRequests(&out, nil))
	require.Equal(t, "no requests\n", out.String())
}

func TestTheFileOfErasuresLiesBesideTheDatabase(t *testing.T) {
	require.Equal(t, "data/tombstones.jsonl", besideDatabase("sqlite:data/flywheel.db"))
	require.Empty(t, besideDatabase("postgres://db/flywheel"), "only the operator knows where its backups lie")
}
