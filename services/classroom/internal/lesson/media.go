package lesson

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

const (
	// MaxMediaTokens bounds what is issued in one lesson, revoked ones included.
	MaxMediaTokens = 64
	// MaxTokenNameRunes bounds the name of a token's holder.
	MaxTokenNameRunes = 40
)

// MediaUse is what a token is good for.
type MediaUse int

// The uses.
const (
	MediaUseNone MediaUse = iota
	MediaPublish
	MediaWatch
)

// TokenHash is the SHA-256 of a token's secret; the secret itself is kept nowhere.
type TokenHash [sha256.Size]byte

// HashToken hashes a secret of 256 random bits, which needs neither salt nor a slow hash.
func HashToken(secret string) TokenHash { return sha256.Sum256([]byte(secret)) }

// MediaToken lets a program that is no browser publish into the lesson or watch it. Its holder is a participant with
// the token's id: an encoder, or an observer.
type MediaToken struct {
	ID   string
	Use  MediaUse
	Name string
	// Screen: what is published counts as a shared screen, not as a camera.
	Screen   bool
	IssuedBy string
	// IssuedAt and Revoked are the state's: the event does not say them.
	IssuedAt time.Time
	Hash     TokenHash
	Revoked  bool
}

// IssueMediaToken adds a token: the lead teacher, or an operator as the system. The caller has drawn id and secret.
type IssueMediaToken struct{ Token MediaToken }

// RevokeMediaToken makes a token worthless and sends its holder away.
type RevokeMediaToken struct{ ID string }

// OpenMedia brings the holder of a token in. Session is a hash, as a window's is. It takes the place of the token's
// session before: an encoder that comes back after a power cut must not wait until it is missed.
type OpenMedia struct {
	Hash    TokenHash
	Use     MediaUse
	Session string
}

// Name implements Action.
func (IssueMediaToken) Name() string { return "IssueMediaToken" }

// Name implements Action.
func (RevokeMediaToken) Name() string { return "RevokeMediaToken" }

// Name implements Action.
func (OpenMedia) Name() string { return "OpenMedia" }

// MediaToken finds a token by id; the zero value when there is none.
func (s *State) MediaToken(id string) MediaToken {
	if i := slices.IndexFunc(s.MediaTokens, func(t MediaToken) bool { return t.ID == id }); i >= 0 {
		return s.MediaTokens[i]
	}
	return MediaToken{}
}

// ByToken tells whether a participant came with a token: its media stands for it, it attends no stream.
func (s *State) ByToken(id string) bool { return s.MediaToken(id).ID != "" }

// TokenOf finds the token of a secret; MEDIA_TOKEN_INVALID when it is none of the lesson's, or revoked.
func (s *State) TokenOf(hash TokenHash) (MediaToken, error) {
	i := slices.IndexFunc(s.MediaTokens, func(t MediaToken) bool { return t.Hash == hash })
	if i < 0 || s.MediaTokens[i].Revoked {
		return MediaToken{}, fault.New(fault.MediaTokenInvalid)
	}
	return s.MediaTokens[i], nil
}

// MayIssueTokens tells whether a person who is no operator or administrator may issue, list and revoke.
func (s *State) MayIssueTokens(id string) bool {
	lead := s.Lead()
	return lead != nil && lead.ID == id
}

// issuing refuses everyone but the lead teacher and the system.
func (d *draft) issuing() error {
	if d.actor == "" {
		return nil
	}
	return d.lead()
}

func (a IssueMediaToken) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	if err := d.issuing(); err != nil {
		return err
	}
	if err := checkText("name", a.Token.Name, MaxTokenNameRunes); err != nil {
		return err
	}
	if strings.ContainsFunc(a.Token.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fault.Invalid("name", "string.pattern", "is one line of text")
	}
	if len(d.state.MediaTokens) >= MaxMediaTokens {
		return fault.New(fault.ResourceExhausted)
	}
	d.emit(MediaTokenIssued(a))
	return nil
}

func (a RevokeMediaToken) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	if err := d.issuing(); err != nil {
		return err
	}
	switch token := d.state.MediaToken(a.ID); {
	case token.ID == "":
		return fault.New(fault.NotFound)
	case token.Revoked:
		return nil
	}
	d.emit(MediaTokenRevoked(a))
	if p := d.state.Participant(a.ID); p != nil && p.Presence != Absent {
		d.takeOut(p)
	}
	return nil
}

func (a OpenMedia) decide(d *draft) error {
	token, err := d.state.TokenOf(a.Hash)
	if err != nil {
		return err
	}
	if err := d.open(); err != nil {
		return err
	}
	if token.Use != a.Use {
		return fault.New(fault.PermissionDenied)
	}
	p := d.state.Participant(token.ID)
	switch {
	case p == nil && len(d.state.Participants) >= MaxParticipants:
		return fault.New(fault.LessonFull)
	case p != nil && p.MediaConnected:
		d.emit(MediaLost{ID: p.ID}) // that was the session before
	}
	d.emit(ParticipantJoined{Member: token.holder(), Window: a.Session})
	if token.Use == MediaPublish && (p == nil || !p.MutedByTeacher && !p.AudioOpen) {
		d.emit(AudioChanged{ID: token.ID, Open: true})
	}
	return nil
}

// holder is who comes with the token.
func (t MediaToken) holder() Member {
	m := Member{ID: t.ID, Name: t.Name, Role: RoleEncoder}
	if t.Use == MediaWatch {
		m.Role = RoleObserver
	}
	return m
}

func (k MediaTokenIssued) apply(s *State, e Event) {
	token := k.Token
	token.IssuedAt = e.At
	s.MediaTokens = append(slices.Clip(s.MediaTokens), token)
}

func (k MediaTokenRevoked) apply(s *State, _ Event) {
	s.MediaTokens = slices.Clone(s.MediaTokens)
	for i := range s.MediaTokens {
		if s.MediaTokens[i].ID == k.ID {
			s.MediaTokens[i].Revoked = true
		}
	}
}
