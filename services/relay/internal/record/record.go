// Package record is the record layer of DTLS 1.2 (RFC 6347 section 4.1) as it is after the handshake, for the one
// cipher suite that the relay agrees to: AES-128-GCM (RFC 5288).
//
// Pion's connection does the handshake. Afterwards it would cost three goroutines per participant, and each record two
// changes of goroutine; here records are opened where they were read and sealed where they are sent. Keys and the
// number to go on with are taken out of Pion's connection, which is silenced before: no number is sealed twice.
//
// A Layer is not safe for concurrent use. It allocates nothing per record.
package record

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
)

// Type is the content type of a record.
type Type uint8

// Content types (RFC 6347 section 4.1).
const (
	ChangeCipherSpec Type = 20
	Alert            Type = 21
	Handshake        Type = 22
	Data             Type = 23
)

const (
	// Header is the length of what stands before each record's content, in octets.
	Header = 13
	// Overhead is how much longer a sealed record is than its content, in octets.
	Overhead = Header + explicitNonce + tag

	explicitNonce = 8
	tag           = 16
	version       = 0xfefd // DTLS 1.2
	// epoch counts the changes of keys: there is one, at the end of the handshake.
	epoch = 1
	// lastNumber is the greatest number of a record.
	lastNumber = 1<<48 - 1
)

var (
	// ErrForged is a record that was not sealed by the other end, or has been changed on its way.
	ErrForged = errors.New("record is not genuine")
	// ErrReplay is a record that has come before, or too late to know.
	ErrReplay = errors.New("record has been opened before")
	// ErrUsedUp means that all numbers have been used.
	ErrUsedUp = errors.New("no number for a record is left")
)

// Record is one record of a datagram.
type Record struct {
	Type  Type
	Epoch uint16
	// Raw is all of it, header included.
	Raw []byte
}

// Next takes the first record off a datagram. ok is false when there is none, or it does not fit.
func Next(datagram []byte) (r Record, rest []byte, ok bool) {
	if len(datagram) < Header {
		return r, nil, false
	}
	size := Header + int(binary.BigEndian.Uint16(datagram[11:]))
	if size > len(datagram) {
		return r, nil, false
	}
	return Record{
		Type: Type(datagram[0]), Epoch: binary.BigEndian.Uint16(datagram[3:]), Raw: datagram[:size:size],
	}, datagram[size:], true
}

// Keys are those of both directions, with what goes before each nonce, and the number of the next record.
type Keys struct {
	SealKey, SealIV []byte
	OpenKey, OpenIV []byte
	Next            uint64
}

// Layer seals and opens the records of one connection.
type Layer struct {
	seal, open direction
	next       uint64
	window     window
}

// direction is a cipher with room for what it is fed: escaping to the cipher it would be allocated each time.
type direction struct {
	aead       cipher.AEAD
	nonce      [4 + explicitNonce]byte
	additional [Header]byte
}

func newDirection(key, iv []byte) (d direction, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return d, err
	}
	if d.aead, err = cipher.NewGCM(block); err != nil {
		return d, err
	}
	copy(d.nonce[:], iv)
	return d, nil
}

// aim makes nonce and additional data (RFC 5246 section 6.2.3.3, RFC 6347 section 4.1.2.1) for a record.
func (d *direction) aim(number, nonce []byte, kind Type, length int) {
	copy(d.nonce[4:], nonce)
	copy(d.additional[:], number)
	d.additional[8] = byte(kind)
	binary.BigEndian.PutUint16(d.additional[9:], version)
	binary.BigEndian.PutUint16(d.additional[11:], uint16(length))
}

// New makes the layer of a connection.
func New(k Keys) (*Layer, error) {
	l := &Layer{next: k.Next}
	var err error
	if l.seal, err = newDirection(k.SealKey, k.SealIV); err != nil {
		return nil, err
	}
	l.open, err = newDirection(k.OpenKey, k.OpenIV)
	return l, err
}

// Seal writes a record into to, which has room for the content and Overhead and does not overlap it.
func (l *Layer) Seal(to []byte, kind Type, content []byte) error {
	if l.next > lastNumber {
		return ErrUsedUp
	}
	to = to[:len(content)+Overhead]
	to[0] = byte(kind)
	binary.BigEndian.PutUint16(to[1:], version)
	binary.BigEndian.PutUint64(to[3:], epoch<<48|l.next)
	binary.BigEndian.PutUint16(to[11:], uint16(len(to)-Header))
	number := to[3:11]
	copy(to[Header:], number)
	l.next++
	l.seal.aim(number, number, kind, len(content))
	l.seal.aead.Seal(to[:Header+explicitNonce], l.seal.nonce[:], content, l.seal.additional[:])
	return nil
}

// Open opens a record in place and returns its content.
func (l *Layer) Open(r Record) ([]byte, error) {
	if len(r.Raw) < Overhead || r.Epoch != epoch || binary.BigEndian.Uint16(r.Raw[1:]) != version {
		return nil, ErrForged
	}
	number := binary.BigEndian.Uint64(r.Raw[3:]) & lastNumber
	if !l.window.fresh(number) {
		return nil, ErrReplay
	}
	sealed := r.Raw[Header+explicitNonce:]
	l.open.aim(r.Raw[3:11], r.Raw[Header:Header+explicitNonce], r.Type, len(sealed)-tag)
	content, err := l.open.aead.Open(sealed[:0], l.open.nonce[:], sealed, l.open.additional[:])
	if err != nil {
		return nil, ErrForged
	}
	l.window.use(number)
	return content, nil
}

// window remembers which of the newest 64 numbers have come (RFC 6347 section 4.1.2.6).
type window struct {
	newest uint64
	seen   uint64 // bit n: newest-n
}

func (w *window) fresh(number uint64) bool {
	if number > w.newest {
		return true
	}
	behind := w.newest - number
	return behind < 64 && w.seen>>behind&1 == 0
}

func (w *window) use(number uint64) {
	if number > w.newest {
		w.seen <<= number - w.newest // by 64 and more it is 0
		w.newest = number
	}
	w.seen |= 1 << (w.newest - number)
}
