package classroom_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// TestMethods_RefuseWhoIsNotInTheirRuleAndWhatBreaksTheirLimits calls every method of the contract as nobody, as
// somebody with a role that its rule does not name, and as somebody allowed with an empty request.
func TestMethods_RefuseWhoIsNotInTheirRuleAndWhatBreaksTheirLimits(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	methods := classroomv1.File_tongke_classroom_v1_classroom_proto.Services().ByName("ClassroomService").Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		t.Run(string(m.Name()), func(t *testing.T) {
			rule, ok := proto.GetExtension(m.Options(), commonv1.E_Rule).(*commonv1.Rule)
			if !ok || len(rule.GetRoles()) == 0 {
				t.Fatal("the method has no rule")
			}
			empty := newMessage(t, m.Input()).Interface()
			wantReason(t, "nobody", w.call(t, m, rpc.Identity{}, empty), fault.Unauthenticated)
			for value := range commonv1.Role_name {
				role := commonv1.Role(value)
				if role == commonv1.Role_ROLE_UNSPECIFIED || slices.Contains(rule.GetRoles(), role) {
					continue
				}
				who := rpc.Identity{Subject: teacher, Kind: rpc.KindPerson, Roles: []commonv1.Role{role}}
				wantReason(t, role.String(), w.call(t, m, who, empty), fault.PermissionDenied)
			}
			if m.Input().Fields().ByName("lesson_id") == nil {
				return // an empty request asks for all
			}
			who := rpc.Identity{Subject: teacher, Kind: rpc.KindPerson, Roles: rule.GetRoles()[:1]}
			wantReason(t, "an empty request", w.call(t, m, who, empty), fault.InvalidArgument)
		})
	}
}

// call makes one call and returns how it ended; a stream ends with its first message.
func (w *world) call(t *testing.T, m protoreflect.MethodDescriptor, who rpc.Identity, request proto.Message) error {
	t.Helper()
	p := rpc.ClientParams{Dialer: w.pipe.DialContext}
	if who.Subject != "" {
		p.Signer, p.Identity = w.signer, func() rpc.Identity { return who }
	}
	conn, err := rpc.Dial(p)
	must(t, err)
	defer conn.Close()
	name := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
	response := newMessage(t, m.Output()).Interface()
	if !m.IsStreamingServer() {
		return conn.Invoke(t.Context(), name, request, response)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, name)
	must(t, err)
	must(t, stream.SendMsg(request))
	must(t, stream.CloseSend())
	return stream.RecvMsg(response)
}

func newMessage(t *testing.T, d protoreflect.MessageDescriptor) protoreflect.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	must(t, err)
	return kind.New()
}
