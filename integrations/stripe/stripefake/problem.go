package stripefake

import "encoding/json"

// problem is an error of Stripe's, see https://docs.stripe.com/api/errors.
type problem struct {
	status                     int
	kind, code, param, message string
	early                      bool // refused before it was begun: not kept by an idempotency key
}

// answered is what a request gets.
type answered struct {
	status   int
	body     []byte
	replayed bool
}

func (p *problem) answer() answered {
	e := Object{"type": p.kind, "message": p.message}
	if p.code != "" {
		e["code"] = p.code
	}
	if p.param != "" {
		e["param"] = p.param
	}
	return reply(p.status, Object{"error": e})
}

func reply(status int, o Object) answered {
	body, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		panic("stripefake: an object holds what JSON cannot: " + err.Error())
	}
	return answered{status: status, body: append(body, '\n')}
}

// invalid is a parameter that cannot be, before anything is done.
func invalid(param, message string) *problem {
	return &problem{status: 400, kind: "invalid_request_error", param: param, message: message, early: true}
}

// wrong is a request that cannot be done as things are.
func wrong(param, code, message string) *problem {
	return &problem{status: 400, kind: "invalid_request_error", param: param, code: code, message: message}
}

// missing is an object that is not there: 404 where the path names it, 400 where a parameter does.
func missing(kind, id, param string) *problem {
	p := wrong(param, "resource_missing", "No such "+noun(kind)+": '"+id+"'")
	if param == "id" {
		p.status = 404
	}
	return p
}

// noun is how an error names a kind.
func noun(kind string) string {
	switch kind {
	case "promotion_code":
		return "promotion code"
	case "webhook_endpoint":
		return "webhook endpoint"
	}
	return kind
}

func coded(p *problem, code string) *problem { p.code = code; return p }

// refusal is an answer before anything of the account is looked at.
func refusal(status int, code, message string) *problem {
	kind := "invalid_request_error"
	if status >= 500 {
		kind = "api_error"
	}
	return &problem{status: status, kind: kind, code: code, message: message, early: true}
}
