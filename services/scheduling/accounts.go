package scheduling

import (
	"context"
	"fmt"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// CreateAdministrator adds an account that may do everything people may, for a start without demo data. It fails with
// ALREADY_EXISTS or PASSWORD_REJECTED.
func (s *Service) CreateAdministrator(ctx context.Context, login, name, password string) error {
	_, err := s.accounts.Create(ctx, directory.Person{
		Login: login, Name: name, Roles: []directory.Role{directory.RoleAdministrator},
	}, password)
	return err
}

// SetPassword sets the password of an account without asking for the old one, ends its sessions and unlocks it. It
// fails with NOT_FOUND or PASSWORD_REJECTED. It may be called while another process serves the same database.
func (s *Service) SetPassword(ctx context.Context, login, password string) error {
	return s.accounts.ResetPassword(ctx, login, password)
}

// HashPassword returns the hash of a password for Seed. It takes about 20 ms and 19 MiB.
func HashPassword(password string) (string, error) {
	if n := len([]rune(password)); n < directory.MinPassword || n > directory.MaxPassword {
		return "", fmt.Errorf("hash password: %d characters, want %d to %d", n, directory.MinPassword, directory.MaxPassword)
	}
	return string(directory.HashPassword(password)), nil
}
