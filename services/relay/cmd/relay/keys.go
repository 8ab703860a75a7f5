package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

var (
	errNoIssuer = errors.New("nobody could call: name an issuer and its key with --trust")
	errNoKey    = errors.New("holds no Ed25519 public key in PEM")
)

// readKeys reads the public keys of the issuers that the relay believes.
func readKeys(files map[string]string) (map[string]ed25519.PublicKey, error) {
	if len(files) == 0 {
		return nil, errNoIssuer
	}
	keys := map[string]ed25519.PublicKey{}
	for issuer, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", issuer, err)
		}
		if keys[issuer], err = parseKey(raw); err != nil {
			return nil, fmt.Errorf("key of %s: %s %w", issuer, file, err)
		}
	}
	return keys, nil
}

// parseKey reads a public key as "openssl pkey -pubout" writes it (RFC 8410).
func parseKey(raw []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errNoKey
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errNoKey
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errNoKey
	}
	return public, nil
}
