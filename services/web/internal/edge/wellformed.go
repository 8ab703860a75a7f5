package edge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// envelopeLength is that of the prefix of each gRPC message: a flag and the length in four bytes.
const envelopeLength = 5

// wellFormed refuses a transcoded request that is not exactly one message of the given type. gRPC servers would say
// INTERNAL, without a reason, for what is the caller's mistake.
func wellFormed(input protoreflect.MessageType, body []byte) error {
	problem := func(err error) error {
		return fault.Wrap(fault.InvalidArgument, err,
			fault.Violation("", "message", "one message of type "+string(input.Descriptor().FullName())))
	}
	if len(body) < envelopeLength || body[0] != 0 || uint64(binary.BigEndian.Uint32(body[1:])) != uint64(len(body)-envelopeLength) {
		return problem(errors.New("not one envelope"))
	}
	if err := proto.Unmarshal(body[envelopeLength:], input.New().Interface()); err != nil {
		return problem(fmt.Errorf("decode request: %w", err))
	}
	return nil
}

// encodingHeaders say how the body of a request is compressed, in the protocols that are spoken here.
var encodingHeaders = []string{"Content-Encoding", "Connect-Content-Encoding", "Grpc-Encoding"}

// checkHeaders refuses what the transcoder would refuse without a reason: an unknown compression, an unknown form.
func checkHeaders(h http.Header) error {
	for _, name := range encodingHeaders {
		if kind := h.Get(name); kind != "" && kind != "identity" && kind != gzipName {
			return fault.Invalid("", "compression", "gzip or none")
		}
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "application/") {
		return fault.Invalid("", "content_type", "a content type of Connect, gRPC-Web or gRPC")
	}
	return nil
}
