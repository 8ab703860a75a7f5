package standalone

import (
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/scheduling"
)

func TestFirstLesson_SaysWhatIsTrueAtThisStart(t *testing.T) {
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) // 10:00 in Beijing
	for name, c := range map[string]struct {
		leftOut []scheduling.LeftOut
		want    string
	}{
		"all are planned":              {nil, "语文·荷塘月色 begins in two minutes"},
		"the first is live":            {[]scheduling.LeftOut{{Key: "chinese", Live: true}}, "语文·荷塘月色 is under way"},
		"the second is live":           {[]scheduling.LeftOut{{Key: "chinese"}, {Key: "physics", Live: true}}, "物理·自由落体 is under way"},
		"the first has no room":        {[]scheduling.LeftOut{{Key: "chinese"}}, "物理·自由落体 begins at 11:32 (Beijing time)"},
		"another teacher's has none":   {[]scheduling.LeftOut{{Key: "mathematics"}}, "语文·荷塘月色 begins in two minutes"},
		"none of the teacher's has it": {[]scheduling.LeftOut{{Key: "chinese"}, {Key: "physics"}}, "planned by hand"},
	} {
		if got := firstLesson(demo(now).Lessons, c.leftOut, now); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q in it", name, got, c.want)
		}
	}
}
