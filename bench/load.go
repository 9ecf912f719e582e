package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many keep-alive connections the load comes over.
const connections = 64

// volley is how a number of requests went.
type volley struct {
	took  time.Duration
	waits []time.Duration // of each request, from its first byte to the answer
}

// request is one delivery, made and signed before the clock starts.
type request struct {
	header http.Header
	body   []byte
	raw    []byte // the whole of it as it travels
}

// generator makes the load: plain is Go's HTTP client, as anybody would measure
// a server; lean writes the same bytes to bare sockets and costs half the CPU.
// Both sides of a pair are asked alike.
type generator func(addr string) (ask asker, hangUp func(), err error)

// asker posts one request and reads the answer.
type asker func(request) error

// fire sends every request once, over 64 keep-alive connections, as fast as
// they are answered, and demands 200 for each.
func fire(connect generator, addr string, requests []request) (volley, error) {
	waits := make([]time.Duration, len(requests))
	askers := make([]asker, min(connections, len(requests)))
	for i := range askers {
		ask, hangUp, err := connect(addr)
		if err != nil {
			return volley{}, err
		}
		defer hangUp()
		askers[i] = ask
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, len(askers))
	began := time.Now()
	for i, ask := range askers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := next.Add(1) - 1; n < int64(len(requests)) && errs[i] == nil; n = next.Add(1) - 1 {
				sent := time.Now()
				errs[i] = ask(requests[n])
				waits[n] = time.Since(sent)
			}
		}()
	}
	wg.Wait()
	return volley{time.Since(began), waits}, errors.Join(errs...)
}

func plain(addr string) (asker, func(), error) {
	way := &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1}
	return func(r request) error {
		req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/webhooks/shopify", bytes.NewReader(r.body))
		if err != nil {
			return err
		}
		req.Header = r.header
		return accepted(way.RoundTrip(req))
	}, way.CloseIdleConnections, nil
}

func lean(addr string) (asker, func(), error) {
	l, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	answers := bufio.NewReader(l)
	return func(r request) error {
		if _, err := l.Write(r.raw); err != nil {
			return err
		}
		return accepted(http.ReadResponse(answers, nil))
	}, func() { l.Close() }, nil
}

func accepted(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s: %s", resp.Status, text)
	}
	return err
}
