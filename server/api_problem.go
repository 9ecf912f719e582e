package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/fault"
	"flywheel/integrations/api"
)

// refusal is an answer that is no kind of fault: it is about how one asks.
type refusal struct {
	status   int
	sentence string
	retry    time.Duration // 0 = asking again does not help
}

func (r *refusal) Error() string { return r.sentence }

// problem turns an error into what an API caller reads (RFC 9457): the sentence,
// and for a body each thing that is wrong with its place. What is internal is
// logged and not shown.
func (s *Server) problem(err error) (*huma.ErrorModel, http.Header) {
	code, sentence, header := http.StatusInternalServerError, "Something went wrong on our side. Please try again.", http.Header{}
	var details []*huma.ErrorDetail
	var asked *refusal
	var body api.Refusal
	var routed *echo.HTTPError
	var used clash
	var often account.TooOften
	switch kind := fault.KindOf(err); {
	case errors.As(err, &body):
		code, sentence, details = http.StatusBadRequest, body.Error(), places(body)
	case errors.As(err, &used):
		code, sentence, details = http.StatusConflict, used.Error(), places(used.Refusal)
	case errors.As(err, &asked):
		code, sentence = asked.status, asked.sentence
		if asked.retry > 0 {
			header.Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(asked.retry.Seconds()))))
		}
	case errors.As(err, &often):
		code, sentence = http.StatusTooManyRequests, "too many requests with a token that is none came from here: wait a while"
		header.Set(echo.HeaderRetryAfter, strconv.Itoa(max(1, int(math.Ceil(often.Wait.Seconds())))))
	case kind != "":
		code, sentence = status[kind], fault.Sentence(err)
	case errors.As(err, &routed):
		code, sentence = routed.Code, "there is nothing at this address: /api/v1/openapi.json lists what there is"
	default:
		s.Log.Error("api request failed", "error", err)
	}
	switch code {
	case http.StatusServiceUnavailable:
		header.Set(echo.HeaderRetryAfter, "5")
	case http.StatusUnauthorized:
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="flywheel"`)
	}
	return &huma.ErrorModel{Title: cmp.Or(http.StatusText(code), "Error"), Status: code, Detail: sentence, Errors: details}, header
}

func places(wrong api.Refusal) (details []*huma.ErrorDetail) {
	for _, w := range wrong {
		details = append(details, &huma.ErrorDetail{Message: w.What, Location: "body" + dotted(w.Where)})
	}
	return details
}

func dotted(where string) string {
	if where == "" {
		return ""
	}
	return "." + where
}

// refuse is problem for a handler of huma's.
func (s *Server) refuse(err error) error {
	model, header := s.problem(err)
	return huma.ErrorWithHeaders(model, header)
}

// answerProblem is problem for everything before and beside huma.
func (s *Server) answerProblem(c echo.Context, err error) {
	model, header := s.problem(err)
	for name, values := range header {
		c.Response().Header()[name] = values
	}
	text, _ := json.Marshal(model) // words and numbers
	if err := c.Blob(model.Status, "application/problem+json", text); err != nil {
		s.Log.Warn("answer not sent", "path", c.Path(), "error", err)
	}
}

// unavailable marks an error of the database as one that passes.
func unavailable(err error, sentence string) error {
	if fault.KindOf(err) != "" {
		return err
	}
	return fault.Wrap(fault.Temporary, err, "%s", sentence)
}
