package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"github.com/pion/dtls/v3"
)

// exporterLabel is that of the exporter of RFC 5764 section 4.2.
const exporterLabel = "EXTRACTOR-dtls_srtp"

// Labels of RFC 3711 section 4.3.2, as far as GCM needs them.
const (
	labelKey      = 0
	labelSalt     = 2
	labelRTCPKey  = 3
	labelRTCPSalt = 5
)

// Keys are the master keys and salts of both directions.
type Keys struct {
	Profile               dtls.SRTPProtectionProfile
	LocalKey, LocalSalt   []byte // protect what we send
	RemoteKey, RemoteSalt []byte
}

// Exporter is what Export needs of a finished handshake; *dtls.State has it.
type Exporter interface {
	ExportKeyingMaterial(label string, context []byte, length int) ([]byte, error)
}

// sizes returns the lengths of master key and salt (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
func sizes(profile dtls.SRTPProtectionProfile) (key, salt int, err error) {
	switch profile {
	case dtls.SRTP_AEAD_AES_128_GCM:
		return gcmKey, gcmSalt, nil
	case dtls.SRTP_AES128_CM_HMAC_SHA1_80:
		return 16, 14, nil
	default:
		return 0, 0, fmt.Errorf("%w: %#04x", ErrProfile, uint16(profile))
	}
}

// Export takes the keys for the profile out of a handshake in which we were the DTLS server, or the client.
func Export(from Exporter, profile dtls.SRTPProtectionProfile, server bool) (Keys, error) {
	key, salt, err := sizes(profile)
	if err != nil {
		return Keys{}, err
	}
	material, err := from.ExportKeyingMaterial(exporterLabel, nil, 2*(key+salt))
	if err != nil {
		return Keys{}, fmt.Errorf("export srtp keys: %w", err)
	}
	next := func(n int) (part []byte) {
		part, material = material[:n:n], material[n:]
		return part
	}
	// In the order of RFC 5764: client's key, server's key, client's salt, server's salt.
	k := Keys{Profile: profile, RemoteKey: next(key), LocalKey: next(key), RemoteSalt: next(salt), LocalSalt: next(salt)}
	if !server {
		k.LocalKey, k.RemoteKey = k.RemoteKey, k.LocalKey
		k.LocalSalt, k.RemoteSalt = k.RemoteSalt, k.LocalSalt
	}
	return k, nil
}

// derive computes a session key or salt of n bytes, at most one block (RFC 3711 section 4.3.3, RFC 7714 section 11).
func derive(master cipher.Block, salt []byte, label byte, n int) []byte {
	var block [aes.BlockSize]byte
	copy(block[:], salt)
	block[7] ^= label
	master.Encrypt(block[:], block[:])
	return block[:n]
}
