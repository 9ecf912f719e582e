package stripefake

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the parameters of a request by their path: metadata.key,
// created.gte, applies_to.products. Lists keep the order they were sent in.
type params map[string][]string

// piece is one [name] of a key.
var piece = regexp.MustCompile(`\[([^\[\]]*)\]`)

// digits is the index of a list's entry.
var digits = regexp.MustCompile(`^[0-9]*$`)

// readParams reads a form by rules, a list of "path:kind" with the kinds text
// (default), int, float, bool, list, map and range (a time or its bounds). What
// they do not name is refused, as is what is not of its kind.
func readParams(form, rules string) (params, *problem) {
	out, kinds := params{}, map[string]string{"expand": "list"}
	for _, rule := range strings.Fields(rules) {
		path, kind, _ := strings.Cut(rule, ":")
		kinds[path] = kind
	}
	for _, pair := range strings.Split(form, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil {
			return nil, invalid("", "Invalid request: the form cannot be read.")
		}
		path, p := readParam(name, value, kinds)
		if p != nil {
			return nil, p
		}
		out[path] = append(out[path], value)
	}
	return out, nil
}

// readParam returns the path of one pair.
func readParam(name, value string, kinds map[string]string) (path string, p *problem) {
	path, rest, _ := strings.Cut(name, "[")
	for _, sub := range piece.FindAllStringSubmatch("["+rest, -1) {
		path += "." + sub[1]
	}
	parent, last := "", path
	if i := strings.LastIndex(path, "."); i >= 0 {
		parent, last = path[:i], path[i+1:]
	}
	kind, known := kinds[path]
	switch inner, ok := kinds[parent]; {
	case known && kind == "list":
		return "", invalid(name, "Invalid array")
	case known && kind == "map" && value != "":
		return "", invalid(name, "Invalid object")
	case known:
	case ok && inner == "list" && digits.MatchString(last):
		path = parent
	case ok && inner == "map" && last != "":
	case ok && inner == "range" && slices.Contains([]string{"gt", "gte", "lt", "lte"}, last):
		kind = "int"
	default:
		return "", coded(invalid(name, "Received unknown parameter: "+name), "parameter_unknown")
	}
	switch {
	case value == "" && kind != "map" && !strings.HasPrefix(path, "metadata."):
		return "", coded(invalid(name, "You passed an empty string for '"+name+"'. We assume empty values are an attempt to unset a parameter; however '"+name+
			"' cannot be unset. You should remove '"+name+"' from your request or supply a non-empty value."), "parameter_invalid_empty")
	case !fits(kind, value) && (kind == "int" || kind == "range"):
		return "", coded(invalid(name, "Invalid integer: "+value), "parameter_invalid_integer")
	case !fits(kind, value):
		return "", invalid(name, "Invalid "+kind+": "+value)
	}
	return path, nil
}

func fits(kind, value string) (ok bool) {
	var err error
	switch kind {
	case "int", "range":
		_, err = strconv.ParseInt(value, 10, 64)
	case "float":
		_, err = strconv.ParseFloat(value, 64)
	case "bool":
		return value == "true" || value == "false"
	}
	return err == nil
}

// has reports whether a parameter was given.
func (p params) has(path string) bool { return len(p[path]) > 0 }

// text is the last value given, "" = none.
func (p params) text(path string) string {
	if given := p[path]; len(given) > 0 {
		return given[len(given)-1]
	}
	return ""
}

func (p params) int(path string) int64 { n, _ := strconv.ParseInt(p.text(path), 10, 64); return n }

// or is a parameter's value, null where it was not given.
func (p params) or(path string, value any) any {
	if !p.has(path) {
		return nil
	}
	return value
}

// metadata is what was given of it, over what is there; "" removes.
func (p params) metadata(there Object) Object {
	out := there.clone()
	if out == nil || p.has("metadata") {
		out = Object{}
	}
	for path := range p {
		if key, is := strings.CutPrefix(path, "metadata."); is {
			if out[key] = p.text(path); out[key] == "" {
				delete(out, key)
			}
		}
	}
	return out
}

// during reports whether a time in seconds is within the bounds of a range.
func (p params) during(path string, at int64) bool {
	return (!p.has(path) || at == p.int(path)) &&
		(!p.has(path+".gt") || at > p.int(path+".gt")) && (!p.has(path+".gte") || at >= p.int(path+".gte")) &&
		(!p.has(path+".lt") || at < p.int(path+".lt")) && (!p.has(path+".lte") || at <= p.int(path+".lte"))
}

// needs refuses a request that lacks one of paths.
func (p params) needs(paths ...string) *problem {
	for _, path := range paths {
		if !p.has(path) {
			return coded(invalid(path, "Missing required param: "+path+"."), "parameter_missing")
		}
	}
	return nil
}

// past reports whether a time given in seconds is not after now.
func (p params) past(path string, now time.Time) bool {
	return p.has(path) && p.int(path) <= now.Unix()
}

// readable is a form decoded, for who looks at Calls.
func readable(form string) string {
	if text, err := url.QueryUnescape(form); err == nil {
		return text
	}
	return form
}
