package red

// Samples is how long the sound of an Opus packet lasts, at 48 kHz (RFC 6716 section 3.1). ok is false for what is no
// packet of Opus: nothing at all, no frames, or more than the 120 ms that a packet may hold.
func Samples(packet []byte) (n uint32, ok bool) {
	const longest = 5760
	if len(packet) == 0 {
		return 0, false
	}
	n = frame48k(packet[0] >> 3)
	switch packet[0] & 3 {
	case 1, 2:
		n *= 2
	case 3:
		if len(packet) < 2 {
			return 0, false
		}
		n *= uint32(packet[1] & 0x3f)
	}
	return n, n > 0 && n <= longest
}

// frame48k is the length of a frame by the configuration in the packet's first octet.
func frame48k(configuration byte) uint32 {
	switch {
	case configuration < 12: // SILK: 10, 20, 40, 60 ms
		return [...]uint32{480, 960, 1920, 2880}[configuration&3]
	case configuration < 16: // hybrid: 10, 20 ms
		return [...]uint32{480, 960}[configuration&1]
	}
	return [...]uint32{120, 240, 480, 960}[configuration&3] // CELT: 2.5, 5, 10, 20 ms
}
