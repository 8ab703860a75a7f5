package ratelimit

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiter_FillsUpAgainAndKeepsKeysApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(1, 2)
		for range 2 {
			if _, ok := l.Take("a"); !ok {
				t.Fatal("the burst was refused")
			}
		}
		wait, ok := l.Take("a")
		if ok || wait <= 0 || wait > time.Second {
			t.Errorf("wait %s, %t", wait, ok)
		}
		if _, ok := l.Take("b"); !ok {
			t.Error("b pays for a")
		}
		time.Sleep(wait) // virtual
		if _, ok := l.Take("a"); !ok {
			t.Error("refused after the wait it was told")
		}
	})
}

func TestLimiter_ForgetsWhenTooManyKeysCome(t *testing.T) {
	l := New(0.001, 1)
	for i := range maxKeys + 10 {
		l.Take(strconv.Itoa(i))
	}
	if len(l.buckets) > maxKeys {
		t.Errorf("%d keys", len(l.buckets))
	}
}
