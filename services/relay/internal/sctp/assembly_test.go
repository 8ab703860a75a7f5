package sctp

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

func TestReceive_KeepsTheOrderOfAStream(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(2, "c"))
	r.give(whole(1, "b"))
	r.heard()
	r.give(data(3, 1, 0, allFlags, "other")) // streams do not wait for each other
	r.heard("other")
	r.give(whole(0, "a"))
	r.heard("a", "b", "c")
	r.give(whole(1, "b"), whole(0, "a"))
	r.heard()
}

func TestReceive_HandsUnorderedMessagesOverAtOnce(t *testing.T) {
	r := opened(t, testParams)
	r.give(data(5, 1, 9, allFlags|flagUnordered, "late"))
	r.give(data(2, 1, 9, allFlags|flagUnordered, "early"))
	r.heard("late", "early")
}

func TestReceive_PutsFragmentsTogetherInAnyOrder(t *testing.T) {
	for _, unordered := range []byte{0, flagUnordered} {
		pieces := [][]byte{
			data(0, 0, 0, flagBegin|unordered, "one "), data(1, 0, 0, unordered, "two "),
			data(2, 0, 0, unordered, "three "), data(3, 0, 0, flagEnd|unordered, "four"),
		}
		for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 1, 0, 3, 2}} {
			r := opened(t, testParams)
			for _, i := range order {
				r.heard()
				r.give(pieces[i])
			}
			r.heard("one two three four")
			if s := &r.a.assembly; s.held != nil || s.cost != 0 {
				t.Errorf("%v: still holds %d octets", order, s.cost)
			}
		}
	}
}

func TestReceive_DoesNotJoinWhatDoesNotBelongTogether(t *testing.T) {
	for name, second := range map[string][]byte{
		"another stream": data(1, 1, 0, flagEnd, "b"), "another number": data(1, 0, 1, flagEnd, "b"),
		"another order": data(1, 0, 0, flagEnd|flagUnordered, "b"), "a gap": data(2, 0, 0, flagEnd, "b"),
		"a second beginning": data(1, 0, 0, allFlags&^flagEnd, "b"),
	} {
		r := opened(t, testParams)
		r.give(data(0, 0, 0, flagBegin, "a"))
		r.give(second)
		if len(r.delivered) > 0 {
			t.Errorf("%s: delivered %q", name, r.delivered)
		}
	}
}

func TestReceive_ReportsWhatCameAndWhatCameTwice(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(0, "a"), whole(2, "c"), whole(3, "d"), whole(6, "g"), whole(2, "c"), whole(0, "a"))
	s := readSACK(r.want(chunkSACK)[0])
	if s.cumulative != 1 || !slices.Equal(s.blocks, []uint16{2, 3, 6, 6}) || !slices.Equal(s.duplicates, []int{2, 0}) {
		t.Errorf("%+v", s)
	}
	r.give(whole(1, "b"))
	s = readSACK(r.want(chunkSACK)[0])
	if s.cumulative != 4 || !slices.Equal(s.blocks, []uint16{3, 3}) || s.duplicates != nil {
		t.Errorf("%+v", s)
	}
}

func TestReceive_ReportsAsManyGapsAsFit(t *testing.T) {
	r := opened(t, Params{MTU: MinMTU, MaxMessage: 4 << 10, MaxUnsent: 1 << 10, Streams: 2})
	var chunks [][]byte
	for i := range 300 {
		chunks = append(chunks, data(2*i+1, 1, 0, allFlags|flagUnordered, "a"))
	}
	r.give(append(chunks, chunks...)...)
	s := readSACK(r.want(chunkSACK)[0])
	if len(s.blocks) != 2*maxGaps || len(s.duplicates) != maxDuplicates || s.blocks[2*maxGaps-1] != 2*maxGaps {
		t.Errorf("%d blocks, %d duplicates", len(s.blocks)/2, len(s.duplicates))
	}
}

func TestReceive_DoesNotTakeWhatIsTooFarAhead(t *testing.T) {
	r := opened(t, testParams)
	r.give(data(maxAhead, 1, 0, allFlags|flagUnordered, "far"), data(maxAhead-1, 1, 0, allFlags|flagUnordered, "near"))
	r.heard("near")
	if s := readSACK(r.want(chunkSACK)[0]); !slices.Equal(s.blocks, []uint16{maxAhead, maxAhead}) {
		t.Errorf("%+v", s)
	}
}

func TestReceive_ClosesItsWindowAndStillTakesWhatIsDue(t *testing.T) {
	r := opened(t, testParams)
	text := strings.Repeat("x", 1000)
	r.give(data(1, 0, 1, allFlags, text))
	first := readSACK(r.want(chunkSACK)[0]).window
	if full := uint32(16 * testParams.MaxMessage); first != full-1000-pieceCost {
		t.Errorf("window %d after one chunk", first)
	}
	for i := 2; i < 100; i++ {
		r.give(data(i, 0, uint16(i), allFlags, text))
	}
	s := readSACK(r.want(chunkSACK)[0])
	taken := int(s.blocks[1])
	if s.window >= 1000+pieceCost || taken >= 99 || r.a.Ended() != nil {
		t.Fatalf("%+v, ended: %v", s, r.a.Ended())
	}
	r.give(data(0, 0, 0, flagBegin, "a")) // goes beyond the window: it closes the gap
	r.checkBounds()
	r.heard()
	if s := readSACK(r.want(chunkSACK)[0]); s.cumulative != taken {
		t.Errorf("%+v", s)
	}
}

