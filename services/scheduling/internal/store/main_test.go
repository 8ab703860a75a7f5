package store_test

import (
	"testing"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
