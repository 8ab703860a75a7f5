package standalone

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/scheduling"
)

// seedDemo loads the demo data and says, for the welcome, which lesson a newcomer can enter first.
func seedDemo(ctx context.Context, p *process, now time.Time) (string, error) {
	live, err := p.unfinished(ctx)
	if err != nil {
		return "", err
	}
	seed := demo(now)
	seed.LiveLessonIDs, seed.Ended = live, p.ended
	leftOut, err := p.scheduling.Seed(ctx, seed)
	if err != nil {
		return "", fmt.Errorf("load demo data: %w", err)
	}
	return firstLesson(seed.Lessons, leftOut, now), nil
}

// firstLesson says what is true of the lessons of the account "teacher": one is under way, or when the first begins.
func firstLesson(lessons []scheduling.SeedLesson, leftOut []scheduling.LeftOut, now time.Time) string {
	lessons = slices.DeleteFunc(slices.Clone(lessons), func(l scheduling.SeedLesson) bool {
		return l.TeacherID != demoPerson+"teacher"
	})
	for _, l := range lessons {
		if slices.Contains(leftOut, scheduling.LeftOut{Key: l.Key, Live: true}) {
			return fmt.Sprintf("the lesson %s is under way", l.Title)
		}
	}
	for _, l := range lessons {
		if slices.Contains(leftOut, scheduling.LeftOut{Key: l.Key}) {
			continue
		}
		if l.StartsAt.Sub(now) <= 2*time.Minute {
			return fmt.Sprintf("the lesson %s begins in two minutes", l.Title)
		}
		return fmt.Sprintf("the lesson %s begins at %s (Beijing time); it opens 15 minutes before", l.Title,
			l.StartsAt.In(beijing).Format("15:04"))
	}
	return "its lessons are those that were planned by hand; the scheduler can plan more"
}

// beijing is the time that the demo schools keep; it has no summer time.
var beijing = time.FixedZone(demoZone, 8*60*60)
