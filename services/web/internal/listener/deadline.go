package listener

import (
	"errors"
	"net/http"
	"os"
	"time"
)

// withDeadline gives each write of a handler its own time. A client that does not read fills its buffers, the write
// fails, net/http ends the request's context, and the handler returns; other clients do not notice.
func withDeadline(next http.Handler, limit time.Duration, slow func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&deadlineWriter{ResponseWriter: w, control: http.NewResponseController(w), limit: limit, slow: slow}, r)
	})
}

type deadlineWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
	slow    func()
	cut     bool
}

// Unwrap is for http.ResponseController.
func (w *deadlineWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *deadlineWriter) Write(p []byte) (n int, err error) {
	err = w.timed(func() error { n, err = w.ResponseWriter.Write(p); return err })
	return n, err
}

// Flush implements http.Flusher; a failure shows at the next write.
func (w *deadlineWriter) Flush() { _ = w.FlushError() }

// FlushError is for http.ResponseController.
func (w *deadlineWriter) FlushError() error { return w.timed(w.control.Flush) }

func (w *deadlineWriter) timed(write func() error) error {
	start := time.Now()
	if err := w.control.SetWriteDeadline(start.Add(w.limit)); err != nil {
		return err
	}
	err := write()
	if err == nil {
		return w.control.SetWriteDeadline(time.Time{})
	}
	// HTTP/2 resets the stream at the deadline and reports that, rather than the deadline.
	if !w.cut && (errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) >= w.limit) {
		w.cut = true
		w.slow()
	}
	return err
}
