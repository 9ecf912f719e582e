package shopifyfake

import (
	"bufio"
	"io"
	"os"
)

// bulkRun writes the file of a bulk operation: a line for each row, rows of
// nested connections with __parentId. Grouped, they follow their parent at once;
// otherwise they come last, so that nobody counts on more than is promised.
type bulkRun struct {
	*execution
	orders *connection
	node   *plan
	out    *bufio.Writer
	b      *bulk
	buf    []byte
	tail   []byte
	err    error
}

// bulkStep is how many orders one question for an operation's state gets done: a
// large operation says RUNNING in between, as the real one does.
const bulkStep = 10_000

// runBulk carries an operation on. What the shop has not granted fails it.
func (f *Fake) runBulk(s *shop, b *bulk) {
	r := b.run
	if r == nil {
		if r = f.openBulk(s, b); r == nil {
			return
		}
		b.run, b.status = r, "RUNNING"
	}
	for end := b.roots + bulkStep; b.roots < int64(r.orders.size) && r.err == nil && len(r.broken) == 0; b.roots++ {
		if b.roots == end {
			return
		}
		r.row(r.node, r.orders.at(int(b.roots)), "")
	}
	if r.err == nil {
		_, r.err = r.out.Write(r.tail)
	}
	if flush := r.out.Flush(); r.err == nil {
		r.err = flush
	}
	b.run, b.made, b.status = nil, f.now(), "COMPLETED"
	b.size, _ = b.file.Seek(0, io.SeekEnd)
	f.judgeBulk(r)
}

// openBulk begins the file of an operation, or fails the operation.
func (f *Fake) openBulk(s *shop, b *bulk) *bulkRun {
	r := &bulkRun{b: b, execution: &execution{planner: planner{schema: adminSchema()}, access: s.access}}
	root := r.collect(nil, r.schema.Query, b.op.SelectionSet)[0]
	if d := s.access("QueryRoot", root.name); d != nil {
		b.status, b.code = "FAILED", "ACCESS_DENIED"
		return nil
	}
	b.status, b.code = "FAILED", "INTERNAL_SERVER_ERROR"
	ask, ok := f.roots(s, r.schema.Query)[root.name].(resolver)
	if !ok {
		return nil
	}
	value, err := ask(root.args)
	if r.orders, ok = value.(*connection); !ok || err != nil {
		return nil
	}
	file, err := os.CreateTemp("", "shopifyfake-*.jsonl")
	if err != nil {
		return nil
	}
	_ = os.Remove(file.Name()) // it lives as long as it is open
	b.file, b.code = file, ""
	r.out, r.node = bufio.NewWriterSize(file, 1<<20), r.nodeOf(root)
	return r
}

func (f *Fake) judgeBulk(r *bulkRun) {
	for _, broken := range r.broken {
		f.broken = append(f.broken, "bulk: "+broken)
	}
	if len(r.broken) > 0 || r.err != nil {
		r.b.status, r.b.code = "FAILED", "INTERNAL_SERVER_ERROR"
	}
	for _, p := range r.problems {
		if p.Extensions["requiredAccess"] != nil {
			r.b.status, r.b.code = "FAILED", "ACCESS_DENIED"
		}
	}
}

// row writes one object and what its connections hold.
func (r *bulkRun) row(p *plan, o object, parent string) {
	type nested struct {
		p    *plan
		rows *connection
	}
	var below []nested
	r.aside = func(p *plan, rows *connection) { below = append(below, nested{p, rows}) }
	def := r.schema.Types[p.def.Type.Name()]
	r.buf, _ = r.object(r.buf[:0], def, o, r.under(p, def))
	r.b.objects++
	if parent != "" {
		r.buf = append(r.buf[:len(r.buf)-1], `,"__parentId":`...)
		r.buf = append(appendString(r.buf, parent), '}')
	}
	r.buf = append(r.buf, '\n')
	if parent != "" && !r.b.grouped {
		r.tail = append(r.tail, r.buf...)
	} else if _, err := r.out.Write(r.buf); err != nil {
		r.err = err
	}
	gid, _ := o["id"].(string)
	for _, n := range below {
		node := r.nodeOf(n.p)
		for i := range n.rows.size {
			r.row(node, n.rows.at(i), gid)
		}
	}
}

func newSection(file *os.File, size int64) io.ReadSeeker { return io.NewSectionReader(file, 0, size) }
