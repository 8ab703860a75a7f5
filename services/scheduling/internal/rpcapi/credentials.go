package rpcapi

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// allCampuses are the roles whose campus scope is every campus.
var allCampuses = []commonv1.Role{commonv1.Role_ROLE_SCHEDULER, commonv1.Role_ROLE_ADMINISTRATOR}

func anyOf(roles []commonv1.Role, wanted ...commonv1.Role) bool {
	return slices.ContainsFunc(roles, func(r commonv1.Role) bool { return slices.Contains(wanted, r) })
}

func (s *directoryServer) Authenticate(ctx context.Context, r *directoryv1.AuthenticateRequest) (*directoryv1.AuthenticateResponse, error) {
	principal, credential, err := s.accounts.SignIn(ctx, r.GetLogin(), r.GetPassword(), directory.SourceOf(r.GetClientAddress()))
	s.metrics.signedIn(err)
	if err != nil {
		return nil, err
	}
	return &directoryv1.AuthenticateResponse{Principal: principalToWire(principal), Credential: string(credential)}, nil
}

func (s *directoryServer) ResolveCredential(ctx context.Context, r *directoryv1.ResolveCredentialRequest) (*directoryv1.ResolveCredentialResponse, error) {
	principal, err := s.credentials.Resolve(ctx, directory.Credential(r.GetCredential()))
	if err != nil {
		return nil, err
	}
	return &directoryv1.ResolveCredentialResponse{Principal: principalToWire(principal)}, nil
}

func (s *directoryServer) RevokeCredential(ctx context.Context, r *directoryv1.RevokeCredentialRequest) (*directoryv1.RevokeCredentialResponse, error) {
	if err := s.credentials.Revoke(ctx, directory.Credential(r.GetCredential())); err != nil {
		return nil, err
	}
	return &directoryv1.RevokeCredentialResponse{}, nil
}

// ChangePassword spares the session that the call came with.
func (s *directoryServer) ChangePassword(ctx context.Context, r *directoryv1.ChangePasswordRequest) (*directoryv1.ChangePasswordResponse, error) {
	id := rpc.IdentityFrom(ctx)
	person, err := s.store.Person(ctx, id.Subject)
	if err != nil {
		return nil, err
	}
	err = s.accounts.ChangePassword(ctx, person.Login, r.GetCurrentPassword(), r.GetNewPassword(), id.CredentialID)
	if err != nil {
		return nil, err
	}
	return &directoryv1.ChangePasswordResponse{}, nil
}

func (s *directoryServer) StartDevicePairing(ctx context.Context, _ *directoryv1.StartDevicePairingRequest) (*directoryv1.StartDevicePairingResponse, error) {
	code, secret, err := s.devices.Start(ctx)
	if err != nil {
		return nil, err
	}
	return &directoryv1.StartDevicePairingResponse{
		Code: code.Code, Secret: secret, ExpiresAt: timestamppb.New(code.ExpiresAt),
	}, nil
}

func (s *directoryServer) CollectDevicePairing(ctx context.Context, r *directoryv1.CollectDevicePairingRequest) (*directoryv1.CollectDevicePairingResponse, error) {
	credential, room, err := s.devices.Collect(ctx, r.GetSecret())
	if err != nil {
		return nil, err
	}
	if credential == "" {
		return &directoryv1.CollectDevicePairingResponse{}, nil
	}
	return &directoryv1.CollectDevicePairingResponse{Credential: string(credential), Classroom: classroomToWire(room)}, nil
}

func (s *directoryServer) ClaimPairingCode(ctx context.Context, r *directoryv1.ClaimPairingCodeRequest) (*directoryv1.ClaimPairingCodeResponse, error) {
	id := rpc.IdentityFrom(ctx)
	by := directory.Claimant{PersonID: id.Subject, CampusID: id.CampusID, AllCampuses: id.Has(allCampuses...)}
	room, err := s.devices.Claim(ctx, by, r.GetCode(), r.GetClassroomId())
	if err != nil {
		return nil, err
	}
	s.log.Info("device paired", zap.String("classroom_id", room.ID), zap.String("person_id", id.Subject))
	return &directoryv1.ClaimPairingCodeResponse{Classroom: classroomToWire(room)}, nil
}

// RevokeDevice has campus scope, and the roles that its rule names span all campuses.
func (s *directoryServer) RevokeDevice(ctx context.Context, r *directoryv1.RevokeDeviceRequest) (*directoryv1.RevokeDeviceResponse, error) {
	if _, err := s.store.Classroom(ctx, r.GetClassroomId()); err != nil {
		return nil, err
	}
	if err := s.store.RevokeDevice(ctx, r.GetClassroomId()); err != nil {
		return nil, err
	}
	s.log.Info("device revoked",
		zap.String("classroom_id", r.GetClassroomId()), zap.String("person_id", rpc.IdentityFrom(ctx).Subject))
	return &directoryv1.RevokeDeviceResponse{}, nil
}
