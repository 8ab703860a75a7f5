package standalone

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/ids"
)

// littleSpace is how many bytes of free disk are worth a warning: about a term of lesson logs.
const littleSpace = 200 << 20

// openDataDir makes the data directory if it is missing, and says in plain words when nothing can be kept there.
func openDataDir(dir string, log *zap.Logger) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("the data directory cannot be made; choose another with --data: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("the data directory %s cannot be written; choose another with --data: %w", dir, err)
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if err != nil {
		return fmt.Errorf("the data directory %s: %w", dir, err)
	}
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) == nil {
		if free := disk.Bavail * uint64(disk.Bsize); free < littleSpace {
			log.Warn("the disk of the data directory is almost full", zap.String("directory", dir), zap.Uint64("free_bytes", free))
		}
	}
	return nil
}

// instanceID names this installation for ever, so that a restart reclaims its own leases at once.
func instanceID(dir string) (string, error) {
	path := filepath.Join(dir, "instance-id")
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read instance id: %w", err)
	}
	if id := strings.TrimSpace(string(raw)); id != "" {
		return id, nil
	}
	id := ids.New("ins")
	if err := writeDurably(path, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("keep instance id: %w", err)
	}
	return id, nil
}

// writeDurably writes a small file that is either there as a whole or not at all, whenever the power goes.
func writeDurably(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
