package web_test

import (
	"testing"

	"connectrpc.com/connect"

	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/web"
)

// BenchmarkCall measures a unary call from a client on the loopback through web to a service and back.
func BenchmarkCall(b *testing.B) {
	w := newWorld(b, func(c *web.Config) { c.Limits.CallsPerSecond, c.Limits.CallsBurst = 1e9, 1e9 })
	browser := w.signedIn(b)
	for name, options := range map[string][]connect.ClientOption{"binary": nil, "JSON": {connect.WithProtoJSON()}} {
		b.Run(name, func(b *testing.B) {
			client := browser.lessonClient(options...)
			for b.Loop() {
				if _, err := client.CallUnary(b.Context(), connect.NewRequest(&schedulingv1.GetLessonRequest{LessonId: "lsn_1"})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStream measures one message of a stream that is never idle.
func BenchmarkStream(b *testing.B) {
	w := newWorld(b, nil)
	w.lessons.attend = func(s attendStream) error {
		for n := uint64(1); ; n++ {
			if err := s.Send(heartbeat(n)); err != nil {
				return err
			}
		}
	}
	stream, err := w.signedIn(b).attendClient().CallServerStream(b.Context(), attendRequest())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !stream.Receive() {
			b.Fatal(stream.Err())
		}
	}
	b.StopTimer()
	_ = stream.Close()
}
