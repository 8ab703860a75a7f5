//go:build !linux

package wire

// sender sends one datagram per call.
type sender struct{}

func (*sender) send(socket *socket, messages []message) error {
	var first error
	for i := range messages {
		m := &messages[i]
		socket.counts.messages.Add(1)
		socket.counts.syscalls.Add(1)
		if _, err := socket.conn.WriteToUDPAddrPort(m.data, m.to.remote); err != nil {
			socket.counts.errors.Add(1)
			if first == nil {
				first = err
			}
			continue
		}
		socket.counts.packets.Add(1)
	}
	return first
}
