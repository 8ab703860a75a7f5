package standalone

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInstanceID_IsMadeOnceAndMadeAnewWhenItsFileIsEmpty(t *testing.T) {
	dir := t.TempDir()
	first, err := instanceID(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := instanceID(dir); err != nil || again != first {
		t.Errorf("%q, %v; want %q", again, err, first)
	}
	path := filepath.Join(dir, "instance-id")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if fresh, err := instanceID(dir); err != nil || fresh == "" || fresh == first {
		t.Errorf("%q, %v", fresh, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the directory holds %v, %v", left, err)
	}
}

func TestOpenDataDir_SaysWhatToDoWhenNothingCanBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "data"), "/proc/tongke"} {
		if err := openDataDir(dir, quiet(t)); err == nil || !strings.Contains(err.Error(), "--data") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if err := openDataDir(fresh, quiet(t)); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(fresh); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestServe_TwoProcessesOnOneDirectoryAreRefused(t *testing.T) {
	dir := t.TempDir()
	_, stop := start(t, dir)
	defer stop()
	second := Command()
	second.SetArgs([]string{"serve", "--port", "0", "--media-port", "0", "--data", dir, "--set", "web.listen_tls=", "--set", "log.level=error"})
	if err := second.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "another process runs on this directory") {
		t.Errorf("got %v", err)
	}
}

func TestServe_WrongSettingsAreNamed(t *testing.T) {
	dir := t.TempDir()
	free := net.JoinHostPort("127.0.0.1", "0")
	for setting, want := range map[string]string{
		"web.listen=nowhere":                           "web address",
		"web.listen=127.0.0.1:99999":                   "a number from 0 to 65535",
		"relay.media.listen=:abc":                      "media address",
		"web.listen=192.0.2.200:80":                    "web address", // not an address of this computer
		"web.write_timeout=-5s":                        "web.write_timeout",
		"web.limits.calls_per_second=-1":               "web.limits.calls_per_second",
		"web.limits.max_body_bytes=0":                  "web.limits.max_body_bytes",
		"web.tls.cert_file=cert.pem":                   "cert_file and key_file come together",
		"web.trusted_proxies=1.2.3":                    "web.trusted_proxies",
		"classroom.grace=-1s":                          "classroom.grace",
		"classroom.grace=soon":                         "classroom.grace",
		"scheduling.session_lifetime=0s":               "session_lifetime",
		"scheduling.database.driver=mysql":             `"mysql" is neither`,
		"scheduling.database.driver=postgres":          "database.dsn",
		"log.level=loud":                               "log level",
		"metrics=nowhere":                              "metrics",
		"no.such=1":                                    "no.such",
		"web.limits.sign_in_burst=many":                "sign_in_burst",
		"relay.media.advertise=" + "nowhere":           "nowhere",
		"web.trusted_origins=" + "school.example:8443": "trusted origin",
	} {
		command := Command()
		args := []string{"serve", "--data", dir, "--set", "log.level=error"}
		for _, address := range []string{"web.listen", "web.listen_tls", "relay.media.listen"} {
			args = append(args, "--set", address+"="+free)
		}
		command.SetArgs(append(args, "--set", setting))
		if err := command.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", setting, err, want)
		}
	}
}
