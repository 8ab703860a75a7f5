package rpc

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// IdentityHeader is the metadata key of the signed identity: a JWT with an EdDSA signature (RFC 8037).
const IdentityHeader = "x-tongke-identity"

const (
	identityLifetime = 60 * time.Second
	// clockSkew is how far the clocks of two servers may lie apart.
	clockSkew = 5 * time.Second
)

// claims is an Identity on the wire.
type claims struct {
	jwt.RegisteredClaims
	Kind        Kind            `json:"knd"`
	Roles       []commonv1.Role `json:"rol,omitempty"`
	Name        string          `json:"nam,omitempty"`
	CampusID    string          `json:"cmp,omitempty"`
	CampusName  string          `json:"cmn,omitempty"`
	ClassroomID string          `json:"rom,omitempty"`
	Credential  string          `json:"crd,omitempty"`
}

// Signer signs identities in the name of an issuer. It is safe for concurrent use.
type Signer struct {
	issuer string
	key    ed25519.PrivateKey
	now    func() time.Time
}

// NewSigner returns a signer for the issuer's key.
func NewSigner(issuer string, key ed25519.PrivateKey) *Signer {
	return &Signer{issuer: issuer, key: key, now: time.Now}
}

// Sign returns a token that vouches for id for 60 s.
func (s *Signer) Sign(id Identity) (string, error) {
	now := s.now()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    s.issuer,
			Subject:   id.Subject,
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(identityLifetime)),
		},
		Kind:        id.Kind,
		Roles:       id.Roles,
		Name:        id.Name,
		CampusID:    id.CampusID,
		CampusName:  id.CampusName,
		ClassroomID: id.ClassroomID,
		Credential:  id.CredentialID,
	})
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("sign identity of %s: %w", id.Subject, err)
	}
	return signed, nil
}

// Verifier checks signed identities against the keys of known issuers. It is safe for concurrent use.
type Verifier struct {
	keys   map[string]ed25519.PublicKey
	parser *jwt.Parser
}

// NewVerifier returns a verifier that trusts the given issuers.
func NewVerifier(keys map[string]ed25519.PublicKey) *Verifier {
	return &Verifier{keys: keys, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockSkew),
	)}
}

// Verify returns the identity that a token vouches for. It refuses a token that is forged, expired, issued in the
// future, without subject, or of an unknown issuer.
func (v *Verifier) Verify(token string) (Identity, error) {
	var c claims
	_, err := v.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		key, ok := v.keys[c.Issuer]
		if !ok {
			return nil, fmt.Errorf("unknown issuer %q", c.Issuer)
		}
		return key, nil
	})
	if err != nil {
		return Identity{}, fmt.Errorf("verify identity: %w", err)
	}
	if c.Subject == "" {
		return Identity{}, fmt.Errorf("verify identity: no subject")
	}
	return Identity{
		Subject:      c.Subject,
		Kind:         c.Kind,
		Roles:        c.Roles,
		Name:         c.Name,
		CampusID:     c.CampusID,
		CampusName:   c.CampusName,
		ClassroomID:  c.ClassroomID,
		CredentialID: c.Credential,
	}, nil
}
