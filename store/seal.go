package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/klauspost/compress/s2"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"flywheel/commerce"
	"flywheel/fault"
)

// Keyring holds SECRET_KEY: the first key wraps, all of them open.
type Keyring struct {
	keys []*subtle.AESGCM
	raw  [][]byte
}

// ParseKeyring reads 32-byte keys in base64, several by comma. Errors are
// fault.Invalid and never show a key.
func ParseKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	for i, part := range strings.Split(text, ",") {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil || len(raw) != 32 {
			return nil, fault.New(fault.Invalid, "SECRET_KEY number %d is not 32 bytes of base64 (openssl rand -base64 32 makes one)", i+1)
		}
		key, err := subtle.NewAESGCM(raw)
		if err != nil {
			return nil, err
		}
		k.keys, k.raw = append(k.keys, key), append(k.raw, raw)
	}
	return k, nil
}

// Derive returns a key of 32 bytes for one purpose from each key: the first
// signs, all of them check. It says nothing about the key it comes from.
func (k *Keyring) Derive(purpose string) [][]byte {
	out := make([][]byte, len(k.raw))
	for i, raw := range k.raw {
		out[i] = subkey(raw, "flywheel "+purpose)
	}
	return out
}

// Seal encrypts plain for the context it stands in.
func (k *Keyring) Seal(plain []byte, context string) ([]byte, error) {
	return k.keys[0].Encrypt(plain, []byte(context))
}

// Open decrypts what Seal made with any of the keys.
func (k *Keyring) Open(sealed []byte, context string) ([]byte, error) {
	for _, key := range k.keys {
		if plain, err := key.Decrypt(sealed, []byte(context)); err == nil {
			return plain, nil
		}
	}
	return nil, fault.New(fault.Permanent, "a sealed value cannot be opened: SECRET_KEY does not hold its key")
}

// dataKey is a shop's own key, opened.
type dataKey struct {
	aead    *subtle.AESGCM
	address []byte // for keyed address hashes
	reward  []byte // for the codes of rewards
}

func newDataKey() ([]byte, error) {
	raw := make([]byte, 32)
	_, err := rand.Read(raw)
	return raw, err
}

func openDataKey(raw []byte) (*dataKey, error) {
	aead, err := subtle.NewAESGCM(raw)
	if err != nil {
		return nil, err
	}
	return &dataKey{aead, subkey(raw, "flywheel address hash"), subkey(raw, "flywheel reward code")}, nil
}

// subkey derives a key for one purpose.
func subkey(raw []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// dataKey returns the key of shop; a shop whose key was destroyed is fault.NotFound.
func (s *Store) dataKey(ctx context.Context, shop commerce.ShopID) (*dataKey, error) {
	return s.keyOf(s.query(ctx), shop)
}

// dataKey reads through the transaction's own connection: waiting for a second
// one while holding the first could empty the pool for good.
func (tx *Tx) dataKey(shop commerce.ShopID) (*dataKey, error) {
	return tx.store.keyOf(&tx.query, shop)
}

func (s *Store) keyOf(q *query, shop commerce.ShopID) (*dataKey, error) {
	if k, ok := s.dataKeys.Load(shop); ok {
		return k.(*dataKey), nil
	}
	var wrapped []byte
	found, err := q.one([]any{&wrapped}, `SELECT data_key FROM shops WHERE id = $1`, shop)
	if err != nil {
		return nil, err
	}
	if !found || len(wrapped) == 0 {
		return nil, fault.New(fault.NotFound, "shop %s has no data key", shop)
	}
	raw, err := s.keys.Open(wrapped, "shop "+string(shop))
	if err != nil {
		return nil, fmt.Errorf("data key of %s: %w", shop, err)
	}
	k, err := openDataKey(raw)
	if err == nil {
		s.dataKeys.Store(shop, k)
	}
	return k, err
}

// hash returns the keyed hash under which an address is suppressed and counted; "" for none.
func (k *dataKey) hash(email string) string {
	if email == "" {
		return ""
	}
	mac := hmac.New(sha256.New, k.address)
	mac.Write([]byte(email))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// seal compresses and encrypts; context ties the value to its row.
func (k *dataKey) seal(plain []byte, context string) ([]byte, error) {
	return k.aead.Encrypt(s2.Encode(nil, plain), []byte(context))
}

func (k *dataKey) open(sealed []byte, context string) ([]byte, error) {
	packed, err := k.aead.Decrypt(sealed, []byte(context))
	if err != nil {
		return nil, fault.New(fault.Permanent, "a sealed value cannot be opened: %s", context)
	}
	return s2.Decode(nil, packed)
}

// AddressHash returns the keyed hash of a normalised address in shop.
func (s *Store) AddressHash(ctx context.Context, shop commerce.ShopID, email string) (string, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return "", err
	}
	return k.hash(email), nil
}
