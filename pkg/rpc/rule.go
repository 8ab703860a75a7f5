package rpc

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// productPackage is where every contract of the product lives.
const productPackage = "tongke."

// MethodRule is a method and who may call it.
type MethodRule struct {
	// FullMethod is as gRPC names it: "/tongke.web.v1.SessionService/SignIn".
	FullMethod string
	Descriptor protoreflect.MethodDescriptor
	// Rule is nil when the method declares none: nobody may call it.
	Rule *commonv1.Rule
}

// Rules lists the methods of the given files with their rules; without files, all Tongke methods linked into the
// program. They come sorted by name.
func Rules(files ...protoreflect.FileDescriptor) []MethodRule {
	if len(files) == 0 {
		protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
			if strings.HasPrefix(string(f.Package())+".", productPackage) {
				files = append(files, f)
			}
			return true
		})
	}
	var out []MethodRule
	for _, f := range files {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				out = append(out, methodRule(methods.Get(j)))
			}
		}
	}
	slices.SortFunc(out, func(a, b MethodRule) int { return strings.Compare(a.FullMethod, b.FullMethod) })
	return out
}

// RuleOf returns the rule of a method given as gRPC names it; nil when the method is unknown or declares none.
func RuleOf(fullMethod string) *commonv1.Rule {
	service, method, ok := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	if !ok {
		return nil
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil
	}
	if m, ok := d.(protoreflect.MethodDescriptor); ok {
		return methodRule(m).Rule
	}
	return nil
}

func methodRule(m protoreflect.MethodDescriptor) MethodRule {
	out := MethodRule{
		FullMethod: "/" + string(m.Parent().FullName()) + "/" + string(m.Name()),
		Descriptor: m,
	}
	if o := m.Options(); o != nil && proto.HasExtension(o, commonv1.E_Rule) {
		out.Rule, _ = proto.GetExtension(o, commonv1.E_Rule).(*commonv1.Rule)
	}
	return out
}

// allow says whether id may call a method under its rule.
func allow(rule *commonv1.Rule, id Identity, method string) error {
	switch {
	case rule == nil:
		return fault.Wrap(fault.PermissionDenied, fmt.Errorf("%s declares no rule", method))
	case rule.GetPublic(), id.Has(rule.GetRoles()...):
		return nil
	case id.Anonymous():
		return fault.New(fault.Unauthenticated)
	default:
		return fault.New(fault.PermissionDenied)
	}
}
