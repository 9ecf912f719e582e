package privacy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// The file of erasures lies beside the backup and has one erasure a line, by
// id. It holds marks and figures and nobody's data.

// erasuresAtOnce are read from the database in one go.
const erasuresAtOnce = 500

// SaveFile brings the file of erasures up to date. Lines that the database
// lacks stay: it may have been restored from before them. It returns how many
// those are. The file is replaced whole, and only where something is new.
func SaveFile(ctx context.Context, st *store.Store, path string) (lacking int, err error) {
	told, err := ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err // somebody should look before it is overwritten
	}
	known, err := all(ctx, st)
	if err != nil {
		return 0, err
	}
	lines := map[string]store.Erasure{}
	for _, e := range told {
		if _, there := known[e.ID]; !there {
			lines[e.ID] = e
			lacking++
		}
	}
	maps.Copy(lines, known)
	var text bytes.Buffer
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		line, err := json.Marshal(lines[id])
		if err != nil {
			return lacking, err
		}
		text.Write(append(line, '\n'))
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text.Bytes()) {
		return lacking, nil
	}
	return lacking, replace(path, text.Bytes())
}

// replace writes a file so that a reader, and a crash, find the old or the new one whole.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".erasures-*") // readable for nobody else
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// ReadFile reads a file of erasures; a missing one is fs.ErrNotExist, a line that cannot be read fault.Invalid.
func ReadFile(path string) ([]store.Erasure, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []store.Erasure
	lines := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var e store.Erasure
			if json.Unmarshal(line, &e) != nil || e.ID == "" || e.Shop == "" {
				return nil, fault.New(fault.Invalid, "%s: line %d is no erasure", path, n)
			}
			out = append(out, e)
		}
		if err != nil {
			return out, nil //nolint:nilerr // the end
		}
	}
}

// Lacking returns which of these the database does not know.
func Lacking(ctx context.Context, st *store.Store, told []store.Erasure) ([]store.Erasure, error) {
	known, err := all(ctx, st)
	return slices.DeleteFunc(slices.Clone(told), func(e store.Erasure) bool { _, there := known[e.ID]; return there }), err
}

// Reapply carries out again, in a restored database, what a file tells. It
// returns how many erasures it lacked.
func Reapply(ctx context.Context, st *store.Store, told []store.Erasure) (int, error) {
	byShop, done := map[commerce.ShopID][]store.Erasure{}, 0
	for _, e := range told {
		byShop[e.Shop] = append(byShop[e.Shop], e)
	}
	for _, shop := range slices.Sorted(maps.Keys(byShop)) {
		n, err := st.Reapply(ctx, shop, byShop[shop])
		done += n
		if err != nil {
			return done, fmt.Errorf("shop %s: %w", shop, err)
		}
	}
	return done, nil
}

func all(ctx context.Context, st *store.Store) (map[string]store.Erasure, error) {
	out := map[string]store.Erasure{}
	for after := ""; ; {
		some, err := st.Erasures(ctx, "", after, erasuresAtOnce)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			out[e.ID], after = e, e.ID
		}
		if len(some) < erasuresAtOnce {
			return out, nil
		}
	}
}
