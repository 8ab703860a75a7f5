package rpcapi

import (
	"context"
	"time"
	_ "time/tzdata" // zones are checked where the system has no database of them

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

// linkPrefix starts the ids of pairings of campuses; ids.Pairing is for devices.
const linkPrefix ids.Prefix = "lnk"

// defaultTimeZone is that of a campus for which none is said.
const defaultTimeZone = "Asia/Shanghai"

// directoryServer serves campuses, classrooms and people here, credentials in credentials.go.
type directoryServer struct {
	directoryv1.UnimplementedDirectoryServiceServer

	store       *store.Store
	accounts    *directory.Accounts
	devices     *directory.Devices
	credentials *directory.Credentials
	log         *zap.Logger
	metrics     *metrics
}

func (s *directoryServer) ListCampuses(ctx context.Context, _ *directoryv1.ListCampusesRequest) (*directoryv1.ListCampusesResponse, error) {
	campuses, err := s.store.Campuses(ctx)
	if err != nil {
		return nil, err
	}
	return &directoryv1.ListCampusesResponse{Campuses: each(campuses, campusToWire)}, nil
}

func (s *directoryServer) CreateCampus(ctx context.Context, r *directoryv1.CreateCampusRequest) (*directoryv1.CreateCampusResponse, error) {
	name, err := cleanText("name", r.GetName())
	if err != nil {
		return nil, err
	}
	zone := r.GetTimeZone()
	if zone == "" {
		zone = defaultTimeZone
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return nil, fault.Wrap(fault.InvalidArgument, err, fault.Violation("time_zone", "time_zone", "an IANA time zone"))
	}
	c := directory.Campus{ID: ids.New(ids.Campus), Name: name, Level: LevelOf(r.GetLevel()), TimeZone: zone}
	if err := s.store.AddCampus(ctx, c); err != nil {
		return nil, err
	}
	return &directoryv1.CreateCampusResponse{Campus: campusToWire(c)}, nil
}

func (s *directoryServer) ListClassrooms(ctx context.Context, r *directoryv1.ListClassroomsRequest) (*directoryv1.ListClassroomsResponse, error) {
	rooms, err := s.store.Classrooms(ctx, r.GetCampusId())
	if err != nil {
		return nil, err
	}
	return &directoryv1.ListClassroomsResponse{Classrooms: each(rooms, classroomToWire)}, nil
}

// CreateClassroom has campus scope, and the roles that its rule names span all campuses.
func (s *directoryServer) CreateClassroom(ctx context.Context, r *directoryv1.CreateClassroomRequest) (*directoryv1.CreateClassroomResponse, error) {
	name, err := cleanText("name", r.GetName())
	if err != nil {
		return nil, err
	}
	room, err := s.store.AddClassroom(ctx, directory.Classroom{
		ID: ids.New(ids.Classroom), CampusID: r.GetCampusId(), Name: name,
	})
	if err != nil {
		return nil, err
	}
	return &directoryv1.CreateClassroomResponse{Classroom: classroomToWire(room)}, nil
}

func (s *directoryServer) ListPeople(ctx context.Context, r *directoryv1.ListPeopleRequest) (*directoryv1.ListPeopleResponse, error) {
	role := directory.Role("")
	if r.GetRole() != commonv1.Role_ROLE_UNSPECIFIED {
		role = RoleOf(r.GetRole())
	}
	people, err := s.store.People(ctx, r.GetCampusId(), role)
	if err != nil {
		return nil, err
	}
	return &directoryv1.ListPeopleResponse{People: each(people, personToWire)}, nil
}

func (s *directoryServer) CreatePerson(ctx context.Context, r *directoryv1.CreatePersonRequest) (*directoryv1.CreatePersonResponse, error) {
	name, err := cleanText("name", r.GetName())
	if err != nil {
		return nil, err
	}
	if r.GetCampusId() == "" && anyOf(r.GetRoles(), commonv1.Role_ROLE_ASSISTANT, commonv1.Role_ROLE_OBSERVER) {
		return nil, fault.Invalid("campus_id", "required", "the campus that the assistant or observer acts for")
	}
	p, err := s.accounts.Create(ctx, directory.Person{
		Login: r.GetLogin(), Name: name, CampusID: r.GetCampusId(), Roles: RolesOf(r.GetRoles()),
	}, r.GetPassword())
	if err != nil {
		return nil, err
	}
	return &directoryv1.CreatePersonResponse{Person: personToWire(p)}, nil
}

func (s *directoryServer) ListPairings(ctx context.Context, _ *directoryv1.ListPairingsRequest) (*directoryv1.ListPairingsResponse, error) {
	pairings, err := s.store.Pairings(ctx)
	if err != nil {
		return nil, err
	}
	return &directoryv1.ListPairingsResponse{Pairings: each(pairings, pairingToWire)}, nil
}

func (s *directoryServer) CreatePairing(ctx context.Context, r *directoryv1.CreatePairingRequest) (*directoryv1.CreatePairingResponse, error) {
	if r.GetLeadCampusId() == r.GetBranchCampusId() {
		return nil, fault.Invalid("branch_campus_id", "other", "a campus other than the lead campus")
	}
	p := directory.Pairing{ID: ids.New(linkPrefix), LeadCampusID: r.GetLeadCampusId(), BranchCampusID: r.GetBranchCampusId()}
	if err := s.store.AddPairing(ctx, p); err != nil {
		return nil, err
	}
	return &directoryv1.CreatePairingResponse{Pairing: pairingToWire(p)}, nil
}
