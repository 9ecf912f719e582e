package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResultsHoldEveryPair(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.json")
	f := figure{Name: "ingest_embedded", Unit: "R", Goal: atLeast(0.33), Pairs: ratios(40, 10, 20, 30, 50, 60, 70), Note: "why"}
	require.NoError(t, save(path, results{Machine: machine{Go: "go1.26", Cores: 2}, Took: 61.5, Figures: []figure{f}}))

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var got struct {
		Machine machine `json:"machine"`
		Took    float64 `json:"took_seconds"`
		Figures []struct {
			Name, Unit, Goal, Verdict, Note string
			Value, Median                   float64
			Pairs                           []pair
		}
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, 61.5, got.Took)
	require.Equal(t, machine{Go: "go1.26", Cores: 2}, got.Machine)
	require.Len(t, got.Figures, 1)
	first := got.Figures[0]
	require.Equal(t, f.Pairs, first.Pairs, "in the order of measuring")
	require.InDelta(t, 0.55, first.Value, 1e-9)
	require.InDelta(t, 0.4, first.Median, 1e-9)
	require.Equal(t, []string{"ingest_embedded", "R", ">=0.33", "ok", "why"}, []string{first.Name, first.Unit, first.Goal, first.Verdict, first.Note})
	require.NoFileExists(t, path+".new")
}

func TestResultsAreWrittenWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.json")
	require.NoError(t, os.WriteFile(path, []byte("before"), 0o600))
	unmeasured := figure{Name: "nothing", Goal: atLeast(1)} // its value is no number, which JSON cannot hold
	require.Error(t, save(path, results{Figures: []figure{unmeasured}}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before", string(data))
}

func TestMachineIsDescribed(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "")
	t.Setenv("TEST_REDIS_URL", "")
	m := describe(t.Context())
	require.NotZero(t, m.Cores)
	require.NotEmpty(t, m.Go)
	require.NotEmpty(t, m.SQLite)
	require.Positive(t, m.FlushMS)
	require.Empty(t, m.PostgreSQL, "there is none to ask")
	require.Empty(t, m.Redis)
}
