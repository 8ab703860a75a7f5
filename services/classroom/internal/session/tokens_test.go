package session

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

// issue gives a token of the lead teacher's.
func (i *instance) issue(token lesson.MediaToken) (id, secret string) {
	i.t.Helper()
	s, _ := i.enter(teacher)
	token.Name = "编码器"
	issued, secret, err := s.IssueToken(i.t.Context(), teacher, token)
	if err != nil {
		i.t.Fatal(err)
	}
	return issued.ID, secret
}

func (i *instance) openMedia(secret string, use lesson.MediaUse, offer string) (name string, err error) {
	s, _ := i.enter(teacher)
	_, name, err = s.OpenMedia(i.t.Context(), secret, use, offer)
	return name, err
}

// opens is a holder's slow offer.
func (i *instance) opens(secret string, use lesson.MediaUse) func() error {
	return func() error {
		_, err := i.openMedia(secret, use, slowOffer)
		return err
	}
}

func (i *instance) here(id string) bool {
	p := i.state().Participant(id)
	return p != nil && p.Presence == lesson.Present
}

func TestMediaToken_OutlivesARestartAndSoDoesItsRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := eventlog.NewMemory()
		first := run(t, logs)
		first.joined(teacher)
		kept, keptSecret := first.issue(lesson.MediaToken{Use: lesson.MediaPublish})
		revoked, revokedSecret := first.issue(lesson.MediaToken{Use: lesson.MediaWatch})
		first.do(teacher, lesson.RevokeMediaToken{ID: revoked})
		first.stop()
		second := run(t, logs)
		defer second.stop()
		if _, err := second.openMedia(keptSecret, lesson.MediaPublish, "offer"); err != nil || !second.here(kept) {
			t.Errorf("the token is worth nothing after a restart: %v", err)
		}
		if _, err := second.openMedia(revokedSecret, lesson.MediaWatch, "offer"); fault.ReasonOf(err) != fault.MediaTokenInvalid {
			t.Errorf("the revoked token: %v", err)
		}
	})
}

func TestMediaToken_SaysWhatTheRelayIsToldOfItsHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		rows := []struct {
			token lesson.MediaToken
			shape placement.Shape
			place placement.Standing
			sends []placement.Media
		}{
			{lesson.MediaToken{Use: lesson.MediaPublish}, placement.PublishCamera, placement.Room, []placement.Media{placement.Microphone, placement.Camera}},
			{lesson.MediaToken{Use: lesson.MediaPublish, Screen: true}, placement.PublishScreen, placement.Room, []placement.Media{placement.ScreenAudio, placement.Screen}},
			{lesson.MediaToken{Use: lesson.MediaWatch}, placement.Watch, placement.Audience, nil},
		}
		for _, row := range rows {
			id, secret := i.issue(row.token)
			if _, err := i.openMedia(secret, row.token.Use, "offer"); err != nil {
				t.Fatal(err)
			}
			if got := i.relay.shapes[len(i.relay.shapes)-1]; got != row.shape {
				t.Errorf("shape %d, want %d", got, row.shape)
			}
			if g := i.relay.grant(id); g.Standing != row.place || !slices.Equal(g.MaySend, row.sends) {
				t.Errorf("grant %+v, want %+v", g, row)
			}
		}
	})
}

func TestOpenMedia_WhoseOfferIsRefusedLeavesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaPublish})
		if _, err := i.openMedia(secret, lesson.MediaPublish, badOffer); fault.ReasonOf(err) != fault.OfferRejected {
			t.Fatalf("got %v", err)
		}
		if i.here(id) {
			t.Error("the holder is still there")
		}
		if _, err := i.openMedia(secret, lesson.MediaPublish, "offer"); err != nil {
			t.Errorf("the next offer: %v", err)
		}
	})
}

