package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	gomail "github.com/wneessen/go-mail"
)

// startEcho runs R: Echo that reads the body, checks its HMAC and answers. It
// keeps nothing.
func startEcho(secret string) (addr string, stop func(), err error) {
	e := echo.New()
	e.POST("/webhooks/shopify", func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		told, err := base64.StdEncoding.DecodeString(c.Request().Header.Get("X-Shopify-Hmac-Sha256"))
		if err != nil || !hmac.Equal(told, mac.Sum(nil)) {
			return c.NoContent(http.StatusUnauthorized)
		}
		return c.NoContent(http.StatusOK)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: e}
	go func() { _ = s.Serve(l) }() // ends with stop
	return l.Addr().String(), func() { _ = s.Close() }, nil
}

// loopConnections is how many SMTP connections M uses.
const loopConnections = 4

// mailLoop runs M: go-mail as it comes out of the box sends one message, built
// before, n times over 4 connections, and nothing is written down.
func mailLoop(ctx context.Context, sinkURL, eml string, n int) (time.Duration, error) {
	u, err := url.Parse(sinkURL)
	if err != nil {
		return 0, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0, err
	}
	senders := make([]func() error, loopConnections)
	for i := range senders {
		msg, err := gomail.EMLToMsgFromString(eml) // one each: sending marks the message
		if err != nil {
			return 0, err
		}
		c, err := gomail.NewClient(u.Hostname(), gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("localhost"))
		if err != nil {
			return 0, err
		}
		line, err := c.DialToSMTPClientWithContext(ctx)
		if err != nil {
			return 0, err
		}
		defer line.Quit()
		senders[i] = func() error { return c.SendWithSMTPClient(line, msg) }
	}
	errs := make([]error, len(senders))
	var wg sync.WaitGroup
	began := time.Now()
	for i, send := range senders {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := i; k < n && errs[i] == nil; k += len(senders) {
				errs[i] = send()
			}
		}()
	}
	wg.Wait()
	return time.Since(began), errors.Join(errs...)
}