func TestReceive_EndsWhatHoldsMoreThanAnyHonestPeer(t *testing.T) {
	r := opened(t, testParams)
	for i := 0; r.a.Ended() == nil && i < 10_000; i++ {
		r.give(data(i, 0, 1, flagBegin, strings.Repeat("x", 100))) // beginnings without ends
		r.checkBounds()
	}
	r.ended(ErrTooMuch)
	r.want(chunkAbort)
}

func TestReceive_EndsAtAMessageThatIsTooLong(t *testing.T) {
	text := strings.Repeat("x", 1024)
	r := opened(t, testParams)
	r.give(data(0, 0, 0, flagBegin, text), data(1, 0, 0, 0, text), data(2, 0, 0, 0, text), data(3, 0, 0, flagEnd, text))
	r.heard(strings.Repeat(text, 4)) // the longest
	r.give(data(4, 0, 1, flagBegin, text), data(5, 0, 1, 0, text), data(6, 0, 1, 0, text), data(7, 0, 1, 0, text))
	if r.a.Ended() != nil {
		t.Fatal("ended too early")
	}
	r.give(data(8, 0, 1, 0, "x"))
	r.ended(ErrTooLong)
	r.want(chunkAbort)

	r = opened(t, testParams)
	r.give(data(0, 0, 0, allFlags, strings.Repeat(text, 4)+"x"))
	r.ended(ErrTooLong)
}

func TestReceive_ThrowsAwayWhatIsNotForTheseStreams(t *testing.T) {
	r := opened(t, testParams)
	open := data(0, 0, 0, allFlags, "open")
	binary.BigEndian.PutUint32(open[12:], payloadDCEP)
	empty := data(1, 0, 1, allFlags, "\x00")
	binary.BigEndian.PutUint32(empty[12:], payloadEmptyText)
	r.give(open, empty, data(2, 2, 0, allFlags, "a"), data(3, 65535, 0, flagBegin, "b"), whole(4, "c"))
	if s := readSACK(r.want(chunkSACK)[0]); s.cumulative != 5 || r.a.assembly.cost != pieceCost+1 {
		t.Errorf("%+v, holds %d", s, r.a.assembly.cost)
	}
	r.heard("") // the open message and what is on other streams are gone; "c" waits for its turn
	r.give(data(5, 0, 2, allFlags, "x"), data(6, 0, 3, allFlags, "y"))
	r.heard("x", "y", "c")
}

func TestReceive_EndsAtAChunkWithoutData(t *testing.T) {
	r := opened(t, testParams)
	r.give(data(0, 0, 0, allFlags, ""))
	r.ended(ErrViolation)
}

// forwardTSN gives up everything up to a chunk, and messages of streams up to a number.
func forwardTSN(number int, skipped ...uint16) []byte {
	b := binary.BigEndian.AppendUint32(nil, theirFirst+uint32(number))
	for _, n := range skipped {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return appendChunk(nil, chunkForwardTSN, b)
}

func TestReceive_GoesOnWithoutWhatIsGivenUp(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(1, "b"), whole(4, "e"), data(2, 0, 2, flagBegin, "half"))
	r.give(forwardTSN(3, 0, 3)) // 0, 2 and 3 never come
	r.heard("b", "e")
	if s := readSACK(r.want(chunkSACK)[0]); s.cumulative != 5 || r.a.assembly.cost != 0 {
		t.Errorf("%+v, holds %d", s, r.a.assembly.cost)
	}
	r.give(whole(0, "a"), whole(3, "d"), forwardTSN(2, 0, 9))
	r.heard()
	if s := readSACK(r.want(chunkSACK)[0]); len(s.duplicates) != 2 {
		t.Errorf("%+v", s)
	}
	r.give(whole(5, "f"))
	r.heard("f")
}

func TestReceive_DropsHalvesOfUnorderedMessagesThatAreGivenUp(t *testing.T) {
	r := opened(t, testParams)
	r.give(data(1, 1, 0, flagBegin|flagUnordered, "half"), data(3, 0, 0, flagBegin, "who"))
	r.give(forwardTSN(2))
	if r.a.assembly.cost != pieceCost+3 {
		t.Errorf("holds %d octets", r.a.assembly.cost)
	}
	r.give(data(4, 0, 0, flagEnd, "le"))
	r.heard("whole")
	r.give(forwardTSN(1 << 30)) // however far
	r.give(data(1<<30+1, 0, 1, allFlags, "next"))
	r.heard("next")
}
