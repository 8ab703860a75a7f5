package rpc

import (
	"context"
	"slices"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// Kind is what sort of principal an identity stands for.
type Kind string

// The kinds of principal.
const (
	KindAnonymous Kind = "anonymous"
	KindPerson    Kind = "person"
	KindDevice    Kind = "device"
	KindService   Kind = "service"
)

// Identity is who makes a call.
type Identity struct {
	// Subject is a person's id; for a device the classroom's id, so that a replaced computer stays the same
	// classroom; for a service its name.
	Subject string
	Kind    Kind
	Roles   []commonv1.Role
	// Name is what people call the principal. It comes from people: show it as text only.
	Name       string
	CampusID   string
	CampusName string
	// ClassroomID is set for devices and equals Subject.
	ClassroomID string
	// CredentialID names the session that the call came with; empty for devices and services. It is no secret.
	CredentialID string
}

// Has says whether the identity holds any of the roles.
func (id Identity) Has(roles ...commonv1.Role) bool {
	return slices.ContainsFunc(roles, func(r commonv1.Role) bool { return slices.Contains(id.Roles, r) })
}

// Anonymous says whether nobody is known to make the call.
func (id Identity) Anonymous() bool { return id.Subject == "" }

// ServiceIdentity returns the identity of a service of that name, in the form that ClientParams take.
func ServiceIdentity(name string) func() Identity {
	id := Identity{Subject: name, Kind: KindService, Roles: []commonv1.Role{commonv1.Role_ROLE_SERVICE}, Name: name}
	return func() Identity { return id }
}

type identityKey struct{}

// ContextWithIdentity returns a context that carries id to handlers.
func ContextWithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom returns the verified identity of the call, anonymous when there is none.
func IdentityFrom(ctx context.Context) Identity {
	if id, ok := ctx.Value(identityKey{}).(Identity); ok {
		return id
	}
	return Identity{Kind: KindAnonymous}
}
