package directory

import (
	"context"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
)

// Guessing a code: there are 148 million, and a caller may be wrong this often.
const (
	wrongClaims       = 20
	wrongClaimsWindow = 10 * time.Minute
)

// codeDraws is how often another code is drawn when one is in use already.
const codeDraws = 5

// PairingCode is a code on a screen that waits to be claimed for a classroom.
type PairingCode struct {
	Code string
	// SecretHash is of the secret that the screen collects with; DeviceHash of the credential derived from it.
	SecretHash, DeviceHash CredentialHash
	ExpiresAt              time.Time
	// ClaimedAt is zero while nobody has claimed the code.
	ClaimedAt time.Time
}

// Claim says who binds the device behind a code to which classroom.
type Claim struct {
	Code, ClassroomID, PersonID string
	At                          time.Time
}

// DeviceStore keeps pairing codes and the devices that came of them.
type DeviceStore interface {
	// AddPairingCode fails with ALREADY_EXISTS when the code is in use.
	AddPairingCode(ctx context.Context, c PairingCode) error
	// PairingCodeBySecret fails with PAIRING_CODE_UNKNOWN.
	PairingCodeBySecret(ctx context.Context, hash CredentialHash) (PairingCode, error)
	// ClaimPairingCode uses the code up and makes its device the classroom's only one, both or neither. It fails with
	// PAIRING_CODE_UNKNOWN, PAIRING_CODE_USED or PAIRING_CODE_EXPIRED.
	ClaimPairingCode(ctx context.Context, c Claim) (Classroom, error)
	// Classroom fails with NOT_FOUND.
	Classroom(ctx context.Context, id string) (Classroom, error)
	// PrincipalByHash returns the zero Principal when the credential stands for nobody.
	PrincipalByHash(ctx context.Context, hash CredentialHash) (Principal, error)
}

// Devices pairs screens with classrooms by a code. It is safe for concurrent use.
type Devices struct {
	store        DeviceStore
	claims       *limiter
	codeLifetime time.Duration
	now          func() time.Time
}

// NewDevices returns Devices over a store whose codes live as long as given.
func NewDevices(store DeviceStore, codeLifetime time.Duration, now func() time.Time) *Devices {
	return &Devices{
		store: store, claims: newLimiter(wrongClaims, wrongClaimsWindow), codeLifetime: codeLifetime, now: now,
	}
}

// Start returns a code for a screen to show and a secret for it to collect its credential with.
func (d *Devices) Start(ctx context.Context) (code PairingCode, secret string, err error) {
	secret = ids.Secret()
	code = PairingCode{
		SecretHash: hashOf(secret), DeviceHash: DeviceCredential(secret).Hash(),
		ExpiresAt: d.now().Add(d.codeLifetime).Truncate(time.Millisecond),
	}
	for range codeDraws {
		code.Code = ids.PairingCode()
		err = d.store.AddPairingCode(ctx, code)
		if fault.ReasonOf(err) != fault.AlreadyExists {
			break
		}
	}
	if err != nil {
		return PairingCode{}, "", err
	}
	return code, secret, nil
}

// Claimant is who enters a code.
type Claimant struct {
	PersonID string
	// CampusID is the campus whose classrooms the person may bind, unless AllCampuses.
	CampusID    string
	AllCampuses bool
}

// Claim binds the device that shows a code to a classroom. It fails with NOT_FOUND, PERMISSION_DENIED,
// RESOURCE_EXHAUSTED or a PAIRING_CODE reason.
func (d *Devices) Claim(ctx context.Context, by Claimant, typed, classroomID string) (Classroom, error) {
	room, err := d.store.Classroom(ctx, classroomID)
	if err != nil {
		return Classroom{}, err
	}
	if !by.AllCampuses && room.CampusID != by.CampusID {
		return Classroom{}, fault.New(fault.PermissionDenied)
	}
	now := d.now()
	if wait := d.claims.take(by.PersonID, now); wait > 0 {
		return Classroom{}, fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	code, ok := NormaliseCode(typed)
	if !ok {
		return Classroom{}, fault.New(fault.PairingCodeUnknown)
	}
	room, err = d.store.ClaimPairingCode(ctx, Claim{Code: code, ClassroomID: classroomID, PersonID: by.PersonID, At: now})
	switch fault.ReasonOf(err) {
	case fault.PairingCodeUnknown, fault.PairingCodeUsed, fault.PairingCodeExpired:
	default:
		d.claims.giveBack(by.PersonID)
	}
	return room, err
}

// Collect returns the device's credential and its classroom once the code was claimed, and an empty credential before.
// It gives the same answer again until the device is revoked or replaced. It fails with PAIRING_CODE_UNKNOWN, or with
// PAIRING_CODE_EXPIRED when the code was not claimed in time or its device is no longer valid.
func (d *Devices) Collect(ctx context.Context, secret string) (Credential, Classroom, error) {
	// The code is read before the device: a claim writes both at once, so that a claimed code implies its device.
	code, unknown := d.store.PairingCodeBySecret(ctx, hashOf(secret))
	switch {
	case unknown != nil && fault.ReasonOf(unknown) != fault.PairingCodeUnknown:
		return "", Classroom{}, unknown
	case unknown == nil && code.ClaimedAt.IsZero() && d.now().Before(code.ExpiresAt):
		return "", Classroom{}, nil
	}
	credential := DeviceCredential(secret)
	p, err := d.store.PrincipalByHash(ctx, credential.Hash())
	switch {
	case err != nil:
		return "", Classroom{}, err
	case p.Classroom != nil:
		return credential, *p.Classroom, nil
	case unknown != nil:
		return "", Classroom{}, unknown
	}
	return "", Classroom{}, fault.New(fault.PairingCodeExpired)
}
