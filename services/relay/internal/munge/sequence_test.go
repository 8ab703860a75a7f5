package munge

import "testing"

func TestNewer_CountsAcrossTheWrap(t *testing.T) {
	rows := []struct {
		a, b uint16
		want bool
	}{{1, 0, true}, {0, 1, false}, {0, 65535, true}, {65535, 0, false}, {5, 5, false}, {32767, 0, true}, {32768, 0, false}}
	for _, row := range rows {
		if got := Newer(row.a, row.b); got != row.want {
			t.Errorf("Newer(%d, %d) = %v", row.a, row.b, got)
		}
	}
	if !NewerTimestamp(3, 0xfffffffe) || NewerTimestamp(0xfffffffe, 3) {
		t.Error("timestamps must count across the wrap too")
	}
}

func TestExtend_PicksTheNearestCycle(t *testing.T) {
	rows := []struct {
		seq       uint16
		reference uint64
		want      uint64
	}{
		{0, 0x1ffff, 0x20000}, {65535, 0x20000, 0x1ffff}, {7, 0x20007, 0x20007},
		{100, 0x20000, 0x20064}, {0xfff0, 0x10005, 0xfff0},
	}
	for _, row := range rows {
		if got := Extend(row.seq, row.reference); got != row.want {
			t.Errorf("Extend(%#x, %#x) = %#x, want %#x", row.seq, row.reference, got, row.want)
		}
	}
}

func FuzzExtend_KeepsTheLowerBitsAndStaysNear(f *testing.F) {
	f.Add(uint16(0), uint64(0x1ffff))
	f.Fuzz(func(t *testing.T, seq uint16, reference uint64) {
		reference = firstCycle + reference%(1<<60)
		got := Extend(seq, reference)
		if d := int64(got - reference); uint16(got) != seq || d > 1<<15 || d < -1<<15 {
			t.Fatalf("Extend(%d, %d) = %d", seq, reference, got)
		}
	})
}

func TestDedup_JudgesArrivals(t *testing.T) {
	type arrival struct {
		seq  uint16
		want Verdict
	}
	rows := []struct {
		claim string
		in    []arrival
	}{
		{"in order", []arrival{{65534, Newest}, {65535, Newest}, {0, Newest}, {1, Newest}}},
		{"a repeat is a duplicate", []arrival{{10, Newest}, {10, Duplicate}, {11, Newest}, {10, Duplicate}}},
		{"a reordered packet is late once", []arrival{{65535, Newest}, {1, Newest}, {0, Late}, {0, Duplicate}}},
		{"from before the first is late", []arrival{{0, Newest}, {65535, Late}, {65535, Duplicate}}},
		{"too far back is stale", []arrival{{5000, Newest}, {5000 - dedupWindow, Stale}, {5001 - dedupWindow, Late}}},
		{"a jump forgets", []arrival{{0, Newest}, {3000, Newest}, {2999, Late}, {0, Stale}}},
		{"a small jump clears what it leaves", []arrival{{0, Newest}, {500, Newest}, {1024, Newest}, {1400, Newest}, {1024, Duplicate}, {1023, Late}}},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			var d Dedup
			for i, a := range row.in {
				ext, got := d.Accept(a.seq)
				if got != a.want || uint16(ext) != a.seq {
					t.Fatalf("arrival %d: seq %d is %d (ext %d), want %d", i, a.seq, got, ext, a.want)
				}
			}
		})
	}
}

func TestDedup_FollowsASenderThatStartsAnew(t *testing.T) {
	var d Dedup
	d.Accept(40000)
	before := d.highest
	newest := 0
	for seq := range uint16(100) {
		if ext, v := d.Accept(20000 + seq); v == Newest {
			newest++
			if ext <= before {
				t.Fatal("extended numbers must keep growing")
			}
		}
	}
	if newest != 100-staleRun+1 {
		t.Fatalf("%d packets were taken after the restart", newest)
	}
}

// FuzzDedup_AgreesWithAnUnboundedMemory compares with a set of all numbers ever seen.
func FuzzDedup_AgreesWithAnUnboundedMemory(f *testing.F) {
	f.Add([]byte{1, 1, 255, 0, 3, 254, 2})
	f.Add([]byte{127, 127, 127, 127, 127, 127, 127, 127, 127, 129, 129, 0, 0, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var d Dedup
		seen, now := map[uint64]bool{}, uint64(70000)
		for _, step := range steps {
			now = max(now+uint64(int64(int8(step))), 68000)
			highest := d.highest
			ext, v := d.Accept(uint16(now))
			switch {
			case v == Newest && highest != 0 && ext <= highest:
				t.Fatal("newest is not ahead of all before")
			case v == Late && (seen[ext] || ext >= highest):
				t.Fatal("late is neither missing nor behind")
			case v == Duplicate && !seen[ext]:
				t.Fatal("duplicate was never seen")
			}
			if v == Newest || v == Late {
				seen[ext] = true
			}
		}
	})
}
