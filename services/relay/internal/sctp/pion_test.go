package sctp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	pion "github.com/pion/sctp"
)

// numbered is a message that tells its number, its length and whether its octets are right.
func numbered(number, size int) []byte {
	m := make([]byte, size)
	for i := range m {
		m[i] = byte(number*31 + i*7)
	}
	if size >= 8 {
		binary.BigEndian.PutUint64(m, uint64(number))
	}
	return m
}

// sizeOf spreads the sizes of messages from one octet to a bound.
func sizeOf(number, bound int) int {
	switch number % 5 {
	case 0:
		return 1
	case 1:
		return bound
	case 2:
		return 1 + number*37%100
	default:
		return 1 + number*7919%bound
	}
}

func TestAssociation_BringsAllMessagesInOrderOnceOverABadLink(t *testing.T) {
	const ours, theirs = 50, 150
	for _, loss := range []float64{0, 0.05, 0.2, 0.4} {
		t.Run(fmt.Sprintf("loss %v", loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				received, enough := 0, make(chan struct{})
				h, a := connect(t, loss, func(stream uint16, message []byte) {
					if want := numbered(received, sizeOf(received, 4<<10)); stream != 0 || !bytes.Equal(message, want) {
						t.Errorf("stream %d, message %d: %d octets, want %d", stream, received, len(message), len(want))
					}
					if received++; received == theirs {
						close(enough)
					}
				})
				s, err := a.OpenStream(0, pion.PayloadTypeWebRTCBinary)
				if err != nil {
					t.Fatal(err)
				}
				started := time.Now()
				go func() {
					for i := range theirs {
						s.WriteSCTP(numbered(i, sizeOf(i, 4<<10)), pion.PayloadTypeWebRTCBinary)
					}
				}()
				go func() {
					for i := range ours {
						h.send(t, 0, numbered(i, sizeOf(i, 64<<10)))
					}
				}()
				buffer := make([]byte, 64<<10)
				for i := range ours {
					n, kind, err := s.ReadSCTP(buffer)
					if err != nil || kind != pion.PayloadTypeWebRTCBinary {
						t.Fatalf("message %d: kind %v, %v", i, kind, err)
					}
					if want := numbered(i, sizeOf(i, 64<<10)); !bytes.Equal(buffer[:n], want) {
						t.Fatalf("message %d: %d octets, want %d", i, n, len(want))
					}
				}
				t.Logf("%d messages of ours after %v", ours, time.Since(started))
				<-enough
				t.Logf("%d messages of theirs after %v", theirs, time.Since(started))
				time.Sleep(time.Minute) // for what would come twice
				synctest.Wait()
				h.do(func(time.Time) {
					if received != theirs || h.a.Buffered() != 0 || !h.a.Deadline().IsZero() || h.a.Ended() != nil {
						t.Errorf("received %d, buffered %d, deadline %v, ended: %v",
							received, h.a.Buffered(), h.a.Deadline(), h.a.Ended())
					}
					if h.a.assembly.held != nil || h.a.assembly.cost != 0 {
						t.Errorf("holds %d chunks, %d octets", len(h.a.assembly.held), h.a.assembly.cost)
					}
				})
			})
		})
	}
}

func TestAssociation_CarriesNegotiatedDataChannels(t *testing.T) {
	for _, loss := range []float64{0, 0.2} {
		t.Run(fmt.Sprintf("loss %v", loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const messages = 200
				control, pointer := 0, map[uint64]int{}
				var h *host
				h, a := connect(t, loss, func(stream uint16, message []byte) {
					if stream == 1 {
						pointer[binary.BigEndian.Uint64(message)]++
						return
					}
					if want := numbered(control, 60); !bytes.Equal(message, want) {
						t.Errorf("message %d is another", control)
					}
					control++
					if err := h.a.Send(0, message); err != nil { // the answer to a heartbeat
						t.Error(err)
					}
				})
				logs := &logging.DefaultLoggerFactory{}
				zero, err := datachannel.Dial(a, 0, &datachannel.Config{Negotiated: true, LoggerFactory: logs})
				if err != nil {
					t.Fatal(err)
				}
				stream, err := a.OpenStream(1, pion.PayloadTypeWebRTCBinary)
				if err != nil {
					t.Fatal(err)
				}
				stream.SetReliabilityParams(true, pion.ReliabilityTypeRexmit, 0) // datachannel leaves it to pion/webrtc
				one, err := datachannel.Client(stream, &datachannel.Config{Negotiated: true, LoggerFactory: logs})
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for i := range messages {
						zero.Write(numbered(i, 60))
						one.Write(numbered(i, 8+i*13%2000))
						time.Sleep(20 * time.Millisecond) // the pace of a pointer
					}
				}()
				buffer := make([]byte, 64<<10)
				for i := range messages {
					n, err := zero.Read(buffer)
					if err != nil || !bytes.Equal(buffer[:n], numbered(i, 60)) {
						t.Fatalf("answer %d: %d octets, %v", i, n, err)
					}
				}
				time.Sleep(10 * time.Second) // of the bubble: what is given up has been
				h.do(func(time.Time) {
					if least := int(messages * (1 - 3*loss)); len(pointer) < least || loss > 0 && len(pointer) == messages {
						t.Errorf("%d of %d pointer messages came", len(pointer), messages)
					}
					for number, times := range pointer {
						if times != 1 {
							t.Errorf("pointer message %d came %d times", number, times)
						}
					}
					if h.a.assembly.cost != 0 {
						t.Errorf("still holds %d octets", h.a.assembly.cost)
					}
				})
			})
		})
	}
}
