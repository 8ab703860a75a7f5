package standalone

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestServe_StopsAtOnceWhileStreamsAreOpen holds the two streams that there are, as browsers do, and stops.
func TestServe_StopsAtOnceWhileStreamsAreOpen(t *testing.T) {
	url, stop := start(t, t.TempDir())
	signedIn := func(login string) *http.Client {
		c := browser(t)
		call(t, c, url+"/tongke.web.v1.SessionService/SignIn", `{"login":"`+login+`","password":"`+demoPassword+`"}`)
		return c
	}
	teacher := signedIn("teacher")
	now := time.Now().UTC()
	var listed struct{ Lessons []struct{ ID string } }
	answer := call(t, teacher, url+"/tongke.scheduling.v1.SchedulingService/ListLessons",
		`{"from":"`+now.Format(time.RFC3339)+`","to":"`+now.Add(10*time.Minute).Format(time.RFC3339)+`"}`)
	if err := json.Unmarshal([]byte(answer), &listed); err != nil || len(listed.Lessons) == 0 {
		t.Fatalf("%s: %v", answer, err)
	}
	attend := stream(t, teacher, url+"/tongke.classroom.v1.ClassroomService/Attend",
		`{"lessonId":"`+listed.Lessons[0].ID+`","windowId":"window-1","takeOver":true}`)
	health := stream(t, signedIn("operator"), url+"/tongke.classroom.v1.ClassroomService/WatchHealth", `{}`)
	began := time.Now()
	stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
	for name, end := range map[string]<-chan string{"attend": attend, "health": health} {
		if last := <-end; !strings.Contains(last, "REASON_UNAVAILABLE") {
			t.Errorf("%s ended with %s", name, last)
		}
	}
}

// stream opens a Connect stream, waits for its first message, and hands on its last one.
func stream(t *testing.T, c *http.Client, url, request string) <-chan string {
	t.Helper()
	body := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(request))), request...)
	resp, err := c.Post(url, "application/connect+json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	next := func() (string, error) {
		var prefix [5]byte
		if _, err := io.ReadFull(resp.Body, prefix[:]); err != nil {
			return "", err
		}
		message := make([]byte, binary.BigEndian.Uint32(prefix[1:]))
		_, err := io.ReadFull(resp.Body, message)
		return string(message), err
	}
	if first, err := next(); err != nil || strings.Contains(first, `"error"`) {
		t.Fatalf("%s begins with %s, %v", url, first, err)
	}
	end := make(chan string, 1)
	go func() {
		defer func() { _ = resp.Body.Close() }()
		for last := ""; ; {
			message, err := next()
			if err != nil {
				end <- last
				return
			}
			last = message
		}
	}()
	return end
}
