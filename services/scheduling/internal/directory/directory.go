// Package directory knows campuses, classrooms, people and how they prove who they are: passwords, sessions, paired
// devices, and the limits against guessing.
//
// Accounts and Devices are its two actors; they reach storage through the small interfaces they declare and start no
// goroutine. The package knows nothing of lessons or of the wire.
package directory

import "time"

// Role is what a principal may act as, such as "teacher": the name in tongke.common.v1.Role in lower case.
type Role string

// The roles. RoleClassroom and RoleService are never given to people.
const (
	RoleTeacher       Role = "teacher"
	RoleAssistant     Role = "assistant"
	RoleObserver      Role = "observer"
	RoleScheduler     Role = "scheduler"
	RoleOperator      Role = "operator"
	RoleAdministrator Role = "administrator"
	RoleClassroom     Role = "classroom"
	RoleService       Role = "service"
)

// Campus is one place of a school (校区).
type Campus struct {
	ID, Name string
	// Level is a stage of schooling, such as "primary".
	Level string
	// TimeZone is an IANA name, such as "Asia/Shanghai".
	TimeZone string
}

// Classroom is a place that takes part in lessons as a whole (教室).
type Classroom struct {
	ID, Name             string
	CampusID, CampusName string
	// TimeZone is the campus's.
	TimeZone string
	// DevicePairedAt is zero while no device is paired.
	DevicePairedAt time.Time
	// DeviceSeenAt is when the paired device was last seen, precise to a minute; zero before.
	DeviceSeenAt time.Time
}

// Person has an account.
type Person struct {
	ID, Login, Name string
	// CampusID is empty for somebody who belongs to no campus.
	CampusID, CampusName string
	// TimeZone is the campus's; of no campus: that of the school's first; empty while there is none.
	TimeZone string
	Roles    []Role
}

// Pairing says that two campuses teach together (结对).
type Pairing struct {
	ID, LeadCampusID, BranchCampusID string
}

// Session is a person's signed-in browser.
type Session struct {
	// ID names the session and is no secret.
	ID       string
	PersonID string
	Hash     CredentialHash
	// CreatedAt and ExpiresAt bound its life; it is not extended by use.
	CreatedAt, ExpiresAt time.Time
}

// Principal is who a credential stands for: exactly one of Person and Classroom is set.
type Principal struct {
	Person    *Person
	Classroom *Classroom
	// SessionID is empty for a device.
	SessionID string
	// ExpiresAt is zero for a credential that lasts until it is revoked.
	ExpiresAt time.Time
}
