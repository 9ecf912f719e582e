package club

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// The columns of members in a file are those of Smile.io: its import asks for
// email and points (help.smile.io/en/articles/4036233-import-points-with-a-csv-file),
// its customers have first_name, last_name, state (candidate, member, disabled),
// date_of_birth, which is of the year 1004 where the year is not known, and
// points_balance (dev.smile.io/api/resources/customers/customer-object). Beside
// them stand ours, of which the lots are read back.
var columnsSaid = []string{"email", "points", "first_name", "last_name", "state", "date_of_birth", "lots"}

// Refused is a line that was left out. Why is the string import_WHY, with what the line has there.
type Refused struct {
	Line int
	Why  string
	Has  string
}

// Reasons for which lines are left out.
const (
	RefusedBroken   = "broken"   // it is no line of a CSV
	RefusedEmail    = "email"    // its address is none
	RefusedPoints   = "points"   // its points are no whole number
	RefusedBelow    = "below"    // points below zero, where no balance may be
	RefusedState    = "state"    // no state that we know
	RefusedBirthday = "birthday" // no date
	RefusedLots     = "lots"     // they cannot be read, or come to another number
	RefusedErased   = "erased"   // the customer was erased at their wish
)

// maxImported is the most points that a line may have.
const maxImported = 100_000_000

type importLine struct {
	number      int
	email       string
	first, last string
	points      int64
	lots        []loyalty.Row
	state       store.MemberState // "" = not said
	birthday    int
}

// File is members as a file has them.
type File struct {
	mark  string // of its content: the same file read again is the same acts
	lines []importLine
	Bad   []Refused
}

// Lines is how many can be read.
func (f File) Lines() int { return len(f.lines) }

// ReadFile reads members. Lines that are wrong are in Bad; a file without the
// columns email and points is fault.Invalid.
func ReadFile(r io.Reader) (f File, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return f, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	sum := sha256.Sum256(bytes.ReplaceAll(bytes.TrimSpace(data), []byte("\r\n"), []byte("\n")))
	f.mark = hex.EncodeToString(sum[:8])
	lines := csv.NewReader(bytes.NewReader(data))
	lines.FieldsPerRecord, lines.TrimLeadingSpace = -1, true
	head, err := lines.Read()
	column := map[string]int{}
	for i, name := range head {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
		if name == "points_balance" {
			name = "points"
		}
		column[name] = i
	}
	_, mails := column["email"]
	if _, points := column["points"]; err != nil || !mails || !points {
		return f, fault.New(fault.Invalid, "the file has no header line with the columns email and points; it may have %s", strings.Join(columnsSaid, ","))
	}
	for {
		row, err := lines.Read()
		if err == io.EOF {
			return f, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			f.Bad = append(f.Bad, Refused{broken.Line, RefusedBroken, ""})
			continue
		}
		if err != nil {
			return f, err
		}
		number, _ := lines.FieldPos(0)
		cell := func(name string) string {
			if i, there := column[name]; there && i < len(row) {
				return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(row[i]), "'")) // as files keep spreadsheets from running a cell
			}
			return ""
		}
		one, why := readLine(cell)
		if one.number = number; why.Why != "" {
			why.Line = number
			f.Bad = append(f.Bad, why)
			continue
		}
		f.lines = append(f.lines, one)
	}
}

func readLine(cell func(string) string) (l importLine, wrong Refused) {
	l.first, l.last = clip(cell("first_name")), clip(cell("last_name"))
	if l.email = commerce.NormalEmail(cell("email")); l.email == "" {
		return l, Refused{Why: RefusedEmail, Has: clip(cell("email"))}
	}
	var err error
	if l.points, err = strconv.ParseInt(cell("points"), 10, 64); err != nil || l.points > maxImported || l.points < -maxImported {
		return l, Refused{Why: RefusedPoints, Has: clip(cell("points"))}
	}
	states := map[string]store.MemberState{"": "", "member": store.Joined, "candidate": store.Guest, "guest": store.Guest, "disabled": store.Blocked, "blocked": store.Blocked, "left": store.Left}
	var known bool
	if l.state, known = states[strings.ToLower(cell("state"))]; !known {
		return l, Refused{Why: RefusedState, Has: clip(cell("state"))}
	}
	if l.birthday, err = readBirthday(cell("date_of_birth")); err != nil {
		return l, Refused{Why: RefusedBirthday, Has: clip(cell("date_of_birth"))}
	}
	if l.lots, err = readLots(cell("lots"), l.points); err != nil {
		return l, Refused{Why: RefusedLots, Has: clip(cell("lots"))}
	}
	return l, Refused{}
}

// clip bounds what is kept of a cell.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60])
	}
	return s
}

// readBirthday reads 1004-05-27 or 05-27; 0 = none is said.
func readBirthday(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	if len(text) == len("05-27") {
		text = "1004-" + text
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, err
	}
	return int(at.Month())*100 + at.Day(), nil
}

// readLots reads "120@2027-03-01T00:00:00Z 50": points with the end of each lot, none = never.
func readLots(text string, points int64) (lots []loyalty.Row, err error) {
	sum := int64(0)
	for part := range strings.FieldsSeq(text) {
		much, end, _ := strings.Cut(part, "@")
		r := loyalty.Row{Kind: loyalty.Adjust}
		if r.Points, err = strconv.ParseInt(much, 10, 64); err != nil || r.Points <= 0 {
			return nil, fmt.Errorf("a lot of %q points", much)
		}
		if end != "" {
			at, err := time.Parse(time.RFC3339, end)
			if err != nil {
				return nil, err
			}
			r.ExpiresAt = commerce.At(at)
		}
		sum += r.Points
		lots = append(lots, r)
	}
	if len(lots) > 0 && sum != points {
		return nil, fmt.Errorf("lots of %d points, where there are %d", sum, points)
	}
	return lots, nil
}
