// Package load tells how much of its machine this process uses, and what follows from that: pressure to send less, and
// at the end no more joins.
//
// A Meter looks once a second and owns one goroutine while Run runs; Judge, which decides, is pure. The order of relief
// is fixed: pressure rises while the processor nears its budget, and only when all of it is on and does not help are
// joins refused. Memory cannot be relieved by sending less, so there joins are refused at once. Both ways have a
// hysteresis: what is on stays on until there is room to spare.
package load
