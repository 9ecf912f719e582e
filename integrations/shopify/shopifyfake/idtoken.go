package shopifyfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// IDTokenLife is how long an ID token is good for.
const IDTokenLife = time.Minute

type idClaims struct {
	Issuer    string `json:"iss"`
	Dest      string `json:"dest"`
	Audience  string `json:"aud"`
	User      string `json:"sub"`
	ExpiresAt int64  `json:"exp"`
	NotBefore int64  `json:"nbf"`
	IssuedAt  int64  `json:"iat"`
	ID        string `json:"jti"`
	Session   string `json:"sid"`
}

// IDToken is what the admin of a shop hands the app for that user at at: a JWT
// signed with the app's secret (HS256), good for a minute.
func (f *Fake) IDToken(domain string, user int64, at time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := strconv.FormatInt(f.mint(), 10)
	return JWT(f.app.Secret, idClaims{
		Issuer: "https://" + domain + "/admin", Dest: "https://" + domain, Audience: f.app.Key, User: strconv.FormatInt(user, 10),
		ExpiresAt: at.Add(IDTokenLife).Unix(), NotBefore: at.Unix(), IssuedAt: at.Unix(),
		ID: digest("jti", domain, n)[:32], Session: digest("sid", domain, strconv.FormatInt(user, 10)),
	})
}

// JWT signs claims (HS256), for ID tokens that are wrong in some way.
func JWT(secret string, claims any) string {
	text := segment([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + segment(write(claims))
	return text + "." + segment(sum256(secret, text))
}

func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func sum256(secret, text string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

// believes reports whether an ID token is ours, of that shop and not over. f.mu is held.
func (f *Fake) believes(token, domain string) bool {
	head, rest, _ := strings.Cut(token, ".")
	body, signature, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(raw, sum256(f.app.Secret, head+"."+body)) {
		return false
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var c idClaims
	if !unsegment(head, &header) || !unsegment(body, &c) {
		return false
	}
	now := f.now().Unix()
	const leeway = 10
	return header.Alg == "HS256" && c.Audience == f.app.Key && c.Dest == "https://"+domain && c.User != "" &&
		now <= c.ExpiresAt+leeway && now >= c.NotBefore-leeway
}

func unsegment(text string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(raw, into) == nil
}