func TestOpenMedia_WhoseMediaNeverComesUpLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaWatch})
		other, otherSecret := i.issue(lesson.MediaToken{Use: lesson.MediaWatch})
		for _, s := range []string{secret, otherSecret} {
			if _, err := i.openMedia(s, lesson.MediaWatch, "offer"); err != nil {
				t.Fatal(err)
			}
		}
		i.do("", lesson.ReportMedia{ID: other, Connected: true})
		later(DefaultConfig().MediaPatience - time.Second)
		if !i.here(id) {
			t.Error("sent away before its time")
		}
		later(2 * time.Second)
		if i.here(id) {
			t.Error("still there")
		}
		later(5 * time.Minute)
		if !i.here(other) {
			t.Error("whose media is up was sent away")
		}
		i.do("", lesson.ReportMedia{ID: other})
		later(time.Millisecond)
		if i.here(other) {
			t.Error("whose media is gone is still there")
		}
	})
}

func TestOpenMedia_TheNewestSessionOfATokenCounts(t *testing.T) {
	for name, up := range map[string]bool{"in the place of one whose media is up": true, "and of one whose media never came up": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := run(t, eventlog.NewMemory())
				defer i.stop()
				i.joined(teacher)
				id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaPublish})
				s, _ := i.enter(teacher)
				first, err := i.openMedia(secret, lesson.MediaPublish, "offer")
				if err != nil {
					t.Fatal(err)
				}
				i.do("", lesson.ReportMedia{ID: id, Connected: up})
				later(time.Minute / 4)
				second, err := i.openMedia(secret, lesson.MediaPublish, "offer")
				if err != nil {
					t.Fatal(err)
				}
				if err := s.CloseMedia(t.Context(), secret, first); fault.ReasonOf(err) != fault.NotFound {
					t.Errorf("the first session: %v", err)
				}
				i.do("", lesson.ReportMedia{ID: id}) // the relay misses the first before the second is up
				later(time.Second)
				if !i.here(id) {
					t.Error("the end of the first session ended the second")
				}
				if err := s.CloseMedia(t.Context(), secret, second); err != nil {
					t.Errorf("the second session: %v", err)
				}
			})
		})
	}
}

func TestOpenMedia_OfTwoAtOnceOneIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaPublish})
		var second string
		err := i.during(i.opens(secret, lesson.MediaPublish), func() {
			var err error
			if second, err = i.openMedia(secret, lesson.MediaPublish, "offer"); err != nil {
				t.Fatal(err)
			}
		})
		if fault.ReasonOf(err) != fault.MediaTokenInUse || fault.From(err).RetryAfter() <= 0 {
			t.Errorf("the first is told %v", err)
		}
		s, _ := i.enter(teacher)
		if !i.here(id) || s.CloseMedia(t.Context(), secret, second) != nil {
			t.Error("the second session does not count")
		}
	})
}

func TestOpenMedia_RevokedWhileTheRelayAnswersIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaWatch})
		err := i.during(i.opens(secret, lesson.MediaWatch), func() { i.do(teacher, lesson.RevokeMediaToken{ID: id}) })
		if fault.ReasonOf(err) != fault.MediaTokenInvalid {
			t.Errorf("told %v", err)
		}
	})
}

func TestCloseMedia_EndsTheSessionThatCountsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		id, secret := i.issue(lesson.MediaToken{Use: lesson.MediaPublish})
		s, _ := i.enter(teacher)
		first, err := i.openMedia(secret, lesson.MediaPublish, "offer")
		if err != nil {
			t.Fatal(err)
		}
		reasons := []fault.Reason{
			fault.ReasonOf(s.CloseMedia(t.Context(), "guessed", first)),
			fault.ReasonOf(s.CloseMedia(t.Context(), secret, "another session")),
			fault.ReasonOf(s.CloseMedia(t.Context(), secret, first)),
			fault.ReasonOf(s.CloseMedia(t.Context(), secret, first)),
		}
		if want := []fault.Reason{fault.MediaTokenInvalid, fault.NotFound, "", fault.NotFound}; !reflect.DeepEqual(reasons, want) {
			t.Errorf("got %v", reasons)
		}
		if i.here(id) || !i.relay.saw(&i.relay.gone, id) {
			t.Error("the holder is still there")
		}
	})
}
