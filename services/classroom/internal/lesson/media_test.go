package lesson

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

const encoder, player = "mtk_encoder", "mtk_player"

func tokenOf(id string, use MediaUse) MediaToken {
	return MediaToken{ID: id, Name: "录播主机", Use: use, IssuedBy: teacher, Hash: HashToken("secret of " + id)}
}

func opening(id string, use MediaUse) OpenMedia {
	return OpenMedia{Hash: HashToken("secret of " + id), Use: use, Session: "session-1"}
}

// tokenWorld is a started lesson with a token to publish and one to watch.
func tokenWorld(t testing.TB) *world {
	w := liveWorld(t)
	w.must(teacher, IssueMediaToken{Token: tokenOf(encoder, MediaPublish)})
	w.must(teacher, IssueMediaToken{Token: tokenOf(player, MediaWatch)})
	return w
}

func TestMediaToken_OnlyTheLeadTeacherAndOperatorsIssueAndRevoke(t *testing.T) {
	w := tokenWorld(t)
	for _, who := range []string{roomA, assistant, observer, "psn_nobody"} {
		w.refuses(who, IssueMediaToken{Token: tokenOf("mtk_x", MediaWatch)}, fault.PermissionDenied)
		w.refuses(who, RevokeMediaToken{ID: encoder}, fault.PermissionDenied)
	}
	w.must("", IssueMediaToken{Token: tokenOf("mtk_by_operator", MediaWatch)})
	w.must("", RevokeMediaToken{ID: "mtk_by_operator"})
	w.refuses(teacher, RevokeMediaToken{ID: "mtk_unknown"}, fault.NotFound)
}

func TestMediaToken_ANameIsOneLineOfText(t *testing.T) {
	w := liveWorld(t)
	for _, name := range []string{"", "  ", "a\nb", "\xff", string(make([]rune, MaxTokenNameRunes+1))} {
		token := tokenOf(encoder, MediaPublish)
		token.Name = name
		w.refuses(teacher, IssueMediaToken{Token: token}, fault.InvalidArgument)
	}
}

func TestMediaToken_ALessonHasAsManyAsItMayHave(t *testing.T) {
	w := liveWorld(t)
	for i := range MaxMediaTokens {
		id := fmt.Sprintf("mtk_%d", i)
		w.must("", IssueMediaToken{Token: tokenOf(id, MediaWatch)})
		w.must("", RevokeMediaToken{ID: id})
	}
	w.refuses("", IssueMediaToken{Token: tokenOf("mtk_more", MediaWatch)}, fault.ResourceExhausted)
}

func TestOpenMedia_BringsAnEncoderInWithOpenSoundAndAPlayerAsObserver(t *testing.T) {
	w := tokenWorld(t)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must(player, opening(player, MediaWatch))
	e, p := w.state.Participant(encoder), w.state.Participant(player)
	if e.Role != RoleEncoder || e.Presence != Present || !e.AudioOpen || e.Name != "录播主机" {
		t.Errorf("encoder %+v", e)
	}
	if p.Role != RoleObserver || p.Presence != Present || p.AudioOpen {
		t.Errorf("player %+v", p)
	}
}

func TestOpenMedia_Refuses(t *testing.T) {
	w := tokenWorld(t)
	w.refuses("mtk_x", OpenMedia{Hash: HashToken("guessed"), Use: MediaPublish}, fault.MediaTokenInvalid)
	w.refuses(encoder, opening(encoder, MediaWatch), fault.PermissionDenied)
	w.refuses(player, opening(player, MediaPublish), fault.PermissionDenied)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must(encoder, opening(encoder, MediaPublish))
	w.must(teacher, RevokeMediaToken{ID: player})
	w.refuses(player, opening(player, MediaWatch), fault.MediaTokenInvalid)
	w.must(teacher, End{})
	w.refuses(encoder, opening(encoder, MediaPublish), fault.LessonEnded)
	w.refuses(player, opening(player, MediaWatch), fault.MediaTokenInvalid)
}

func TestRevokeMediaToken_SendsItsHolderAwayAndIsRemembered(t *testing.T) {
	w := tokenWorld(t)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must("", ReportMedia{ID: encoder, Connected: true})
	w.must(teacher, SetStage{ID: encoder, On: true})
	got := w.must(teacher, RevokeMediaToken{ID: encoder})
	want := []Kind{
		MediaTokenRevoked{ID: encoder}, SteppedOffStage{ID: encoder}, MediaLost{ID: encoder}, ParticipantLeft{ID: encoder},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if again := w.must(teacher, RevokeMediaToken{ID: encoder}); again != nil {
		t.Errorf("revoked twice: %+v", again)
	}
	if !reflect.DeepEqual(w.replayed(), w.state) {
		t.Error("the log does not lead to the same state")
	}
}

func TestOpenMedia_TakesTheMediaOfTheSessionBeforeAway(t *testing.T) {
	w := tokenWorld(t)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must("", ReportMedia{ID: encoder, Connected: true})
	again := opening(encoder, MediaPublish)
	again.Session = "session-2"
	w.must(encoder, again)
	if p := w.state.Participant(encoder); p.MediaConnected || p.Window != "session-2" || p.Presence != Present {
		t.Errorf("the encoder %+v", p)
	}
}

func TestEncoder_MayComeAgain(t *testing.T) {
	w := tokenWorld(t)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must("", ReportMedia{ID: encoder, Connected: true})
	w.now = w.now.Add(time.Minute)
	w.must("", ReportMedia{ID: encoder})
	w.must("", Leave{ID: encoder}) // as the session does by itself
	w.must(encoder, opening(encoder, MediaPublish))
	if spans := w.state.Participant(encoder).Spans; len(spans) != 2 {
		t.Errorf("attendance %+v", spans)
	}
}

func TestEncoder_StaysMutedByTheTeacherOverASession(t *testing.T) {
	w := tokenWorld(t)
	w.must(encoder, opening(encoder, MediaPublish))
	w.must(teacher, MuteAll{})
	w.must("", Leave{ID: encoder})
	w.must(encoder, opening(encoder, MediaPublish))
	if p := w.state.Participant(encoder); p.AudioOpen || !p.MutedByTeacher {
		t.Errorf("after a mute of all: %+v", p)
	}
	w.must(teacher, SetAudio{ID: encoder, Open: true})
	if !w.state.Participant(encoder).AudioOpen {
		t.Error("the teacher cannot open it again")
	}
	w.refuses(assistant, SetAudio{ID: encoder}, fault.InvalidArgument)
	w.refuses(teacher, SetHeadCount{ID: encoder, Count: 3}, fault.InvalidArgument)
}
