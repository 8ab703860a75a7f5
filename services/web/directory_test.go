package web_test

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// directory keeps people, sessions and pairings in memory, by the contract of DirectoryService.
type directory struct {
	directoryv1.UnimplementedDirectoryServiceServer

	mu       sync.Mutex
	sessions map[string]*directoryv1.Principal
	pairings map[string]*pairing // by secret
	resolved int
	address  string // of the browser that signed in last
	callers  map[string]bool
}

type pairing struct {
	code, credential string
	classroom        *directoryv1.Classroom
}

const password = "correct horse"

func newDirectory() *directory {
	return &directory{
		sessions: map[string]*directoryv1.Principal{},
		pairings: map[string]*pairing{},
		callers:  map[string]bool{},
	}
}

func (d *directory) Authenticate(ctx context.Context, r *directoryv1.AuthenticateRequest) (*directoryv1.AuthenticateResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.callers[rpc.IdentityFrom(ctx).Subject] = true
	d.address = r.GetClientAddress()
	if r.GetPassword() != password {
		return nil, fault.New(fault.WrongCredentials)
	}
	credential := ids.Secret()
	d.sessions[credential] = &directoryv1.Principal{
		Who: &directoryv1.Principal_Person{Person: &directoryv1.Person{
			Id: "psn_" + r.GetLogin(), Login: r.GetLogin(), Name: "语文教师", CampusId: "cmp_1",
			// ROLE_SERVICE: web must not believe it.
			Roles: []commonv1.Role{commonv1.Role_ROLE_TEACHER, commonv1.Role_ROLE_SERVICE},
		}},
		ExpiresAt: timestamppb.New(time.Now().Add(12 * time.Hour)),
	}
	return &directoryv1.AuthenticateResponse{Principal: d.sessions[credential], Credential: credential}, nil
}

func (d *directory) ResolveCredential(_ context.Context, r *directoryv1.ResolveCredentialRequest) (*directoryv1.ResolveCredentialResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.resolved++
	p, ok := d.sessions[r.GetCredential()]
	if !ok {
		return nil, fault.New(fault.SessionExpired)
	}
	return &directoryv1.ResolveCredentialResponse{Principal: p}, nil
}

func (d *directory) RevokeCredential(_ context.Context, r *directoryv1.RevokeCredentialRequest) (*directoryv1.RevokeCredentialResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, r.GetCredential())
	return &directoryv1.RevokeCredentialResponse{}, nil
}

func (d *directory) StartDevicePairing(context.Context, *directoryv1.StartDevicePairingRequest) (*directoryv1.StartDevicePairingResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	secret, code := ids.Secret(), ids.PairingCode()
	d.pairings[secret] = &pairing{code: code}
	return &directoryv1.StartDevicePairingResponse{
		Code: code, Secret: secret, ExpiresAt: timestamppb.New(time.Now().Add(10 * time.Minute)),
	}, nil
}

func (d *directory) CollectDevicePairing(_ context.Context, r *directoryv1.CollectDevicePairingRequest) (*directoryv1.CollectDevicePairingResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.pairings[r.GetSecret()]
	if !ok {
		return nil, fault.New(fault.PairingCodeUnknown)
	}
	return &directoryv1.CollectDevicePairingResponse{Credential: p.credential, Classroom: p.classroom}, nil
}

// claim does what a scheduler does with a code.
func (d *directory) claim(code string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.pairings {
		if p.code == code {
			p.credential = ids.Secret()
			p.classroom = &directoryv1.Classroom{Id: "rom_1", CampusId: "cmp_2", Name: "一年级一班"}
			d.sessions[p.credential] = &directoryv1.Principal{Who: &directoryv1.Principal_Classroom{Classroom: p.classroom}}
		}
	}
}

// expire ends all sessions behind web's back.
func (d *directory) expire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.sessions)
}

func (d *directory) ListCampuses(context.Context, *directoryv1.ListCampusesRequest) (*directoryv1.ListCampusesResponse, error) {
	return nil, status.Error(codes.Internal, "pq: relation campus does not exist")
}
