// Package eventsfake plays the five mail providers: it writes their webhooks as
// they do and signs them with keys of its own. Only tests and the demo use it.
package eventsfake

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // signature version 1 of Amazon SNS
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"flywheel/integrations/mail/events"
)

// Delivery is one POST of a provider.
type Delivery struct {
	Header http.Header
	Body   []byte
}

// Request makes the POST to a path.
func (d Delivery) Request(path string) *http.Request {
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, path, bytes.NewReader(d.Body)) // the path is the test's own
	r.Header = d.Header.Clone()
	return r
}

// Provider signs as one of the five does.
type Provider struct {
	Name string
	// Secret is what the receiver checks by.
	Secret string
	// Now stamps signatures.
	Now func() time.Time

	ecdsa *ecdsa.PrivateKey
	rsa   *rsa.PrivateKey
	cert  []byte

	mu   sync.Mutex
	n    int
	seen []string // addresses that were read
}

// The pages of Amazon that the fake serves.
const (
	Topic   = "arn:aws:sns:eu-central-1:123456789012:mails"
	CertURL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
)

// New makes a provider with fresh keys.
func New(name string, now func() time.Time) *Provider {
	p := &Provider{Name: name, Now: now}
	switch name {
	case events.SES:
		p.Secret = Topic
		p.rsa, _ = rsa.GenerateKey(rand.Reader, 2048) // never fails (crypto/rand)
		p.cert = selfSigned(p.rsa, now())
	case events.Postmark:
		p.Secret = "flywheel:" + token()
	case events.SendGrid:
		p.ecdsa, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		der, _ := x509.MarshalPKIXPublicKey(&p.ecdsa.PublicKey)
		p.Secret = base64.StdEncoding.EncodeToString(der)
	case events.Mailgun:
		p.Secret = token()
	case events.Resend:
		p.Secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(token())) //nolint:gosec // made up a moment ago
	}
	return p
}

func token() string {
	raw := make([]byte, 25)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

func selfSigned(key *rsa.PrivateKey, now time.Time) []byte {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(400 * 24 * time.Hour),
	}
	der, _ := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Get serves Amazon's pages, for events.Door.
func (p *Provider) Get(_ context.Context, address string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, address)
	if address == CertURL {
		return p.cert, nil
	}
	if len(address) > 8 && p.rsa != nil {
		return []byte("<ConfirmSubscriptionResponse/>"), nil
	}
	return nil, errors.New("404 Not Found")
}

// Read lists the addresses that were read through Get.
func (p *Provider) Read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.seen...)
}

func (p *Provider) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return p.n
}

// Sign signs a body as the provider does. For SES it is what the topic tells; for
// Mailgun the event-data.
func (p *Provider) Sign(body []byte) Delivery {
	d := Delivery{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	stamp := strconv.FormatInt(p.Now().Unix(), 10)
	switch p.Name {
	case events.SES:
		return p.SNS(map[string]string{"Type": "Notification", "MessageId": fmt.Sprintf("sns-%d", p.next()), "Message": string(body)}, "1")
	case events.Postmark:
		d.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.Secret)))
	case events.SendGrid:
		sum := sha256.Sum256(append([]byte(stamp), body...))
		signature, _ := ecdsa.SignASN1(rand.Reader, p.ecdsa, sum[:])
		d.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", stamp)
		d.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
	case events.Mailgun:
		t := token()
		mac := hmac.New(sha256.New, []byte(p.Secret))
		mac.Write([]byte(stamp + t))
		d.Body, _ = json.Marshal(map[string]any{
			"signature":  map[string]string{"timestamp": stamp, "token": t, "signature": hex.EncodeToString(mac.Sum(nil))},
			"event-data": json.RawMessage(body),
		})
	case events.Resend:
		w, _ := standardwebhooks.NewWebhook(p.Secret)
		id := fmt.Sprintf("msg_%d", p.next())
		signature, _ := w.Sign(id, p.Now(), body)
		d.Header.Set("svix-id", id)
		d.Header.Set("svix-timestamp", stamp)
		d.Header.Set("svix-signature", "v1,bm90IHRoaXMgb25l "+signature) // an older key's beside it
	}
	return d
}

// SNS signs a message of a topic; fields that are not given are as Amazon has them.
func (p *Provider) SNS(fields map[string]string, version string) Delivery {
	m := map[string]string{
		"TopicArn": Topic, "Timestamp": p.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "SignatureVersion": version, "SigningCertURL": CertURL,
	}
	for k, v := range fields {
		m[k] = v
	}
	text := ""
	for _, name := range []string{"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"} {
		if v, set := m[name]; set {
			text += name + "\n" + v + "\n"
		}
	}
	hash, sum := crypto.SHA1, sha1.Sum([]byte(text)) //nolint:gosec // see above
	digest := sum[:]
	if version == "2" {
		wide := sha256.Sum256([]byte(text))
		hash, digest = crypto.SHA256, wide[:]
	}
	signature, _ := rsa.SignPKCS1v15(rand.Reader, p.rsa, hash, digest)
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	body, _ := json.Marshal(m)
	return Delivery{http.Header{
		"Content-Type": {"text/plain; charset=UTF-8"}, "X-Amz-Sns-Message-Type": {m["Type"]}, "X-Amz-Sns-Topic-Arn": {m["TopicArn"]},
	}, body}
}
