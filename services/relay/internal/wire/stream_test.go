package wire

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// client is a participant's ICE-TCP connection.
type client struct {
	tb   testing.TB
	conn net.Conn
}

func dial(tb testing.TB, p *Ports) client {
	tb.Helper()
	conn, err := net.Dial("tcp", p.address(0).String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return client{tb, conn}
}

func frame(data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(data))), data...)
}

func (c client) write(raw []byte) {
	c.tb.Helper()
	if _, err := c.conn.Write(raw); err != nil {
		c.tb.Fatal(err)
	}
}

func (c client) send(data []byte) { c.write(frame(data)) }

func (c client) receive() []byte {
	c.tb.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	var length [2]byte
	if _, err := io.ReadFull(c.conn, length[:]); err != nil {
		c.tb.Fatal(err)
	}
	data := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c.conn, data); err != nil {
		c.tb.Fatal(err)
	}
	return data
}
