package fault

import (
	"google.golang.org/grpc/codes"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// Reason names an error: the name of a commonv1.Reason without its prefix, such as "LESSON_NOT_OPEN".
type Reason string

// The reasons, as documented in tongke/common/v1/fault.proto.
const (
	InvalidArgument      Reason = "INVALID_ARGUMENT"
	Unauthenticated      Reason = "UNAUTHENTICATED"
	WrongCredentials     Reason = "WRONG_CREDENTIALS"
	AccountLocked        Reason = "ACCOUNT_LOCKED"
	SessionExpired       Reason = "SESSION_EXPIRED"
	PermissionDenied     Reason = "PERMISSION_DENIED"
	NotFound             Reason = "NOT_FOUND"
	AlreadyExists        Reason = "ALREADY_EXISTS"
	TeacherBooked        Reason = "TEACHER_BOOKED"
	ClassroomBooked      Reason = "CLASSROOM_BOOKED"
	PairingCodeUnknown   Reason = "PAIRING_CODE_UNKNOWN"
	PairingCodeUsed      Reason = "PAIRING_CODE_USED"
	PairingCodeExpired   Reason = "PAIRING_CODE_EXPIRED"
	LessonNotOpen        Reason = "LESSON_NOT_OPEN"
	LessonNotStarted     Reason = "LESSON_NOT_STARTED"
	LessonAlreadyStarted Reason = "LESSON_ALREADY_STARTED"
	LessonEnded          Reason = "LESSON_ENDED"
	LessonCancelled      Reason = "LESSON_CANCELLED"
	ParticipantNotFound  Reason = "PARTICIPANT_NOT_FOUND"
	Superseded           Reason = "SUPERSEDED"
	StageFull            Reason = "STAGE_FULL"
	NotOnStage           Reason = "NOT_ON_STAGE"
	MutedByTeacher       Reason = "MUTED_BY_TEACHER"
	PollNotFound         Reason = "POLL_NOT_FOUND"
	PollClosed           Reason = "POLL_CLOSED"
	PollAlreadyOpen      Reason = "POLL_ALREADY_OPEN"
	OfferRejected        Reason = "OFFER_REJECTED"
	ResourceExhausted    Reason = "RESOURCE_EXHAUSTED"
	Unavailable          Reason = "UNAVAILABLE"
	DeadlineExceeded     Reason = "DEADLINE_EXCEEDED"
	Internal             Reason = "INTERNAL"
	Conflict             Reason = "CONFLICT"
	OutOfRange           Reason = "OUT_OF_RANGE"
	PasswordRejected     Reason = "PASSWORD_REJECTED"
	Cancelled            Reason = "CANCELLED"
	MediaTokenInvalid    Reason = "MEDIA_TOKEN_INVALID"
	MediaTokenInUse      Reason = "MEDIA_TOKEN_IN_USE"
	LessonFull           Reason = "LESSON_FULL"
)

// prefix is what commonv1.Reason puts before each name.
const prefix = "REASON_"

// meaning is what a reason stands for at the border of a service.
type meaning struct {
	code     codes.Code
	sentence string // stable, safe to show, in English
}

// meanings has one entry for each reason; a test compares it with the proto enum.
var meanings = map[Reason]meaning{
	InvalidArgument:      {codes.InvalidArgument, "A field breaks its limits."},
	Unauthenticated:      {codes.Unauthenticated, "Sign in first."},
	WrongCredentials:     {codes.Unauthenticated, "Login or password is wrong."},
	AccountLocked:        {codes.ResourceExhausted, "Too many failed attempts; try again later."},
	SessionExpired:       {codes.Unauthenticated, "The session has expired; sign in again."},
	PermissionDenied:     {codes.PermissionDenied, "This is not allowed."},
	NotFound:             {codes.NotFound, "There is no such thing."},
	AlreadyExists:        {codes.AlreadyExists, "It exists already."},
	TeacherBooked:        {codes.FailedPrecondition, "The teacher has another lesson in that time."},
	ClassroomBooked:      {codes.FailedPrecondition, "A classroom has another lesson in that time."},
	PairingCodeUnknown:   {codes.NotFound, "The pairing code is unknown."},
	PairingCodeUsed:      {codes.FailedPrecondition, "The pairing code was used already."},
	PairingCodeExpired:   {codes.FailedPrecondition, "The pairing code has expired."},
	LessonNotOpen:        {codes.FailedPrecondition, "The lesson cannot be entered yet."},
	LessonNotStarted:     {codes.FailedPrecondition, "The lesson has not started."},
	LessonAlreadyStarted: {codes.FailedPrecondition, "The lesson has started already."},
	LessonEnded:          {codes.FailedPrecondition, "The lesson has ended."},
	LessonCancelled:      {codes.FailedPrecondition, "The lesson was cancelled."},
	ParticipantNotFound:  {codes.NotFound, "The participant is not in the lesson."},
	Superseded:           {codes.FailedPrecondition, "A newer window has taken over."},
	StageFull:            {codes.FailedPrecondition, "The stage is full."},
	NotOnStage:           {codes.FailedPrecondition, "The participant is not on stage."},
	MutedByTeacher:       {codes.PermissionDenied, "The teacher closed this microphone."},
	PollNotFound:         {codes.NotFound, "There is no such poll."},
	PollClosed:           {codes.FailedPrecondition, "The poll is closed."},
	PollAlreadyOpen:      {codes.FailedPrecondition, "Another poll is open."},
	OfferRejected:        {codes.InvalidArgument, "The media offer does not have the agreed shape."},
	ResourceExhausted:    {codes.ResourceExhausted, "A limit is reached; try again later."},
	Unavailable:          {codes.Unavailable, "The service cannot answer now; try again."},
	DeadlineExceeded:     {codes.DeadlineExceeded, "The service did not answer in time."},
	Internal:             {codes.Internal, "Something went wrong on the server."},
	Conflict:             {codes.Aborted, "The log continued under another writer; try again."},
	OutOfRange:           {codes.OutOfRange, "The starting point is beyond the end."},
	PasswordRejected:     {codes.InvalidArgument, "The new password is too weak or equals the old one."},
	Cancelled:            {codes.Canceled, "The call was cancelled."},
	MediaTokenInvalid:    {codes.Unauthenticated, "The media token is unknown or was revoked."},
	MediaTokenInUse:      {codes.FailedPrecondition, "The media token is in use."},
	LessonFull:           {codes.FailedPrecondition, "As many have come as a lesson may have."},
}

// byCode is the reason of a status that carries no Fault: made by gRPC itself or by a foreign server.
var byCode = map[codes.Code]Reason{
	codes.Canceled:           Cancelled,
	codes.InvalidArgument:    InvalidArgument,
	codes.DeadlineExceeded:   DeadlineExceeded,
	codes.NotFound:           NotFound,
	codes.AlreadyExists:      AlreadyExists,
	codes.PermissionDenied:   PermissionDenied,
	codes.ResourceExhausted:  ResourceExhausted,
	codes.Aborted:            Conflict,
	codes.OutOfRange:         OutOfRange,
	codes.Unavailable:        Unavailable,
	codes.Unauthenticated:    Unauthenticated,
	codes.FailedPrecondition: Internal,
}

// known returns r, or Internal for a name outside the table.
func (r Reason) known() Reason {
	if _, ok := meanings[r]; ok {
		return r
	}
	return Internal
}

// Code returns the gRPC code that belongs to the reason.
func (r Reason) Code() codes.Code { return meanings[r.known()].code }

// Sentence returns the stable English sentence that callers see.
func (r Reason) Sentence() string { return meanings[r.known()].sentence }

func (r Reason) proto() commonv1.Reason {
	return commonv1.Reason(commonv1.Reason_value[prefix+string(r.known())])
}

func reasonFromProto(r commonv1.Reason) Reason {
	name := r.String()
	if len(name) <= len(prefix) {
		return Internal
	}
	return Reason(name[len(prefix):]).known()
}
