package apptest

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// Stories mostly wait for each other's commits and mails, so more of them run
// at once than there are processors.
func TestMain(m *testing.M) {
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "8") // cannot fail: the flag is there and 8 is a number
	}
	goleak.VerifyTestMain(m)
}
