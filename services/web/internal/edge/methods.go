package edge

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// Link the contracts that are served here, so that their descriptors can be found by name.
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/web/internal/ratelimit"
)

// sessionService is the one service that sees cookies.
const sessionService = protoreflect.FullName("tongke.web.v1.SessionService")

// method is what the edge needs to know about a method that outsiders may call.
type method struct {
	public  bool
	session bool // SessionService reads the cookies itself
	stream  bool // the answer is a stream
	input   protoreflect.MessageType
	guard   *ratelimit.Limiter
}

// findService returns the descriptor of a service that is linked into the program.
func findService(name string) (protoreflect.ServiceDescriptor, error) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil, fmt.Errorf("edge: service %s: %w", name, err)
	}
	s, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("edge: %s is no service", name)
	}
	return s, nil
}

// exposed lists the methods of a service that somebody other than another service may call.
func exposed(service protoreflect.ServiceDescriptor, l Limits) (map[string]method, error) {
	out := map[string]method{}
	for _, m := range rpc.Rules(service.ParentFile()) {
		if m.Descriptor.Parent() != service || !forOutsiders(m.Rule) {
			continue
		}
		if m.Descriptor.IsStreamingClient() {
			// Requests are read as a whole before they are passed on; browsers cannot stream them anyway.
			return nil, fmt.Errorf("edge: %s takes a stream of requests", m.FullMethod)
		}
		input, err := protoregistry.GlobalTypes.FindMessageByName(m.Descriptor.Input().FullName())
		if err != nil {
			return nil, fmt.Errorf("edge: request of %s: %w", m.FullMethod, err)
		}
		out[m.FullMethod] = method{
			public:  m.Rule.GetPublic(),
			session: service.FullName() == sessionService,
			stream:  m.Descriptor.IsStreamingServer(),
			input:   input,
			guard:   l.guard(m.FullMethod),
		}
	}
	return out, nil
}

func forOutsiders(r *commonv1.Rule) bool {
	if r.GetPublic() {
		return true
	}
	return slices.ContainsFunc(r.GetRoles(), func(role commonv1.Role) bool {
		return role != commonv1.Role_ROLE_SERVICE && role != commonv1.Role_ROLE_UNSPECIFIED
	})
}

// guard returns the extra limit of the methods by which strangers cause work, per address.
func (l Limits) guard(fullMethod string) *ratelimit.Limiter {
	switch fullMethod {
	case webv1.SessionService_SignIn_FullMethodName, webv1.SessionService_StartPairing_FullMethodName:
		return ratelimit.New(l.SignInPerSecond, l.SignInBurst)
	default:
		return nil
	}
}
