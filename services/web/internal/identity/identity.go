// Package identity finds out who a browser is. Credentials travel in HttpOnly cookies and are resolved by the
// directory; web keeps none of them longer than a few seconds, so that any instance can serve any browser.
//
// It serves SessionService (sign-in, sign-out, pairing of classroom screens), resolves cookies for the edge, and ends
// open streams whose credential was taken away. The one goroutine it needs, Streams.Sweep, is run by its owner.
package identity

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// Directory is what identity asks of directoryv1.DirectoryServiceClient.
type Directory interface {
	Authenticate(context.Context, *directoryv1.AuthenticateRequest, ...grpc.CallOption) (*directoryv1.AuthenticateResponse, error)
	ResolveCredential(context.Context, *directoryv1.ResolveCredentialRequest, ...grpc.CallOption) (*directoryv1.ResolveCredentialResponse, error)
	RevokeCredential(context.Context, *directoryv1.RevokeCredentialRequest, ...grpc.CallOption) (*directoryv1.RevokeCredentialResponse, error)
	StartDevicePairing(context.Context, *directoryv1.StartDevicePairingRequest, ...grpc.CallOption) (*directoryv1.StartDevicePairingResponse, error)
	CollectDevicePairing(context.Context, *directoryv1.CollectDevicePairingRequest, ...grpc.CallOption) (*directoryv1.CollectDevicePairingResponse, error)
}

// Caller is who a request comes from and the credential that says so.
type Caller struct {
	Principal *directoryv1.Principal
	// Credential is the secret behind Principal; "" when nobody is signed in.
	Credential string
}

// Authenticate returns who the cookies stand for. Where both are left, a person's session counts before the
// device's credential. It fails with UNAUTHENTICATED when there are no credentials and with
// SESSION_EXPIRED when there are, but none is valid.
func Authenticate(ctx context.Context, r *Resolver, c Cookies) (Caller, error) {
	err := error(fault.New(fault.Unauthenticated))
	for _, credential := range []string{c.Session, c.Device} {
		if credential == "" {
			continue
		}
		principal, failed := r.Resolve(ctx, credential)
		if failed == nil {
			return Caller{Principal: principal, Credential: credential}, nil
		}
		if err = failed; !Gone(err) {
			return Caller{}, err
		}
	}
	return Caller{}, err
}

// Gone says whether an error means that the credential is worth nothing any more, rather than that nobody could tell.
func Gone(err error) bool { return fault.ReasonOf(err) == fault.SessionExpired }

// Of returns the identity of a principal, anonymous for none. Whatever the directory says, nobody outside becomes a
// service.
func Of(p *directoryv1.Principal) rpc.Identity {
	switch who := p.GetWho().(type) {
	case *directoryv1.Principal_Person:
		return rpc.Identity{
			Subject:      who.Person.GetId(),
			Kind:         rpc.KindPerson,
			Roles:        slices.DeleteFunc(slices.Clone(who.Person.GetRoles()), notForPeople),
			Name:         who.Person.GetName(),
			CampusID:     who.Person.GetCampusId(),
			CampusName:   who.Person.GetCampusName(),
			CredentialID: p.GetCredentialId(),
		}
	case *directoryv1.Principal_Classroom:
		return rpc.Identity{
			Subject:      who.Classroom.GetId(),
			Kind:         rpc.KindDevice,
			Roles:        []commonv1.Role{commonv1.Role_ROLE_CLASSROOM},
			Name:         who.Classroom.GetName(),
			CampusID:     who.Classroom.GetCampusId(),
			CampusName:   who.Classroom.GetCampusName(),
			ClassroomID:  who.Classroom.GetId(),
			CredentialID: p.GetCredentialId(),
		}
	default:
		return rpc.Identity{Kind: rpc.KindAnonymous}
	}
}

func notForPeople(r commonv1.Role) bool {
	return r == commonv1.Role_ROLE_SERVICE || r == commonv1.Role_ROLE_CLASSROOM
}
