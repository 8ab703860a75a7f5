package relaybench

import "context"

const lecture = "one publisher of 1.5 Mbit/s video in bursts of 5 at 30/s and 50 sounds/s"

// forwarding measures a lecture with growing numbers of subscribers, the servers taking turns.
func (b *bench) forwarding(ctx context.Context) error {
	servers, err := b.trio(ctx)
	if err != nil {
		return err
	}
	var rooms []*room
	for _, s := range servers {
		one, err := lecturesOn(ctx, s, "lecture", 1)
		if err != nil {
			return err
		}
		defer one.leave()
		one[0].sending(false)
		rooms = append(rooms, one[0])
	}
	sums := map[int]map[string]window{}
	for _, n := range b.steps {
		sums[n] = map[string]window{}
		for _, r := range rooms {
			r.sending(true)
			if err := r.fill(ctx, n, listener()); err != nil {
				return err
			}
			r.sending(false)
		}
		if err := b.step(ctx, rooms, n, sums[n]); err != nil {
			return err
		}
		b.forwardFigures(n, sums[n])
	}
	for _, r := range rooms {
		r.leave() // what is measured next has the machine to itself
	}
	if err := b.loaded(ctx, servers[0], 1, "forward_one_lecture"); err != nil {
		return err
	}
	return b.loaded(ctx, servers[0], several, "forward")
}

// step measures all servers with n subscribers.
func (b *bench) step(ctx context.Context, rooms []*room, n int, into map[string]window) error {
	rounds := 1
	if n == compared {
		rounds = b.rounds
	}
	for range rounds {
		for _, r := range rooms {
			w, err := measure(ctx, r, b.settle, b.window)
			if err != nil {
				return err
			}
			name := r.server.name
			b.say("%-8s %3d subscribers: %6.2f us/packet, %.2f cores, %5.0f packets/s, %.0f %% delivered, loss %.4f, %.0f MB (machine %.0f %% busy)",
				name, n, w.perPacket(), w.cores(), w.packets()/w.lasted.Seconds(), 100*w.delivered(), w.loss(), w.residentKB/1024, 100*w.machine)
			into[name] = into[name].add(w)
		}
	}
	return nil
}

func (b *bench) forwardFigures(n int, of map[string]window) {
	names := map[string]string{"relay": "forward_us_per_packet", "pion_cm": "plain_pion_us_per_packet_cm", "pion_gcm": "plain_pion_us_per_packet_gcm"}
	for _, server := range []string{"relay", "pion_cm", "pion_gcm"} {
		w := of[server]
		b.figures.add(names[server], w.perPacket(), "us", "%d subscribers, %s; server CPU by /proc, loopback delivery included; %.2f cores, %.0f %% delivered; machine %.0f %% busy",
			n, lecture, w.cores(), 100*w.delivered(), 100*w.machine)
		b.curves.add("cpu-subscribers", server, float64(n), w.cores()*100)
		b.curves.add("us-subscribers", server, float64(n), w.perPacket())
		b.curves.add("memory-subscribers", server, float64(n), w.residentKB/1024)
	}
	b.figures.add("forward_loss_ratio", of["relay"].loss(), "ratio", "relay, %d subscribers, %s", n, lecture)
	if n == compared {
		for _, server := range []string{"relay", "pion_gcm"} {
			b.figures.add(map[string]string{"relay": "allocs_per_packet", "pion_gcm": "plain_pion_allocs_per_packet"}[server], of[server].allocsPerPacket(), "count",
				"%d subscribers, %s; all that the process puts on its heap, with heartbeats, reports, feedback and timers, by forwarded packets; in the relay the packets themselves put nothing there (TestFanOut_AllocatesNothingPerPacket)", n, lecture)
		}
		b.figures.add("forward_ratio", of["relay"].perPacket()/of["pion_cm"].perPacket(), "ratio",
			"relay by plain Pion with AES128_CM_HMAC_SHA1_80, %d subscribers, %d turns each in one run", n, b.rounds)
		b.figures.add("forward_ratio_gcm", of["relay"].perPacket()/of["pion_gcm"].perPacket(), "ratio",
			"relay by plain Pion with AEAD_AES_128_GCM, %d subscribers, %d turns each in one run", n, b.rounds)
	}
}
