package health

// opinionScore estimates how people would rate a conversation, 1 (bad) to 4.5 (as good as a wire line), by the
// simplified E-model of ITU-T G.107: R = 93.2 - Id - Ie,eff.
//
//   - Id, the delay impairment, is 0.024 d + 0.11 (d - 177.3) above 177.3 ms (Cole and Rosenbluth's fit of G.107 for
//     echo-free lines), with the one-way delay d = half the round trip + two jitters + 40 ms for packets and buffers.
//   - Ie,eff, the loss impairment, is 95 p / (p + Bpl) with p in percent and Bpl = 25.1, packet loss robustness of a
//     codec with concealment (ITU-T G.113, appendix I).
func opinionScore(roundTripMs, jitterMs, loss float64) float64 {
	delay := roundTripMs/2 + 2*jitterMs + 40
	id := 0.024 * delay
	if delay > 177.3 {
		id += 0.11 * (delay - 177.3)
	}
	percent := 100 * loss
	r := 93.2 - id - 95*percent/(percent+25.1)
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	default:
		return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
	}
}
