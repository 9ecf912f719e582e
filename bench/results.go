package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// results are what bench/results.json holds.
type results struct {
	Machine machine
	Took    float64 // seconds
	Figures []figure
}

// machine is where the figures come from and what was measured.
type machine struct {
	At         time.Time         `json:"at"`
	CPU        string            `json:"cpu"`
	Cores      int               `json:"cores"`
	MemoryMB   int64             `json:"memory_mb"`
	Load       string            `json:"load_average"` // at the end
	FlushMS    float64           `json:"flush_ms"`     // median of fsync after 4 KB in the folder of the databases
	Go         string            `json:"go"`
	Commit     string            `json:"commit"`
	PostgreSQL string            `json:"postgresql"`
	Redis      string            `json:"redis"`
	SQLite     string            `json:"sqlite"`
	Modules    map[string]string `json:"modules"`
}

// MarshalJSON writes a figure with what follows from its rounds.
func (f figure) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string    `json:"name"`
		Value   float64   `json:"value"`
		Median  float64   `json:"median"`
		Unit    string    `json:"unit"`
		Goal    string    `json:"goal"`
		Verdict string    `json:"verdict"`
		Pairs   []pair    `json:"pairs,omitempty"`
		Values  []float64 `json:"values,omitempty"`
		Note    string    `json:"note,omitempty"`
	}{f.Name, f.value(), f.median(), f.Unit, f.Goal.String(), f.verdict(), f.Pairs, f.Values, f.Note})
}

// save writes the results whole or not at all.
func save(path string, r results) error {
	data, err := json.MarshalIndent(map[string]any{"machine": r.Machine, "took_seconds": r.Took, "figures": r.Figures}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// describe asks the machine. What cannot be had stays empty.
func describe(ctx context.Context) machine {
	m := machine{At: time.Now().UTC().Truncate(time.Second), Cores: runtime.NumCPU(), Go: runtime.Version(), Modules: modules(), FlushMS: flushTime()}
	m.CPU = field("/proc/cpuinfo", "model name")
	if kb, ok := strings.CutSuffix(field("/proc/meminfo", "MemTotal"), " kB"); ok {
		var n int64
		_ = json.Unmarshal([]byte(kb), &n)
		m.MemoryMB = n / 1024
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(load))[:3], " ")
	}
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		m.Commit = strings.TrimSpace(string(out))
	}
	m.SQLite = ask(ctx, "sqlite", ":memory:", "SELECT sqlite_version()")
	m.PostgreSQL = ask(ctx, "pgx", os.Getenv("TEST_DATABASE_URL"), "SHOW server_version")
	m.Redis = redisVersion(ctx, os.Getenv("TEST_REDIS_URL"))
	return m
}

func ask(ctx context.Context, driver, source, question string) (answer string) {
	if source == "" {
		return ""
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return ""
	}
	defer db.Close()
	_ = db.QueryRowContext(ctx, question).Scan(&answer)
	return answer
}

func redisVersion(ctx context.Context, address string) string {
	o, err := redis.ParseURL(address)
	if err != nil {
		return ""
	}
	r := redis.NewClient(o)
	defer r.Close()
	for line := range strings.Lines(r.Info(ctx, "server").Val()) {
		if v, ok := strings.CutPrefix(line, "redis_version:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// field reads the first "name : value" of a file of /proc.
func field(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// modules are the libraries that the figures depend on.
func modules() map[string]string {
	out := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/hibiken/asynq", "github.com/alicebob/miniredis/v2",
			"github.com/labstack/echo/v4", "github.com/wneessen/go-mail", "github.com/klauspost/compress":
			out[m.Path] = m.Version
		}
	}
	return out
}

// flushTime is what one durable write costs here: a figure of a machine whose
// disk forgets says little.
func flushTime() float64 {
	f, err := os.CreateTemp("", "bench-flush")
	if err != nil {
		return 0
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var waits []time.Duration
	for range 50 {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0
		}
		began := time.Now()
		if err := f.Sync(); err != nil {
			return 0
		}
		waits = append(waits, time.Since(began))
	}
	return quantile(millis(waits), 0.5)
}
