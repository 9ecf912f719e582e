package templates

import (
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"
)

// shaped runs a layout once for each shape of mail (how many paragraphs, which
// parts are there) with marks for values, and from then on only puts values in
// the places of the marks. html/template needs 100 microseconds for a mail,
// most of it reflection; a place costs a tenth of one. The layout itself must
// decide by emptiness and number alone, never by what a value says: a test
// compares both ways.
type shaped struct {
	execute func(io.Writer, any) error
	put     func([]byte, kind, string) []byte

	mu     sync.RWMutex
	shapes map[string]shape
}

// maxShapes bounds the memory; a mail of yet another shape takes the slow way.
const maxShapes = 512

// shape is a layout cut at its places: text[0] place[0] text[1] place[1] ... text[n].
type shape struct {
	text   []string
	places []int // numbers of values, in the order of Mail.each
	size   int
}

// kind says how a value is written.
type kind int

const (
	aText kind = iota
	aTitle
	aURL
)

func newShaped(execute func(io.Writer, any) error, put func([]byte, kind, string) []byte) *shaped {
	return &shaped{execute: execute, put: put, shapes: map[string]shape{}}
}

func (s *shaped) write(w io.Writer, m *Mail) error {
	values := m.values()
	if len(values) > maxValues || strings.Contains(m.Lang, markHead) {
		return s.execute(w, m)
	}
	var room [128]byte
	key := m.shape(room[:0], values)
	s.mu.RLock()
	sh, known := s.shapes[string(key)]
	full := len(s.shapes) >= maxShapes
	s.mu.RUnlock()
	if !known {
		if full {
			return s.execute(w, m)
		}
		var err error
		if sh, err = s.learn(string(key), m); err != nil {
			return err
		}
	}
	out := make([]byte, 0, sh.size+64*len(sh.places))
	for i, n := range sh.places {
		out = append(out, sh.text[i]...)
		out = s.put(out, values[n].kind, *values[n].at)
	}
	out = append(out, sh.text[len(sh.places)]...)
	_, err := w.Write(out)
	return err
}

// learn runs the layout with a mark in place of every value that is not empty.
func (s *shaped) learn(key string, m *Mail) (shape, error) {
	marked := m.copy()
	for n, v := range marked.values() {
		if *v.at != "" {
			*v.at = mark(v.kind, n)
		}
	}
	var out strings.Builder
	if err := s.execute(&out, marked); err != nil {
		return shape{}, err
	}
	sh := cut(out.String())
	s.mu.Lock()
	s.shapes[key] = sh
	s.mu.Unlock()
	return sh, nil
}

// Marks are plain letters, and a plain URL where a URL belongs, so that the
// layout's own escaping leaves them alone: "zqMARKaabz" is value 1.
const (
	markHead = "zqMARK"
	markURL  = "https://mark.invalid/"
	markSize = len(markHead) + 4

	maxValues = 26 * 26 * 26
)

func mark(k kind, n int) string {
	m := markHead + string([]byte{'a' + byte(n/676), 'a' + byte(n/26%26), 'a' + byte(n%26), 'z'})
	if k == aURL {
		return markURL + m
	}
	return m
}

func cut(out string) shape {
	sh := shape{size: len(out)}
	for {
		i := strings.Index(out, markHead)
		if i < 0 {
			sh.text = append(sh.text, out)
			return sh
		}
		digits := out[i+len(markHead) : i+markSize]
		sh.places = append(sh.places, int(digits[0]-'a')*676+int(digits[1]-'a')*26+int(digits[2]-'a'))
		sh.text = append(sh.text, strings.TrimSuffix(out[:i], markURL))
		out = out[i+markSize:]
	}
}

// escape writes a value into the HTML layout.
func escape(dst []byte, k kind, value string) []byte {
	switch k {
	case aURL:
		return append(dst, link(value)...)
	case aTitle:
		return append(dst, template.HTMLEscapeString(value)...)
	}
	return appendMarkup(dst, value)
}

// link writes a URL into an attribute; what is no web address leads nowhere.
func link(url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return "#"
	}
	return template.HTMLEscapeString(url)
}

func asIs(dst []byte, _ kind, value string) []byte { return append(dst, value...) }

// value is one string of a mail.
type value struct {
	kind kind
	at   *string
}

// values lists every string of the mail, always in the same order.
func (m *Mail) values() []value {
	all := make([]value, 0, 16+5*len(m.Lines)+len(m.Body)+len(m.Closing)+len(m.Address))
	all = append(all, value{aTitle, &m.Subject}, value{aURL, &m.PreferencesURL})
	for _, v := range [...]*string{
		&m.Preheader, &m.Shop, &m.Heading, &m.LinesHeading, &m.LinesMore, &m.TotalLabel, &m.Total,
		&m.Otherwise, &m.Contact, &m.Why, &m.PreferencesLabel,
	} {
		all = append(all, value{aText, v})
	}
	if m.Button != nil {
		all = append(all, value{aText, &m.Button.Label}, value{aURL, &m.Button.URL})
	}
	for i := range m.Lines {
		l := &m.Lines[i]
		all = append(all, value{aText, &l.Title}, value{aText, &l.Variant}, value{aText, &l.Quantity}, value{aText, &l.Price}, value{aURL, &l.Image})
	}
	for _, list := range [...][]string{m.Body, m.Closing, m.Address} {
		for i := range list {
			all = append(all, value{aText, &list[i]})
		}
	}
	return all
}

// shape describes what the layout may depend on beside the values themselves.
func (m *Mail) shape(key []byte, values []value) []byte {
	key = append(append(key, m.Lang...), '|')
	for _, n := range [...]int{len(m.Body), len(m.Closing), len(m.Address), len(m.Lines)} {
		key = append(strconv.AppendInt(key, int64(n), 10), ' ')
	}
	if m.Button != nil {
		key = append(key, 'b')
	}
	for _, v := range values {
		if *v.at == "" {
			key = append(key, '0')
		} else {
			key = append(key, '1')
		}
	}
	return key
}

func (m *Mail) copy() *Mail {
	c := *m
	if m.Button != nil {
		b := *m.Button
		c.Button = &b
	}
	c.Lines = append([]MailLine(nil), m.Lines...)
	c.Body = append([]string(nil), m.Body...)
	c.Closing = append([]string(nil), m.Closing...)
	c.Address = append([]string(nil), m.Address...)
	return &c
}
