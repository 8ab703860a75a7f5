package directory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/tongke-edu/tongke/pkg/ids"
)

// Credential is a random token of 256 bits in base64url that stands for a session or a device. Whoever has it is
// whom it stands for; only its hash is stored.
type Credential string

// CredentialHash is the SHA-256 of a credential or pairing secret, in hex. A plain hash suffices: there is nothing to
// guess in 256 random bits.
type CredentialHash string

// NewCredential returns a fresh credential.
func NewCredential() Credential { return Credential(ids.Secret()) }

// Hash returns what is stored of the credential.
func (c Credential) Hash() CredentialHash { return hashOf(string(c)) }

// deviceDomain keeps the device credential apart from every other use of the secret.
const deviceDomain = "tongke device credential\x00"

// DeviceCredential derives the device's credential from the secret that its pairing was started with. The screen can
// therefore collect it again when an answer was lost, and the server need not keep it.
func DeviceCredential(secret string) Credential {
	sum := sha256.Sum256([]byte(deviceDomain + secret))
	return Credential(base64.RawURLEncoding.EncodeToString(sum[:]))
}

func hashOf(secret string) CredentialHash {
	sum := sha256.Sum256([]byte(secret))
	return CredentialHash(hex.EncodeToString(sum[:]))
}
