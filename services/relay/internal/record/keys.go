package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
)

// Suite is the cipher suite whose records this package knows. Every browser has to offer it (RFC 8827 section 6.5).
const Suite = dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256

const (
	keySize    = 16
	prefixSize = 4
)

// ErrSuite is another cipher suite than Suite.
var ErrSuite = errors.New("cipher suite is not known")

// exported is what a dtls.State writes of itself for a connection to be taken up again, as far as it is needed here.
type exported struct {
	LocalRandom, RemoteRandom [32]byte
	CipherSuiteID             uint16
	MasterSecret              []byte
	SequenceNumber            uint64
	IsClient                  bool
}

// Export takes keys out of a finished handshake. The connection must not send any more: what it has sent is known, and
// what it would send then would be sealed under the same numbers as ours.
func Export(state *dtls.State) (Keys, error) {
	raw, err := state.MarshalBinary()
	if err != nil {
		return Keys{}, fmt.Errorf("export state of handshake: %w", err)
	}
	var e exported
	if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(&e); err != nil {
		return Keys{}, fmt.Errorf("read state of handshake: %w", err)
	}
	if e.CipherSuiteID != uint16(Suite) {
		return Keys{}, fmt.Errorf("%w: %#04x", ErrSuite, e.CipherSuiteID)
	}
	client, server := e.RemoteRandom[:], e.LocalRandom[:]
	if e.IsClient {
		client, server = server, client
	}
	keys, err := prf.GenerateEncryptionKeys(e.MasterSecret, client, server, 0, keySize, prefixSize, sha256.New)
	if err != nil {
		return Keys{}, fmt.Errorf("derive keys of records: %w", err)
	}
	k := Keys{
		SealKey: keys.ServerWriteKey, SealIV: keys.ServerWriteIV,
		OpenKey: keys.ClientWriteKey, OpenIV: keys.ClientWriteIV,
		Next: e.SequenceNumber,
	}
	if e.IsClient {
		k.SealKey, k.SealIV, k.OpenKey, k.OpenIV = k.OpenKey, k.OpenIV, k.SealKey, k.SealIV
	}
	return k, nil
}
