package smoke

import (
	"bytes"
	"testing"
	"time"
)

func TestWrite_PrintsOneLinePerFigure(t *testing.T) {
	var out bytes.Buffer
	if err := write(&out, []Figure{milliseconds("ready_ms", 1234567*time.Microsecond), {Name: "commands_lost", Unit: "count"}}); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"ready_ms","value":1234.567,"unit":"ms"}` + "\n" + `{"name":"commands_lost","value":0,"unit":"count"}` + "\n"
	if out.String() != want {
		t.Errorf("printed\n%s", out.String())
	}
}
