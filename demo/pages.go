package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"sync"

	"flywheel/fault"
	"flywheel/templates"
	"flywheel/timeline"
)

//go:embed pages
var files embed.FS

// pages show a demo to its visitors, below /demo. They need no script and read
// what the app has stored; only the mailbox belongs to the demo alone.
type pages struct {
	world *World
	mu    sync.Mutex
	books *books // of the scenario; nil while it plays
	wrong string // what did not balance
}

// set takes over the books of the scenario.
func (p *pages) set(b *books, wrong error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.books = b; wrong != nil {
		p.wrong = wrong.Error()
	}
}

func (p *pages) result() (*books, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.books, p.wrong
}

// handler answers /demo and leaves everything else to next.
func (p *pages) handler(w *World, next http.Handler) http.Handler {
	p.world = w
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.Handle("GET "+senderPath+"/", w.Shopify.Admin(w.URL+"/admin/sender", senderPath))
	mux.Handle("GET "+adminPath+"/", w.Shopify.Admin(w.URL+"/admin", adminPath))
	mux.Handle("GET /{$}", http.RedirectHandler("/demo", http.StatusFound))
	mux.HandleFunc("GET /demo", p.show("start", p.start))
	mux.HandleFunc("GET /demo/mailbox", p.show("mailbox", p.mailbox))
	mux.HandleFunc("GET /demo/mailbox.json", p.mailboxJSON)
	mux.HandleFunc("GET /demo/mailbox/{mail}", p.show("mail", p.mail))
	mux.HandleFunc("GET /demo/mailbox/{mail}/html", p.mailHTML)
	mux.HandleFunc("GET /demo/people", p.show("people", p.people))
	mux.HandleFunc("GET /demo/shops/{shop}/people/{person}", p.show("person", p.person))
	mux.HandleFunc("GET /demo/shops/{shop}/orders", p.show("orders", p.orders))
	mux.HandleFunc("GET /demo/shops/{shop}/campaigns/{campaign}", p.show("campaign", p.campaign))
	mux.HandleFunc("GET /demo/campaigns", p.show("campaigns", p.campaigns))
	mux.HandleFunc("GET /demo/happened", p.show("happened", p.happened))
	mux.HandleFunc("GET /demo/calls", p.show("calls", p.calls))
	mux.HandleFunc("GET /demo/why", p.show("why", p.why))
	mux.HandleFunc("GET /demo/routes.json", routesOf(next))
	mux.HandleFunc("POST /demo/shops", p.addShop)
	mux.HandleFunc("GET /demo/", p.show("problem", func(*http.Request) (any, error) {
		return nil, fault.New(fault.NotFound, "There is no such page.")
	}))
	return mux
}

// frame is what every page has. Here is the part of the navigation it belongs to.
type frame struct {
	Title, Here string
	Refresh     bool // look again soon
}

// show makes a page of what read returns. It is rendered into a buffer first,
// so that a broken page is never half sent.
func (p *pages) show(name string, read func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		code := http.StatusOK
		data, err := read(r)
		var b bytes.Buffer
		if err == nil {
			err = sheets()[name].ExecuteTemplate(&b, "frame", data)
		}
		if err != nil {
			code = http.StatusInternalServerError
			problem := problemPage{frame{Title: "Something went wrong"}, "The demo could not show this page. Its log says why."}
			if fault.Is(err, fault.NotFound) {
				code, problem = http.StatusNotFound, problemPage{frame{Title: "Not here"}, fault.Sentence(err)}
			} else {
				p.world.App.Log.Error("demo page failed", "page", name, "error", err)
			}
			b.Reset()
			_ = sheets()["problem"].ExecuteTemplate(&b, "frame", problem) // a test renders it
		}
		guard(w, "default-src 'none'; style-src '"+styleHash()+"'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(code)
		_, _ = w.Write(b.Bytes()) // a visitor who has gone is no matter
	}
}

func guard(w http.ResponseWriter, policy string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // a mail's links hold tokens
	h.Set("Cache-Control", "no-store")
}

type problemPage struct {
	frame
	Sentence string
}

var pageNames = []string{"start", "mailbox", "mail", "people", "person", "orders", "campaigns", "campaign", "calls", "happened", "why", "problem"}

var sheets = sync.OnceValue(func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range pageNames {
		t := template.New(name).Funcs(template.FuncMap{"because": timeline.Because, "dir": templates.Dir, "own": inOwn, "percent": percent, "words": words, "style": func() template.HTML {
			return template.HTML("<style>" + style() + "</style>")
		}})
		all[name] = template.Must(t.ParseFS(files, "pages/frame.html", "pages/days.html", "pages/"+name+".html"))
	}
	return all
})

var style = sync.OnceValue(func() string {
	css, err := files.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(css)
})

// styleHash allows the one style element of the pages and nothing else.
var styleHash = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(style()))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
})

// perPage is how much a list shows at once.
const perPage = 100

// pageOf returns which part of n rows a request asks for, and the numbers of
// the pages before and after; 0 = none.
func pageOf(r *http.Request, n int) (from, to, before, after int) {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 || page > n/perPage+1 {
		page = 1
	}
	from, to = min((page-1)*perPage, n), min(page*perPage, n)
	if to < n {
		after = page + 1
	}
	return from, to, page - 1, after
}

// startPage is /demo.
type startPage struct {
	frame
	URL, Secret, English, Arabic string
	Books                        *books
	Wrong                        string
	Mails                        int
	States                       []state
}

func (p *pages) start(*http.Request) (any, error) {
	b, wrong := p.result()
	return startPage{
		frame: frame{Title: "Flywheel demo", Here: "start", Refresh: b == nil}, URL: p.world.URL, Secret: ShopifySecret, English: EnglishDomain, Arabic: ArabicDomain,
		Books: b, Wrong: wrong, Mails: p.world.Mail.Count(), States: states,
	}, nil
}

// ctx is a request's, for store calls.
func ctx(r *http.Request) context.Context { return r.Context() }
