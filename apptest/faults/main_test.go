package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// binary is flywheel as it is deployed, built once a run with the race detector.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "flywheel")
	if out, err := exec.Command("go", "build", "-race", "-o", binary, "flywheel").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build flywheel: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience is how long a story waits for what must come. It says nothing of how
// soon that should be, only when to believe that it hangs: the machine may be
// slow and have more to do.
const patience = 5 * time.Minute

// until waits for a condition; what says what did not come to pass.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(patience); !cond(); <-look.C {
		if time.Now().After(end) {
			require.FailNow(t, "not within "+patience.String(), what)
		}
	}
}
