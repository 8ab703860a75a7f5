package edge

import (
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/proto"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// jsonCodec reads and writes the JSON form of messages. What it cannot read is the caller's mistake; fields that hold
// nothing are left out.
type jsonCodec struct{ *vanguard.JSONCodec }

func newJSONCodec(types vanguard.TypeResolver) vanguard.Codec {
	c := vanguard.NewJSONCodec(types)
	c.MarshalOptions.EmitUnpopulated = false
	return jsonCodec{JSONCodec: c}
}

func (c jsonCodec) Unmarshal(raw []byte, m proto.Message) error {
	if err := c.JSONCodec.Unmarshal(raw, m); err != nil {
		return connectError(fault.Invalid("", "json", "a JSON object of type "+string(m.ProtoReflect().Descriptor().FullName())))
	}
	return nil
}
