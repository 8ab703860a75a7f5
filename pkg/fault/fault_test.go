package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

func TestReason_EveryProtoReasonHasCodeAndSentence(t *testing.T) {
	for number, name := range commonv1.Reason_name {
		if number == 0 {
			continue
		}
		r := fault.Reason(strings.TrimPrefix(name, "REASON_"))
		e := fault.New(r)
		if e.Reason() != r {
			t.Errorf("%s has no entry in the table", name)
			continue
		}
		if e.Detail().GetReason() != commonv1.Reason(number) {
			t.Errorf("%s travels as %s", name, e.Detail().GetReason())
		}
		if r.Code() == codes.OK || r.Code() == codes.Unknown {
			t.Errorf("%s has code %s", name, r.Code())
		}
		if !strings.HasSuffix(r.Sentence(), ".") {
			t.Errorf("%s has no sentence: %q", name, r.Sentence())
		}
	}
}

func TestReason_UnknownNameBecomesInternal(t *testing.T) {
	if got := fault.New("MADE_UP").Reason(); got != fault.Internal {
		t.Errorf("reason %s", got)
	}
}

func TestError_SurvivesTheWayThroughAStatus(t *testing.T) {
	sent := fault.New(fault.LessonNotOpen,
		fault.With("opens_at", "2026-11-02T08:00:00Z"),
		fault.RetryAfter(90*time.Second),
		fault.Violation("lesson_id", "string.min_len", "at least 1 character"))
	got := fault.From(status.FromProto(sent.GRPCStatus().Proto()).Err())
	if got.Reason() != fault.LessonNotOpen {
		t.Errorf("reason %s", got.Reason())
	}
	if got.Metadata("opens_at") != "2026-11-02T08:00:00Z" {
		t.Errorf("opens_at %q", got.Metadata("opens_at"))
	}
	if got.RetryAfter() != 90*time.Second {
		t.Errorf("retry after %s", got.RetryAfter())
	}
	if v := got.Detail().GetViolations(); len(v) != 1 || v[0].GetField() != "lesson_id" {
		t.Errorf("violations %v", v)
	}
}

func TestError_CauseNeverLeavesTheService(t *testing.T) {
	e := fault.Wrap(fault.Internal, errors.New("dial postgres://secret@db"))
	if text := e.GRPCStatus().Proto().String(); strings.Contains(text, "secret") {
		t.Errorf("status tells %s", text)
	}
	if !strings.Contains(e.Error(), "secret") {
		t.Errorf("the log misses the cause: %s", e)
	}
}

func TestReasonOf(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want fault.Reason
	}{
		"nil":                  {nil, ""},
		"fault":                {fault.New(fault.StageFull), fault.StageFull},
		"wrapped fault":        {fmt.Errorf("call on: %w", fault.New(fault.StageFull)), fault.StageFull},
		"status with a fault":  {fault.New(fault.Superseded).GRPCStatus().Err(), fault.Superseded},
		"status without fault": {status.Error(codes.Unavailable, "no connection"), fault.Unavailable},
		"status unknown":       {status.Error(codes.Unknown, "?"), fault.Internal},
		"wrapped status":       {fmt.Errorf("ask: %w", status.Error(codes.NotFound, "")), fault.NotFound},
		"context cancelled":    {fmt.Errorf("read: %w", context.Canceled), fault.Cancelled},
		"context expired":      {context.DeadlineExceeded, fault.DeadlineExceeded},
		"anything else":        {errors.New("disk full"), fault.Internal},
	} {
		if got := fault.ReasonOf(row.err); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestInvalid_NamesTheField(t *testing.T) {
	e := fault.Invalid("title", "string.max_len", "at most 120 characters")
	if e.GRPCStatus().Code() != codes.InvalidArgument {
		t.Errorf("code %s", e.GRPCStatus().Code())
	}
	if v := e.Detail().GetViolations(); len(v) != 1 || v[0].GetRule() != "string.max_len" {
		t.Errorf("violations %v", v)
	}
}
