package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func enveloped(flag byte, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(b))), b...)
}

// typedReason is the reason in the fault of an answer in any protocol; "" when there is none.
func typedReason(t *testing.T, resp *http.Response, body []byte) string {
	t.Helper()
	kind := resp.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "application/grpc") {
		details := resp.Header.Get("Grpc-Status-Details-Bin")
		if details == "" && len(body) > 5 { // the trailers are the last frame of the body
			for _, line := range strings.Split(string(body[5:]), "\r\n") {
				if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "grpc-status-details-bin") {
					details = strings.TrimSpace(value)
				}
			}
		}
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(details, "="))
		s := &status.Status{}
		if err != nil || proto.Unmarshal(raw, s) != nil || len(s.GetDetails()) == 0 {
			return ""
		}
		f := &commonv1.Fault{}
		if s.GetDetails()[0].UnmarshalTo(f) != nil {
			return ""
		}
		return f.GetReason().String()
	}
	if strings.HasPrefix(kind, "application/connect+") && len(body) > 5 {
		body = body[5:]
	}
	var answer struct {
		Error   json.RawMessage
		Details []struct {
			Debug struct{ Reason string }
			Value string
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	if answer.Error != nil && json.Unmarshal(answer.Error, &answer) != nil {
		return ""
	}
	for _, d := range answer.Details {
		raw, err := base64.RawStdEncoding.DecodeString(d.Value)
		f := &commonv1.Fault{}
		if err == nil && proto.Unmarshal(raw, f) == nil {
			return f.GetReason().String()
		}
	}
	return ""
}

func TestCall_WhatIsNoMessageIsTheCallersMistakeInEveryProtocol(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	garbage := []byte{0x0a, 0xff} // a field longer than what follows
	const invalid, exhausted = "REASON_INVALID_ARGUMENT", "REASON_RESOURCE_EXHAUSTED"
	bomb := zipped(make([]byte, 64<<20))
	for name, row := range map[string]struct {
		path, kind, encoding string
		body                 []byte
		want                 string
	}{
		"connect, binary":                  {getLesson, "application/proto", "", garbage, invalid},
		"connect, JSON":                    {getLesson, "application/json", "", garbage, invalid},
		"connect, no gzip":                 {getLesson, "application/proto", "Content-Encoding:gzip", garbage, invalid},
		"connect, torn gzip":               {getLesson, "application/proto", "Content-Encoding:gzip", zipped(garbage)[:12], invalid},
		"connect, gzip of garbage":         {getLesson, "application/proto", "Content-Encoding:gzip", zipped(garbage), invalid},
		"connect, unknown compression":     {getLesson, "application/proto", "Content-Encoding:br", garbage, invalid},
		"connect, a bomb":                  {getLesson, "application/proto", "Content-Encoding:gzip", bomb, exhausted},
		"connect, stream":                  {attendPath, "application/connect+proto", "", enveloped(0, garbage), invalid},
		"connect, stream of nothing":       {attendPath, "application/connect+proto", "", nil, invalid},
		"connect, stream, torn":            {attendPath, "application/connect+proto", "", enveloped(0, garbage)[:6], invalid},
		"connect, stream, half a prefix":   {attendPath, "application/connect+proto", "", []byte{0, 0}, invalid},
		"connect, stream, two messages":    {attendPath, "application/connect+proto", "", append(enveloped(0, nil), enveloped(0, nil)...), invalid},
		"connect, stream, no gzip":         {attendPath, "application/connect+proto", "Connect-Content-Encoding:gzip", enveloped(1, garbage), invalid},
		"connect, stream, a bomb":          {attendPath, "application/connect+proto", "Connect-Content-Encoding:gzip", enveloped(1, bomb), exhausted},
		"connect, stream, unknown":         {attendPath, "application/connect+proto", "Connect-Content-Encoding:zstd", enveloped(1, garbage), invalid},
		"gRPC-Web":                         {getLesson, "application/grpc-web+proto", "", enveloped(0, garbage), invalid},
		"gRPC-Web, torn":                   {getLesson, "application/grpc-web+proto", "", enveloped(0, garbage)[:6], invalid},
		"gRPC-Web, empty":                  {getLesson, "application/grpc-web+proto", "", nil, invalid},
		"gRPC-Web, gzip that none claimed": {getLesson, "application/grpc-web+proto", "", enveloped(1, zipped(garbage)), invalid},
		"gRPC-Web, no gzip":                {getLesson, "application/grpc-web+proto", "Grpc-Encoding:gzip", enveloped(1, garbage), invalid},
		"gRPC-Web, unknown compression":    {getLesson, "application/grpc-web+proto", "Grpc-Encoding:br", enveloped(1, garbage), invalid},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.plain+row.path, bytes.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", row.kind)
			if key, value, ok := strings.Cut(row.encoding, ":"); ok {
				r.Header.Set(key, value)
			}
			resp, err := b.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got := typedReason(t, resp, body); got != row.want {
				t.Errorf("reason %q, want %q: %s %v %q", got, row.want, resp.Status, resp.Header, body)
			}
		})
	}
}
