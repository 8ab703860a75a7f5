package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

const (
	gcmKey  = 16
	gcmSalt = 12
	tagSize = 16
)

// gcm is AEAD_AES_128_GCM (RFC 7714). The keys are shared by all forks; nonce and additional data are not, because
// they would be allocated each time if they were variables.
type gcm struct {
	rtp, rtcp         cipher.AEAD
	rtpSalt, rtcpSalt nonce

	nonce nonce
	aad   [rtcpHeader + indexSize]byte
}

// nonce is the 12 bytes of RFC 7714 sections 8.1 and 9.1: two zeros, SSRC and 48-bit packet index, XORed with a salt.
type nonce [12]byte

func (n *nonce) set(salt *nonce, ssrc uint32, index uint64) {
	copy(n[:2], salt[:2])
	binary.BigEndian.PutUint32(n[2:], binary.BigEndian.Uint32(salt[2:])^ssrc)
	binary.BigEndian.PutUint16(n[6:], binary.BigEndian.Uint16(salt[6:])^uint16(index>>32))
	binary.BigEndian.PutUint32(n[8:], binary.BigEndian.Uint32(salt[8:])^uint32(index))
}

func newGCM(key, salt []byte) (*gcm, error) {
	if len(key) != gcmKey || len(salt) != gcmSalt {
		return nil, fmt.Errorf("%w: key of %d bytes, salt of %d", ErrProfile, len(key), len(salt))
	}
	master, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("srtp: %w", err)
	}
	g := &gcm{
		rtpSalt:  nonce(derive(master, salt, labelSalt, gcmSalt)),
		rtcpSalt: nonce(derive(master, salt, labelRTCPSalt, gcmSalt)),
	}
	if g.rtp, err = newAEAD(derive(master, salt, labelKey, gcmKey)); err != nil {
		return nil, err
	}
	if g.rtcp, err = newAEAD(derive(master, salt, labelRTCPKey, gcmKey)); err != nil {
		return nil, err
	}
	return g, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("srtp: %w", err)
	}
	return cipher.NewGCM(block)
}

func (g *gcm) fork() protection {
	own := *g
	return &own
}

func (g *gcm) overhead() int { return tagSize }

func (g *gcm) seal(packet []byte, header int, ssrc uint32, index uint64) error {
	g.nonce.set(&g.rtpSalt, ssrc, index)
	g.rtp.Seal(packet[header:header], g.nonce[:], packet[header:len(packet)-tagSize], packet[:header])
	return nil
}

func (g *gcm) open(packet []byte, header int, ssrc uint32, index uint64) ([]byte, error) {
	g.nonce.set(&g.rtpSalt, ssrc, index)
	payload, err := g.rtp.Open(packet[header:header], g.nonce[:], packet[header:], packet[:header])
	if err != nil {
		return nil, ErrForged
	}
	return packet[:header+len(payload)], nil
}

// sealRTCP puts the tag before the index (RFC 7714 section 9).
func (g *gcm) sealRTCP(dst, plain []byte, ssrc, index uint32) ([]byte, error) {
	g.additional(plain, ssrc, index)
	dst = append(dst, plain[:rtcpHeader]...)
	dst = g.rtcp.Seal(dst, g.nonce[:], plain[rtcpHeader:], g.aad[:])
	return append(dst, g.aad[rtcpHeader:]...), nil
}

func (g *gcm) openRTCP(packet []byte, ssrc, index uint32) ([]byte, error) {
	g.additional(packet, ssrc, index)
	body, err := g.rtcp.Open(packet[rtcpHeader:rtcpHeader], g.nonce[:], packet[rtcpHeader:len(packet)-indexSize], g.aad[:])
	if err != nil {
		return nil, ErrForged
	}
	return packet[:rtcpHeader+len(body)], nil
}

func (g *gcm) rtcpTrailer() int { return 0 }

// additional sets nonce and additional data of an RTCP packet: its header and the index with the flag "encrypted".
func (g *gcm) additional(packet []byte, ssrc, index uint32) {
	g.nonce.set(&g.rtcpSalt, ssrc, uint64(index))
	copy(g.aad[:], packet[:rtcpHeader])
	binary.BigEndian.PutUint32(g.aad[rtcpHeader:], index|encrypted)
}
