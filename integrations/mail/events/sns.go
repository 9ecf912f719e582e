package events

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // signature version 1, which is what topics use unless they are told otherwise
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	"github.com/tidwall/gjson"

	"flywheel/fault"
)

// certificate is a signing certificate of Amazon SNS.
type certificate struct {
	key           *rsa.PublicKey
	after, before time.Time // it is good between these
}

var (
	// snsHost are the endpoints of SNS, those of China and GovCloud among them
	// (Amazon's own message validators have the same pattern). Other hosts of
	// amazonaws.com may be anybody's bucket.
	snsHost  = regexp.MustCompile(`^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$`)
	topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$`)
)

// maxCerts bounds the cache; Amazon has one certificate a region at a time.
const maxCerts = 16

// signedFields are what the signature covers, in this order
// (docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html).
// A field that is absent is left out; a Notification has no Token and no SubscribeURL.
var signedFields = []string{"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}

// verifySNS checks a message of Amazon SNS. Whoever has an account there can have
// one signed, so the topic must be one that is expected; it is asked first, and
// strangers cause no look-up.
func (d *Door) verifySNS(ctx context.Context, topics []string, m gjson.Result) error {
	if !slices.Contains(topics, m.Get("TopicArn").String()) {
		return denied()
	}
	signature, err := base64.StdEncoding.DecodeString(m.Get("Signature").String())
	if err != nil || len(signature) == 0 {
		return denied()
	}
	cert, err := d.certificate(ctx, m.Get("SigningCertURL").String())
	if err != nil {
		return err
	}
	var text strings.Builder
	notification := m.Get("Type").String() == "Notification"
	for _, name := range signedFields {
		v := m.Get(name)
		if v.Type != gjson.String || notification && (name == "Token" || name == "SubscribeURL") {
			continue
		}
		text.WriteString(name + "\n" + v.String() + "\n")
	}
	switch m.Get("SignatureVersion").String() {
	case "1":
		sum := sha1.Sum([]byte(text.String())) //nolint:gosec // see above
		err = rsa.VerifyPKCS1v15(cert.key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256([]byte(text.String()))
		err = rsa.VerifyPKCS1v15(cert.key, crypto.SHA256, sum[:], signature)
	default:
		return denied()
	}
	if err != nil {
		return denied()
	}
	return nil
}

// snsURL takes an address of SNS apart; others are refused.
func snsURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" || !snsHost.MatchString(u.Hostname()) {
		return nil, denied()
	}
	return u, nil
}

func (d *Door) certificate(ctx context.Context, address string) (certificate, error) {
	u, err := snsURL(address)
	if err != nil || !strings.HasSuffix(u.Path, ".pem") || u.RawQuery != "" {
		return certificate{}, denied()
	}
	d.mu.Lock()
	cert, known := d.certs[u.String()]
	d.mu.Unlock()
	if !known {
		raw, err := d.get(ctx, u.String())
		if err != nil {
			return certificate{}, fault.Wrap(fault.Temporary, err, "the certificate of Amazon SNS could not be read")
		}
		if cert, err = readCertificate(raw); err != nil {
			return certificate{}, fault.Wrap(fault.Temporary, err, "the certificate of Amazon SNS is none")
		}
		d.mu.Lock()
		if d.certs == nil || len(d.certs) >= maxCerts {
			d.certs = map[string]certificate{}
		}
		d.certs[u.String()] = cert
		d.mu.Unlock()
	}
	if now := d.now(); now.Before(cert.after) || now.After(cert.before) {
		return certificate{}, denied()
	}
	return cert, nil
}

func readCertificate(raw []byte) (certificate, error) {
	block, _ := pem.Decode(raw)
	if block == nil {
		return certificate{}, errors.New("no PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return certificate{}, err
	}
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return certificate{}, errors.New("not an RSA key")
	}
	return certificate{key, c.NotBefore, c.NotAfter}, nil
}

// confirm answers a SubscriptionConfirmation: that its address is read says yes.
func (d *Door) confirm(ctx context.Context, m gjson.Result) error {
	u, err := snsURL(m.Get("SubscribeURL").String())
	if err != nil {
		return err
	}
	if q := u.Query(); q.Get("Action") != "ConfirmSubscription" || q.Get("TopicArn") != m.Get("TopicArn").String() {
		return denied()
	}
	if _, err := d.get(ctx, u.String()); err != nil {
		return fault.Wrap(fault.Temporary, err, "the subscription could not be confirmed at Amazon SNS")
	}
	return nil
}

func (d *Door) get(ctx context.Context, address string) ([]byte, error) {
	if d.Get != nil {
		return d.Get(ctx, address)
	}
	return guardedGet(ctx, address)
}

// guarded reads public addresses only, and goes where it was sent and no further.
var guarded = &http.Client{
	Timeout:       5 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second, Control: ssrf.New(ssrf.WithPorts(443)).Safe}).DialContext,
		TLSHandshakeTimeout: 3 * time.Second, MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	},
}

func guardedGet(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := guarded.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return body, err
}
