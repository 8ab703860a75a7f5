package directory_test

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func fail(a directory.Attempts, times int, at time.Time) directory.Attempts {
	for range times {
		a = a.Fail(at)
	}
	return a
}

func TestAttempts_FiveFailuresLockForAQuarterOfAnHour(t *testing.T) {
	a := fail(directory.Attempts{}, 4, noon)
	if wait := a.Locked(noon); wait != 0 {
		t.Fatalf("four failures lock for %v", wait)
	}
	a = a.Fail(noon)
	if wait := a.Locked(noon); wait != 15*time.Minute {
		t.Fatalf("five failures lock for %v", wait)
	}
	if wait := a.Locked(noon.Add(15 * time.Minute)); wait != 0 {
		t.Fatalf("still locked for %v", wait)
	}
}

func TestAttempts_EachLockIsTwiceAsLongUpToFourHours(t *testing.T) {
	var a directory.Attempts
	now := noon
	for i, want := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
		a = fail(a, 5, now)
		if wait := a.Locked(now); wait != want {
			t.Fatalf("lock %d lasts %v, want %v", i+1, wait, want)
		}
		now = now.Add(want)
	}
	a.Locks = 1000
	if wait := fail(a, 5, now).Locked(now); wait != 4*time.Hour {
		t.Errorf("lock 1001 lasts %v", wait)
	}
}

func TestAttempts_ADayWithoutFailuresStartsAnew(t *testing.T) {
	a := fail(directory.Attempts{}, 9, noon)
	a = a.Fail(noon.Add(24 * time.Hour))
	if a.Failures != 1 || a.Locks != 0 || a.Locked(noon.Add(24*time.Hour)) != 0 {
		t.Errorf("attempts %+v", a)
	}
}

func TestFailures_OneSourceLocksNobodyElseOutHoweverLongItGoesOn(t *testing.T) {
	var f directory.Failures
	now := noon
	for range 1000 {
		now = now.Add(max(time.Minute, f.Locked(now)))
		f = f.Fail(now)
		if wait := (directory.Failures{ForAll: f.ForAll}).Locked(now); wait > 0 {
			t.Fatalf("another source is locked out for %v after %v", wait, now.Sub(noon))
		}
	}
}

func TestFailures_OfManySourcesLockTheLoginForAll(t *testing.T) {
	var all directory.Attempts
	for source := range 10 {
		f := directory.Failures{ForAll: all}
		for range 5 {
			if wait := f.Locked(noon); wait > 0 {
				t.Fatalf("source %d is locked out for %v", source, wait)
			}
			f = f.Fail(noon)
		}
		all = f.ForAll
	}
	if wait := (directory.Failures{ForAll: all}).Locked(noon); wait != 15*time.Minute {
		t.Errorf("locked for %v after fifty failures", wait)
	}
}

func TestSourceOf_IsTheNetworkThatSomebodyControls(t *testing.T) {
	for address, want := range map[string]directory.Source{
		"203.0.113.7":           "203.0.113.7",
		"203.0.113.7:4711":      "203.0.113.7",
		"::ffff:203.0.113.7":    "203.0.113.7",
		"2001:db8:1:2:3::4":     "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]:443": "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"":                      "unknown",
		"*":                     "unknown",
		"signed-in":             "unknown",
	} {
		if got := directory.SourceOf(address); got != want {
			t.Errorf("source of %q is %q, want %q", address, got, want)
		}
	}
}

func TestLimiter_AllowsSoManyTriesInAWindow(t *testing.T) {
	l := directory.NewLimiter(2, 10*time.Minute)
	for i := range 2 {
		if wait := l.Take("a", noon.Add(time.Duration(i)*time.Minute)); wait != 0 {
			t.Fatalf("try %d waits %v", i, wait)
		}
	}
	if wait := l.Take("a", noon.Add(2*time.Minute)); wait != 8*time.Minute {
		t.Errorf("third try waits %v, want 8m", wait)
	}
	if wait := l.Take("b", noon.Add(2*time.Minute)); wait != 0 {
		t.Errorf("somebody else waits %v", wait)
	}
	l.GiveBack("a")
	if wait := l.Take("a", noon.Add(2*time.Minute)); wait != 0 {
		t.Errorf("after one was given back waits %v", wait)
	}
	if wait := l.Take("a", noon.Add(10*time.Minute)); wait != 0 {
		t.Errorf("in a new window waits %v", wait)
	}
	l.Take("c", noon.Add(time.Hour))
	if n := l.Known(); n != 1 {
		t.Errorf("remembers %d callers, want 1", n)
	}
}

func TestNormaliseCode_TakesWhatPeopleType(t *testing.T) {
	for typed, want := range map[string]string{
		"ACD347":       "ACD347",
		"acd347":       "ACD347",
		" acd-347 ":    "ACD347",
		"a c d 3 4 7":  "ACD347",
		"ACD　347":      "ACD347",
		"ACD34":        "",
		"ACD3477":      "",
		"ACD-34é":      "",
		"":             "",
		"------":       "",
		"АСD347":       "", // Cyrillic look-alikes
		"ACD34\x00":    "",
		"ACD347\n":     "",
		"ﬀACD3":        "",
		"ACD347; DROP": "",
	} {
		if got, ok := directory.NormaliseCode(typed); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", typed, got, ok)
		}
	}
}

func FuzzNormaliseCode(f *testing.F) {
	f.Add("acd-347")
	f.Add("ACD　347")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := directory.NormaliseCode(typed)
		if !ok {
			return
		}
		if again, ok := directory.NormaliseCode(code); !ok || again != code || len(code) != 6 {
			t.Errorf("%q gives %q, which gives %q", typed, code, again)
		}
	})
}

func TestNormaliseCode_KeepsEveryCodeThatIsMade(t *testing.T) {
	for range 100 {
		code := ids.PairingCode()
		if got, ok := directory.NormaliseCode(code); !ok || got != code {
			t.Fatalf("%q: %q, %v", code, got, ok)
		}
	}
}

func TestDeviceCredential_IsNotTheSecretAndAlwaysTheSame(t *testing.T) {
	a, b := directory.DeviceCredential("secret"), directory.DeviceCredential("secret")
	if a != b || a == directory.DeviceCredential("Secret") || len(a) != 43 || a.Hash() == directory.Credential("secret").Hash() {
		t.Errorf("credentials %q and %q", a, b)
	}
}
