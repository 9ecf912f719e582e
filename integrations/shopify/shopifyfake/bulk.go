package shopifyfake

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// bulk is one bulk operation.
type bulk struct {
	id      int64
	op      *ast.OperationDefinition
	grouped bool
	polls   int // questions for its state so far
	status  string
	code    string
	name    string // of its file
	file    *os.File
	run     *bulkRun // while it is written
	made    time.Time
	size    int64
	objects int64
	roots   int64
}

// bulkPlan is how operations go.
type bulkPlan struct {
	polls int
	fails string
	cut   int64
}

// SlowBulk lets bulk operations say RUNNING to so many questions before they are
// done. Without it the first question finds them COMPLETED, and one of more than
// 10,000 orders needs a question for each 10,000.
func (f *Fake) SlowBulk(polls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan.polls = polls
}

// FailBulk lets bulk operations end as FAILED with that error code (TIMEOUT,
// INTERNAL_SERVER_ERROR, ACCESS_DENIED); "" ends it.
func (f *Fake) FailBulk(code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan.fails = code
}

// BreakBulk cuts the next download of a file off after so many bytes, once.
func (f *Fake) BreakBulk(after int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan.cut = after
}

// ExpireBulk lets the file of a shop's latest operation expire, as after seven days.
func (f *Fake) ExpireBulk(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b := f.shop(domain).bulk; b != nil {
		b.status = "EXPIRED"
	}
}

func (f *Fake) startBulk(s *shop, args map[string]any) (any, error) {
	text, _ := args["query"].(string)
	grouped, _ := args["groupObjects"].(bool)
	refuse := func(code, message string) (any, error) {
		return payload([]object{userError(code, message, "query")}, object{"bulkOperation": nil}), nil
	}
	if b := s.bulk; b != nil && (b.status == "CREATED" || b.status == "RUNNING") {
		return refuse("OPERATION_IN_PROGRESS", "A bulk query operation for this app and shop is already in progress: "+id("BulkOperation", b.id).GID+".")
	}
	op, wrong := bulkDocument(text)
	if wrong != "" {
		return refuse("INVALID", wrong)
	}
	n := f.mint()
	s.bulk = &bulk{id: 5_000_000_000_000 + n, op: op, grouped: grouped, status: "CREATED", name: digest("bulk", s.domain, asText(n))[:32] + ".jsonl"}
	f.files[s.bulk.name] = s.bulk
	return payload(nil, object{"bulkOperation": f.bulkObject(s.bulk)}), nil
}

func (f *Fake) pollBulk(s *shop, args map[string]any) (any, error) {
	n, err := number("BulkOperation", args["id"])
	if err != nil {
		return nil, err
	}
	b := s.bulk
	if b == nil || b.id != n {
		return nil, nil // an older one is not kept
	}
	if b.polls++; b.status == "CREATED" || b.status == "RUNNING" {
		switch {
		case b.polls <= f.plan.polls && b.run == nil:
			b.status = "RUNNING"
		case f.plan.fails != "":
			b.status, b.code = "FAILED", f.plan.fails
		default:
			f.runBulk(s, b)
		}
	}
	return f.bulkObject(b), nil
}

func (f *Fake) bulkObject(b *bulk) object {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	o := object{
		"id": id("BulkOperation", b.id).GID, "status": b.status, "errorCode": null(b.code), "objectCount": count(b.objects),
		"rootObjectCount": count(b.roots), "fileSize": nil, "url": nil, "partialDataUrl": nil,
	}
	if b.status == "COMPLETED" && b.objects > 0 {
		if f.base == "" {
			f.broken = append(f.broken, "SetBase was not called: a bulk file has no address")
		}
		o["fileSize"], o["url"] = count(b.size), f.base+"/bulk/"+b.name+"?X-Goog-Signature="+digest(b.name)[:16]
	}
	return o
}

// serveBulk is the storage that files lie in: no part of the shop, and no place for its token.
func (f *Fake) serveBulk(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	b, failure, cut := f.files[r.PathValue("file")], f.failing("bulk", false), f.plan.cut
	f.plan.cut = 0
	gone := b == nil || b.status != "COMPLETED" || b.file == nil
	f.mu.Unlock()
	switch {
	case failure != "":
		fail(w, r, failure)
		return
	case r.Header.Get("X-Shopify-Access-Token") != "":
		http.Error(w, "the shop's token was sent to the storage", http.StatusBadRequest)
		return
	case gone || r.URL.Query().Get("X-Goog-Signature") != digest(b.name)[:16]:
		http.Error(w, "<Error><Code>ExpiredToken</Code></Error>", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	if cut > 0 {
		w = &cutting{ResponseWriter: w, left: cut}
	}
	http.ServeContent(w, r, "", b.made, newSection(b.file, b.size))
}

// cutting breaks the connection after some bytes.
type cutting struct {
	http.ResponseWriter
	left int64
}

func (c *cutting) Write(p []byte) (int, error) {
	if int64(len(p)) < c.left {
		c.left -= int64(len(p))
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// bulkDocument reads the document of a bulk operation, or says why Shopify would not run it.
func bulkDocument(text string) (*ast.OperationDefinition, string) {
	q := question{Query: text}
	if found := q.check(adminSchema()); len(found) > 0 {
		return nil, "Invalid bulk query: " + found[0].Message
	}
	if q.op.Operation != ast.Query {
		return nil, "Invalid bulk query: it must be a query"
	}
	if len(q.op.VariableDefinitions) > 0 {
		return nil, "Bulk queries cannot take variables."
	}
	c := &bulkCheck{}
	pl := &planner{schema: adminSchema()}
	fields := pl.collect(nil, pl.schema.Query, q.op.SelectionSet)
	if len(fields) != 1 || fields[0].def == nil || !isConnection(fields[0].def.Type) {
		return nil, "Bulk queries must contain exactly one top-level connection."
	}
	c.field(pl, fields[0], 0, false)
	return q.op, strings.Join(c.wrong, " ")
}
