package child

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

type line struct {
	Ready bool `json:"ready"`
}

func isReady(l line) bool { return l.Ready }

func TestProcess_IsReadyByItsLineAndStops(t *testing.T) {
	p, l, err := Start(t.Context(), &Tail{}, 10*time.Second, isReady, "sh", "-c", `echo noise; echo '{}'; echo '{"ready":true}'; exec sleep 60`)
	if err != nil || !l.Ready {
		t.Fatal(l, err)
	}
	if kb, err := ResidentKB(p.PID()); err != nil || kb <= 0 {
		t.Errorf("%d kB, %v", kb, err)
	}
	if err := p.Stop(10 * time.Second); err == nil || !strings.Contains(err.Error(), "ended badly") {
		t.Errorf("a program that does not mind its end: %v", err)
	}
	if err := p.Stop(10 * time.Second); err == nil || !strings.Contains(err.Error(), "by itself") {
		t.Errorf("stopped twice: %v", err)
	}
}

func TestProcess_WhatEndsTooSoonSaysWhy(t *testing.T) {
	_, _, err := Start(t.Context(), &Tail{}, 10*time.Second, isReady, "sh", "-c", "echo out of luck >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "out of luck") || !strings.Contains(err.Error(), "exit status 3") {
		t.Error(err)
	}
}

func TestResidentKB_SeesThisProcess(t *testing.T) {
	if kb, err := ResidentKB(os.Getpid()); err != nil || kb < 1000 {
		t.Errorf("%v kB, %v", kb, err)
	}
}

func TestTail_KeepsTheEnd(t *testing.T) {
	var log Tail
	for range 3 {
		if _, err := log.Write(bytes.Repeat([]byte("x"), tailBytes)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	if len(log.text) != tailBytes || !bytes.HasSuffix(log.text, []byte("the end")) {
		t.Errorf("keeps %d bytes", len(log.text))
	}
}
