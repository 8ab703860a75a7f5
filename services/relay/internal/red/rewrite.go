package red

// Oldest is how far the oldest frame of a packet that an Encoder has made lies before the newest one; 0 when nothing is
// repeated.
func Oldest(payload []byte) (offset uint32) {
	if len(payload) < headerSize || payload[0]&follows == 0 {
		return 0
	}
	return uint32(payload[1])<<6 | uint32(payload[2])>>2
}

// Renumber gives all frames of a packet another payload type, in place: what was encoded for one listener then serves
// another, whose Opus has another number.
func Renumber(payload []byte, payloadType uint8) {
	at := 0
	for ; len(payload)-at >= headerSize && payload[at]&follows != 0; at += headerSize {
		payload[at] = follows | payloadType
	}
	if at < len(payload) {
		payload[at] = payloadType &^ follows
	}
}
