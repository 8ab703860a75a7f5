package srtp

import (
	"fmt"
	"sync"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

const cmTagSize = 10

// cm is AES128_CM_HMAC_SHA1_80 (RFC 3711) by pion's context, which is told the index of each packet and so needs no
// memory of its own that matters. Its forks share one context under a lock: this profile is rare.
type cm struct {
	mu         sync.Mutex
	context    *srtp.Context
	rtpHeader  rtp.Header // scratch
	rtcpHeader rtcp.Header
}

func newCM(key, salt []byte) (*cm, error) {
	context, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAes128CmHmacSha1_80)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	return &cm{context: context}, nil
}

func (c *cm) fork() protection { return c }

func (c *cm) overhead() int { return cmTagSize }

func (c *cm) seal(packet []byte, _ int, ssrc uint32, index uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.context.SetROC(ssrc, uint32(index>>16))
	_, err := c.context.EncryptRTP(packet, packet[:len(packet)-cmTagSize], &c.rtpHeader)
	return wrap(ErrMalformed, err)
}

func (c *cm) open(packet []byte, _ int, ssrc uint32, index uint64) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.context.ROC(ssrc); known { // it begins at 0 by itself, and forgets an SSRC that proves forged
		c.context.SetROC(ssrc, uint32(index>>16))
	}
	plain, err := c.context.DecryptRTP(packet, packet, &c.rtpHeader)
	return plain, wrap(ErrForged, err)
}

func (c *cm) sealRTCP(dst, plain []byte, ssrc, index uint32) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.context.SetIndex(ssrc, index-1) // it counts up before it uses it
	sealed, err := c.context.EncryptRTCP(nil, plain, &c.rtcpHeader)
	if err != nil {
		return nil, wrap(ErrMalformed, err)
	}
	return append(dst, sealed...), nil
}

func (c *cm) openRTCP(packet []byte, _, _ uint32) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	plain, err := c.context.DecryptRTCP(packet, packet, &c.rtcpHeader)
	return plain, wrap(ErrForged, err)
}

func (c *cm) rtcpTrailer() int { return cmTagSize }

func wrap(kind, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", kind, err)
}
