package arch

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	_ "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

var update = flag.Bool("update", false, "write docs/authorisation.md anew")

const table = "../../../docs/authorisation.md"

// TestAuthorisation_EveryMethodHasARule compares the rules declared in proto/ with the table that people read. A new
// method, or a widened rule, shows in review as a line of that table.
func TestAuthorisation_EveryMethodHasARule(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Who may call what\nMade from the rules in `proto/` by `go test ./internal/arch -update`; a test compares it. A method without a rule is denied to everyone.\n\n| method | roles | scope |\n|---|---|---|\n")
	rules := rpc.Rules()
	for _, method := range rules {
		if method.Rule == nil {
			t.Errorf("%s has no rule: nobody can call it", method.FullMethod)
			continue
		}
		if !method.Rule.GetPublic() && len(method.Rule.GetRoles()) == 0 {
			t.Errorf("%s has a rule without roles: nobody can call it", method.FullMethod)
		}
		var roles []string
		for _, role := range method.Rule.GetRoles() {
			roles = append(roles, strings.ToLower(strings.TrimPrefix(role.String(), "ROLE_")))
		}
		who := strings.Join(roles, ", ")
		if method.Rule.GetPublic() {
			who = "everyone"
		}
		scope := strings.ToLower(strings.TrimPrefix(method.Rule.GetScope().String(), "SCOPE_"))
		if scope == "unspecified" {
			scope = ""
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", strings.TrimPrefix(method.FullMethod, "/tongke."), who, scope)
	}
	if len(rules) < 40 {
		t.Fatalf("only %d methods found: the test would prove nothing", len(rules))
	}
	if *update {
		if err := os.WriteFile(table, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != page.String() {
		t.Errorf("docs/authorisation.md is not what proto/ says: run go test ./internal/arch -update")
	}
}
