package codec

import (
	"errors"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// MediaTokens returns what was issued in a lesson, without anything by which it could be used.
func MediaTokens(s *lesson.State) []*classroomv1.MediaToken {
	var list []*classroomv1.MediaToken
	for _, t := range s.MediaTokens {
		list = append(list, MediaToken(s, t))
	}
	return list
}

// MediaToken returns one of them.
func MediaToken(s *lesson.State, t lesson.MediaToken) *classroomv1.MediaToken {
	p := s.Participant(t.ID)
	return &classroomv1.MediaToken{
		TokenId: t.ID, Use: useTo(t.Use), Name: t.Name, Picture: pictureTo(t), IssuedBy: t.IssuedBy,
		IssuedAt: stamp(t.IssuedAt), Revoked: t.Revoked, InUse: p != nil && p.Presence != lesson.Absent,
	}
}

// MediaUse reads a use; zero for one that is not known.
func MediaUse(u classroomv1.MediaUse) lesson.MediaUse {
	switch u {
	case classroomv1.MediaUse_MEDIA_USE_PUBLISH:
		return lesson.MediaPublish
	case classroomv1.MediaUse_MEDIA_USE_WATCH:
		return lesson.MediaWatch
	default:
		return lesson.MediaUseNone
	}
}

func useTo(u lesson.MediaUse) classroomv1.MediaUse {
	switch u {
	case lesson.MediaPublish:
		return classroomv1.MediaUse_MEDIA_USE_PUBLISH
	case lesson.MediaWatch:
		return classroomv1.MediaUse_MEDIA_USE_WATCH
	default:
		return classroomv1.MediaUse_MEDIA_USE_UNSPECIFIED
	}
}

// pictureTo is unset for a token that shows nothing.
func pictureTo(t lesson.MediaToken) classroomv1.MediaPicture {
	switch {
	case t.Use != lesson.MediaPublish:
		return classroomv1.MediaPicture_MEDIA_PICTURE_UNSPECIFIED
	case t.Screen:
		return classroomv1.MediaPicture_MEDIA_PICTURE_SCREEN
	default:
		return classroomv1.MediaPicture_MEDIA_PICTURE_CAMERA
	}
}

// issuedTo tells the log all, the lead teacher all but the hash, others the id.
func issuedTo(t lesson.MediaToken, v Viewer) *classroomv1.MediaTokenIssued {
	wire := &classroomv1.MediaTokenIssued{TokenId: t.ID}
	if v.All {
		wire.Use, wire.Name, wire.Picture, wire.IssuedBy = useTo(t.Use), t.Name, pictureTo(t), t.IssuedBy
	}
	if v.log {
		wire.Hash = t.Hash[:]
	}
	return wire
}

var errHash = errors.New("a media token without its hash")

func issuedFrom(m *classroomv1.MediaTokenIssued) (lesson.Kind, error) {
	t := lesson.MediaToken{ID: m.GetTokenId(), Use: MediaUse(m.GetUse()), Name: m.GetName(), IssuedBy: m.GetIssuedBy()}
	// Who shows nothing has no picture, whatever is written.
	t.Screen = t.Use == lesson.MediaPublish && m.GetPicture() == classroomv1.MediaPicture_MEDIA_PICTURE_SCREEN
	if copy(t.Hash[:], m.GetHash()) != len(t.Hash) || len(m.GetHash()) != len(t.Hash) {
		return nil, errHash
	}
	return lesson.MediaTokenIssued{Token: t}, nil
}
