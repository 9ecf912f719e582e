package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"flywheel/fault"
)

// partnerVersion is the Partner API's version that partner's operations are written for.
const partnerVersion = "2026-07"

// partnerGraph asks the Partner API. go-shopify is no help here: its client
// knows the hosts of shops only and would send the token there. What judges
// shops' answers judges these, too.
type partnerGraph struct{ o PartnerOptions }

// MakeRequest implements graphql.Client.
func (p partnerGraph) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	question, err := json.Marshal(req)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s/%s/api/%s/graphql.json", strings.TrimSuffix(p.o.URL, "/"), p.o.Org, partnerVersion)
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return fault.Wrap(fault.Permanent, err, "the address of the Partner API is not a URL")
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("X-Shopify-Access-Token", p.o.Token)
	answer, err := p.ask(post)
	if err != nil {
		return err
	}
	if err := (&guard{}).judge(answer); err != nil {
		return err
	}
	if err := json.Unmarshal(answer, resp); err != nil {
		return fault.Wrap(fault.Permanent, err, "the Partner API answered something else than was asked for")
	}
	return nil
}

// ask returns the body of an answer with HTTP 200.
func (p partnerGraph) ask(post *http.Request) ([]byte, error) {
	hc := &http.Client{Transport: p.o.HTTP.Transport, Timeout: p.o.HTTP.Timeout, CheckRedirect: noRedirect} // a redirect would carry the token
	answer, err := hc.Do(post)
	if err != nil {
		return nil, fault.Wrap(fault.Temporary, err, "the Partner API could not be reached")
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Temporary, err, "the Partner API's answer broke off")
	case len(body) > maxAnswer:
		return nil, fault.New(fault.Permanent, "the Partner API's answer is larger than %d bytes", maxAnswer)
	}
	return body, partnerFault(answer.StatusCode)
}

// partnerFault is statusFault for a token that is our own and no shop's.
func partnerFault(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.New(fault.Denied, "the Partner API does not accept the organisation's token (HTTP %d)", status)
	case http.StatusNotFound:
		return fault.New(fault.Permanent, "the Partner API knows no such organisation (HTTP %d)", status)
	}
	return statusFault(status)
}
