package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

type personRow struct {
	bun.BaseModel `bun:"table:people,alias:person"`

	ID           string `bun:",pk"`
	Login        string
	Name         string
	CampusID     string `bun:",nullzero"`
	PasswordHash string
}

type roleRow struct {
	bun.BaseModel `bun:"table:person_roles,alias:person_role"`

	PersonID string `bun:",pk"`
	Role     string `bun:",pk"`
}

// personView is a person as it is read, without the password's hash.
type personView struct {
	ID, Login, Name, CampusID, CampusName, TimeZone string
}

// selectPeople begins a query for personViews.
func selectPeople(db bun.IDB) *bun.SelectQuery {
	return db.NewSelect().
		TableExpr("people AS person").
		Join("LEFT JOIN campuses AS campus ON campus.id = person.campus_id").
		ColumnExpr("person.id, person.login, person.name").
		ColumnExpr("COALESCE(person.campus_id, '') AS campus_id, COALESCE(campus.name, '') AS campus_name").
		ColumnExpr("COALESCE(campus.time_zone, (SELECT time_zone FROM campuses ORDER BY id LIMIT 1), '') AS time_zone")
}

// People returns the people of a campus ("": all) with a role ("": any), in the order of their ids.
func (s *Store) People(ctx context.Context, campusID string, role directory.Role) ([]directory.Person, error) {
	q := selectPeople(s.db).OrderExpr("person.id")
	if campusID != "" {
		q = q.Where("person.campus_id = ?", campusID)
	}
	if role != "" {
		q = q.Where("EXISTS (SELECT 1 FROM person_roles r WHERE r.person_id = person.id AND r.role = ?)", string(role))
	}
	return scanPeople(ctx, s.db, q)
}

// Person fails with NOT_FOUND.
func (s *Store) Person(ctx context.Context, id string) (directory.Person, error) {
	people, err := peopleByID(ctx, s.db, []string{id})
	if err != nil {
		return directory.Person{}, err
	}
	p, ok := people[id]
	if !ok {
		return directory.Person{}, fault.New(fault.NotFound, fault.With("person_id", id))
	}
	return p, nil
}

// PersonByLogin returns the zero Person and an empty hash where nobody has the login.
func (s *Store) PersonByLogin(ctx context.Context, login string) (directory.Person, directory.PasswordHash, error) {
	var row personRow
	err := s.db.NewSelect().Model(&row).Where("login = ?", login).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return directory.Person{}, "", nil
	}
	if err != nil {
		return directory.Person{}, "", describe("load person by login", err)
	}
	p, err := s.Person(ctx, row.ID)
	return p, directory.PasswordHash(row.PasswordHash), err
}

// AddPerson fails with ALREADY_EXISTS when the login is taken, with NOT_FOUND when there is no such campus.
func (s *Store) AddPerson(ctx context.Context, p directory.Person, hash directory.PasswordHash) (directory.Person, error) {
	err := s.inTx(ctx, "add person", func(ctx context.Context, tx bun.Tx) error {
		row := personRow{ID: p.ID, Login: p.Login, Name: p.Name, CampusID: p.CampusID, PasswordHash: string(hash)}
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		switch {
		case isDuplicate(err):
			return fault.Wrap(fault.AlreadyExists, err, fault.With("login", p.Login))
		case isMissingReference(err):
			return noCampus(p.CampusID)
		case err != nil:
			return err
		}
		return insertRoles(ctx, tx, p)
	})
	if err != nil {
		return directory.Person{}, err
	}
	return s.Person(ctx, p.ID)
}

func insertRoles(ctx context.Context, tx bun.Tx, p directory.Person) error {
	if len(p.Roles) == 0 {
		return nil
	}
	rows := make([]roleRow, len(p.Roles))
	for i, r := range p.Roles {
		rows[i] = roleRow{PersonID: p.ID, Role: string(r)}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// peopleByID returns those of the people who exist.
func peopleByID(ctx context.Context, db bun.IDB, ids []string) (map[string]directory.Person, error) {
	out := make(map[string]directory.Person, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	people, err := scanPeople(ctx, db, selectPeople(db).Where("person.id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		out[p.ID] = p
	}
	return out, nil
}

// scanPeople runs a query for personViews and loads all their roles with a second one.
func scanPeople(ctx context.Context, db bun.IDB, q *bun.SelectQuery) ([]directory.Person, error) {
	var views []personView
	if err := q.Scan(ctx, &views); err != nil {
		return nil, describe("load people", err)
	}
	ids := make([]string, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	roles := map[string][]directory.Role{}
	for chunk := range slices.Chunk(ids, chunkSize) {
		var rows []roleRow
		if err := db.NewSelect().Model(&rows).Where("person_id IN (?)", bun.List(chunk)).Order("role").Scan(ctx); err != nil {
			return nil, describe("load roles", err)
		}
		for _, r := range rows {
			roles[r.PersonID] = append(roles[r.PersonID], directory.Role(r.Role))
		}
	}
	out := make([]directory.Person, len(views))
	for i, v := range views {
		out[i] = directory.Person{
			ID: v.ID, Login: v.Login, Name: v.Name, CampusID: v.CampusID, CampusName: v.CampusName,
			TimeZone: v.TimeZone, Roles: roles[v.ID],
		}
	}
	return out, nil
}

// chunkSize bounds the lists that go into one statement.
const chunkSize = 500
