package server

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"flywheel/integrations/api"
)

// restAPI is /api/v1: huma keeps the OpenAPI document and what is answered
// together; who calls and with what body is settled before it (api_door.go).
type restAPI struct {
	huma huma.API
	spec []byte
}

func (s *Server) newAPI(e *echo.Echo) *restAPI {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Flywheel", Version: "1",
				Description: "What other systems tell of a shop's customers. A token names the shop: nothing else does. " +
					"Each token has 20 requests a second, with 100 in one go; bodies are at most 256 KB.",
			},
			Servers: []*huma.Server{{URL: "/api/v1"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {
					Type: "http", Scheme: "bearer", Description: "Made by flywheel token add; begins with " + api.Prefix + ".",
				}},
			},
		},
		Formats: huma.DefaultFormats, DefaultFormat: "application/json",
	} // no paths for documents: docs would load scripts from a CDN, and the spec is served by us
	return &restAPI{huma: humaecho.NewWithGroup(e, e.Group("/api/v1", s.apiDoor), config)}
}

// body describes what an operation takes: one T, several as L, or either.
func body[T, L any](a *restAPI, alone bool) *huma.Schema {
	schemas := a.huma.OpenAPI().Components.Schemas
	list := schemas.Schema(reflect.TypeFor[L](), true, "")
	one := schemas.Schema(reflect.TypeFor[T](), true, "")
	if !alone {
		return list
	}
	return &huma.Schema{OneOf: []*huma.Schema{one, list}}
}

// operation is what all of ours have in common. The handlers hold bodies to the
// rules themselves, so that each sentence names its place and repeats no value.
func operation(method, path, id, summary, description string, answer int) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary, Description: description, DefaultStatus: answer,
		Security: []map[string][]string{{"token": {}}}, SkipValidateBody: true, SkipValidateParams: true,
		Errors: []int{
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusTooManyRequests, http.StatusServiceUnavailable,
		},
	}
}

// describe puts the schema of the body where huma, which sees only bytes, has none.
func (a *restAPI) describe(path string, schema *huma.Schema) {
	item := a.huma.OpenAPI().Paths[path]
	op := item.Post
	if op == nil {
		op = item.Put
	}
	op.RequestBody.Content["application/json"].Schema = schema
	delete(op.Responses, "422") // huma's own validation is off
}

// otherMethods answers what else is asked of our paths with 405 and what they
// take (RFC 9110, section 15.5.6); echo would find nothing there.
func (a *restAPI) otherMethods(e *echo.Echo, s *Server) {
	for path, item := range a.huma.OpenAPI().Paths {
		takes := http.MethodPost
		if item.Put != nil {
			takes = http.MethodPut
		}
		refuse := s.apiDoor(func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderAllow, takes)
			return &refusal{status: http.StatusMethodNotAllowed, sentence: "this address takes " + takes + ": /api/v1/openapi.json says what"}
		})
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if method != takes {
				e.Add(method, "/api/v1"+path, refuse)
			}
		}
	}
}

// showSpec answers with the OpenAPI document, which is the same for everybody.
func (a *restAPI) showSpec(c echo.Context) error {
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, a.spec)
}

// seal writes the document down once every operation is there.
func (a *restAPI) seal() (err error) {
	a.spec, err = json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return err
}
