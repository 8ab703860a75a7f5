package child

import "sync"

// tailBytes is how much of a log is kept.
const tailBytes = 4 << 10

// Tail keeps the end of what a server logs, for error messages. The zero value is empty.
type Tail struct {
	mu   sync.Mutex
	text []byte
}

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > tailBytes {
		t.text = append([]byte(nil), t.text[len(t.text)-tailBytes:]...)
	}
	return len(p), nil
}

// String is a sentence to put behind an error; empty when nothing was logged.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.text) == 0 {
		return ""
	}
	return "\nThe end of its log:\n" + string(t.text)
}
