package identity

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
)

// SecureKey is the metadata key by which the edge says that the browser is connected over TLS.
const SecureKey = "x-tongke-secure"

// AddressKey is the metadata key by which the edge says which network address the browser has.
const AddressKey = "x-tongke-address"

// maxAddressBytes is the longest address that the directory takes.
const maxAddressBytes = 64

// Service is SessionService. Secrets reach it in the metadata "cookie" and leave it in "set-cookie"; they are never in
// a message.
type Service struct {
	webv1.UnimplementedSessionServiceServer
	directory Directory
	resolver  *Resolver
	streams   *Streams
	version   string
}

// NewService returns the service; version is what GetSession tells.
func NewService(d Directory, r *Resolver, s *Streams, version string) *Service {
	return &Service{directory: d, resolver: r, streams: s, version: version}
}

// SignIn implements SessionService. The session that the browser had before ends.
func (s *Service) SignIn(ctx context.Context, req *webv1.SignInRequest) (*webv1.SignInResponse, error) {
	cookies := cookiesFrom(ctx)
	resp, err := s.directory.Authenticate(ctx, &directoryv1.AuthenticateRequest{
		Login: req.GetLogin(), Password: req.GetPassword(), ClientAddress: addressFrom(ctx),
	})
	if err != nil {
		return nil, fault.From(err)
	}
	if cookies.Session != "" {
		if err := s.revoke(ctx, cookies.Session); err != nil {
			return nil, err
		}
	}
	line := cookies.set(sessionCookie, resp.GetCredential(), expiry(resp.GetPrincipal()))
	if err := setCookies(ctx, line); err != nil {
		return nil, err
	}
	return &webv1.SignInResponse{Principal: resp.GetPrincipal()}, nil
}

// SignOut implements SessionService. A classroom's device stays paired.
func (s *Service) SignOut(ctx context.Context, _ *webv1.SignOutRequest) (*webv1.SignOutResponse, error) {
	cookies := cookiesFrom(ctx)
	if cookies.Session == "" {
		return &webv1.SignOutResponse{}, nil
	}
	if err := s.revoke(ctx, cookies.Session); err != nil {
		return nil, err
	}
	if err := setCookies(ctx, cookies.clear(sessionCookie)); err != nil {
		return nil, err
	}
	return &webv1.SignOutResponse{}, nil
}

// revoke ends a credential everywhere: here and its streams at once, elsewhere when it is next resolved.
func (s *Service) revoke(ctx context.Context, credential string) error {
	if _, err := s.directory.RevokeCredential(ctx, &directoryv1.RevokeCredentialRequest{Credential: credential}); err != nil {
		return fault.From(err)
	}
	s.resolver.Forget(credential)
	s.streams.Cut(credential)
	return nil
}

// GetSession implements SessionService. It also renews the cookie, which browsers keep for a limited time, and
// removes one that has become worthless.
func (s *Service) GetSession(ctx context.Context, _ *webv1.GetSessionRequest) (*webv1.GetSessionResponse, error) {
	cookies := cookiesFrom(ctx)
	resp := &webv1.GetSessionResponse{ServerTime: timestamppb.Now(), Version: s.version}
	caller, err := Authenticate(ctx, s.resolver, cookies)
	var lines []string
	switch {
	case err == nil && caller.Credential == cookies.Session:
		lines = append(lines, cookies.set(sessionCookie, cookies.Session, expiry(caller.Principal)))
	case err == nil:
		lines = append(lines, cookies.set(deviceCookie, cookies.Device, expiry(caller.Principal)))
		if cookies.Session != "" {
			lines = append(lines, cookies.clear(sessionCookie))
		}
	case Gone(err):
		lines = cookies.clearAll()
	case fault.ReasonOf(err) != fault.Unauthenticated:
		return nil, err
	}
	resp.Principal = caller.Principal
	return resp, setCookies(ctx, lines...)
}

// StartPairing implements SessionService. The secret that collects the credential stays in a cookie of the screen.
func (s *Service) StartPairing(ctx context.Context, _ *webv1.StartPairingRequest) (*webv1.StartPairingResponse, error) {
	cookies := cookiesFrom(ctx)
	resp, err := s.directory.StartDevicePairing(ctx, &directoryv1.StartDevicePairingRequest{})
	if err != nil {
		return nil, fault.From(err)
	}
	line := cookies.set(pairingCookie, resp.GetSecret(), resp.GetExpiresAt().AsTime())
	if err := setCookies(ctx, line); err != nil {
		return nil, err
	}
	return &webv1.StartPairingResponse{Code: resp.GetCode(), ExpiresAt: resp.GetExpiresAt()}, nil
}

// FinishPairing implements SessionService.
func (s *Service) FinishPairing(ctx context.Context, _ *webv1.FinishPairingRequest) (*webv1.FinishPairingResponse, error) {
	cookies := cookiesFrom(ctx)
	if cookies.Pairing == "" {
		return nil, fault.New(fault.PairingCodeUnknown)
	}
	resp, err := s.directory.CollectDevicePairing(ctx, &directoryv1.CollectDevicePairingRequest{Secret: cookies.Pairing})
	if err != nil {
		return nil, fault.From(err)
	}
	if resp.GetCredential() == "" {
		return &webv1.FinishPairingResponse{}, nil
	}
	err = setCookies(ctx, cookies.set(deviceCookie, resp.GetCredential(), time.Time{}), cookies.clear(pairingCookie))
	if err != nil {
		return nil, err
	}
	return &webv1.FinishPairingResponse{Classroom: resp.GetClassroom()}, nil
}

// clearAll returns the lines that remove the credentials that the browser has.
func (c *Cookies) clearAll() []string {
	var lines []string
	if c.Session != "" {
		lines = append(lines, c.clear(sessionCookie))
	}
	if c.Device != "" {
		lines = append(lines, c.clear(deviceCookie))
	}
	return lines
}

func cookiesFrom(ctx context.Context) Cookies {
	md, _ := metadata.FromIncomingContext(ctx)
	c := ParseCookies(md.Get("cookie"), len(md.Get(SecureKey)) > 0)
	for _, who := range md.Get(AsHeader) {
		c = c.As(who)
	}
	return c
}

func addressFrom(ctx context.Context) string {
	addresses := metadata.ValueFromIncomingContext(ctx, AddressKey)
	if len(addresses) == 0 || len(addresses[0]) > maxAddressBytes {
		return "" // a trusted proxy may tell nonsense
	}
	return addresses[0]
}

func setCookies(ctx context.Context, lines ...string) error {
	if len(lines) == 0 {
		return nil
	}
	if err := grpc.SetHeader(ctx, metadata.MD{"set-cookie": lines}); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	return nil
}
