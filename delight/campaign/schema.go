package campaign

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// schemaID names the format; its number rises when old files stop being valid.
const schemaID = "urn:flywheel:playbook:1"

type object = map[string]any

// Schema returns the JSON Schema (2020-12) of playbook files. It is made from
// the types and the registry; templates/playbooks/schema.json is its golden
// copy. It says what Check says, but for what a schema cannot: that conditions
// compile, that ids differ, how many steps there are over all branches, and that
// a footer stands last. It also wants what every shared file should have: a
// title, a goal, a priority, and an address for each button.
func Schema() []byte {
	defs := object{
		"duration": object{
			"type": "string", "description": "A number of days such as 14d, or hours and minutes such as 36h or 1h30m. At most 3650 days.",
			"pattern": durationForm.String(),
		},
		"texts": object{
			"type": "object", "description": "One text by language tag.", "minProperties": 1,
			"propertyNames": object{"pattern": tagForm}, "additionalProperties": object{"type": "string", "minLength": 1},
		},
		"trigger": withKinds(structOf(reflect.TypeFor[Trigger](), "trigger", "kind"), triggerKinds()),
		"entry":   structOf(reflect.TypeFor[EntryRule](), "entry"),
		"row":     withOps(structOf(reflect.TypeFor[Row](), "row", "field", "op")),
		"step":    withKinds(structOf(reflect.TypeFor[Step](), "step", "id", "kind"), stepsByKind()),
		"arm":     structOf(reflect.TypeFor[Arm](), "arm", "name", "weight"),
		"email":   toldOneWay(structOf(reflect.TypeFor[Email](), "email", "subject")),
		"block":   withKinds(structOf(reflect.TypeFor[Block](), "block", "kind"), blocksByKind()),
		"button":  structOf(reflect.TypeFor[Button](), "button", "label", "url"),
		"note":    structOf(reflect.TypeFor[Note](), "note", "title", "body"),
	}
	maps.Copy(defs, levels())
	root := structOf(reflect.TypeFor[Definition](), "playbook", "name", "title", "goal", "class", "topic", "priority", "trigger", "steps")
	root["$schema"], root["$id"] = "https://json-schema.org/draft/2020-12/schema", schemaID
	root["title"], root["$defs"] = "Flywheel playbook", defs
	root["description"] = "A campaign as a file: what begins it, for whom, and its steps. Texts are Liquid, such as {{ order.name }}."
	root["not"] = object{"required": []string{"condition", "rows"}}
	root["allOf"] = []object{{"$ref": "#/$defs/level1"}}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps and strings alone
	}
	return append(out, '\n')
}

const tagForm = `^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`

// structOf is the schema of a struct by its yaml tags. Every field has a
// description; one that is forgotten is an empty one, which a test refuses.
func structOf(t reflect.Type, name string, required ...string) object {
	properties := object{}
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		s := schemaOf(t.Field(i).Type)
		maps.Copy(s, bounds[name+"."+tag])
		s["description"] = descriptions[name+"."+tag]
		properties[tag] = s
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// enums are the words that a type allows.
var enums = map[reflect.Type]func() []string{
	reflect.TypeFor[gate.Class]():   func() []string { return texts(gate.Transactional, gate.Service, gate.Marketing) },
	reflect.TypeFor[commerce.Job](): func() []string { return texts(commerce.Jobs()...) },
	reflect.TypeFor[EntryMode]():    func() []string { return texts(OnceEver, PerOrder, EveryTime) },
	reflect.TypeFor[BlockKind]():    func() []string { return texts(BlockKinds()...) },
	reflect.TypeFor[TriggerKind](): func() (out []string) {
		for _, s := range Triggers() {
			out = append(out, string(s.Kind))
		}
		return out
	},
	reflect.TypeFor[StepKind](): func() (out []string) {
		for _, s := range StepKinds() {
			out = append(out, string(s.Kind))
		}
		return out
	},
}

func texts[S ~string](words ...S) (out []string) {
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

func schemaOf(t reflect.Type) object {
	if words, ok := enums[t]; ok {
		return object{"enum": words()}
	}
	ref := func(name string) object { return object{"$ref": "#/$defs/" + name} }
	switch t {
	case reflect.TypeFor[Duration]():
		return ref("duration")
	case reflect.TypeFor[Texts]():
		return ref("texts")
	case reflect.TypeFor[EntryRule]():
		return ref("entry")
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "minProperties": 1, "propertyNames": object{"pattern": tagForm}, "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return ref(strings.ToLower(t.Name()))
	case reflect.Pointer:
		return schemaOf(t.Elem())
	}
	return object{"type": "string"}
}

// variant is what one word in the field "kind" asks of the fields beside it.
type variant struct {
	name, says string
	takes      []Param
	more       object
}

func triggerKinds() (out []variant) {
	for _, s := range Triggers() {
		k := variant{name: string(s.Kind), says: s.Texts.Sentence["en"], takes: s.Params}
		if s.Kind == OnNewProduct {
			k.more = object{"anyOf": []object{{"required": []string{"products"}}, {"required": []string{"related"}}}}
		}
		out = append(out, k)
	}
	return out
}

func stepsByKind() (out []variant) {
	oneOf := func(names ...string) object {
		var ways []object
		for _, name := range names {
			ways = append(ways, object{"required": []string{name}})
		}
		return object{"anyOf": ways}
	}
	for _, s := range StepKinds() {
		k := variant{name: string(s.Kind), says: s.Texts.Sentence["en"], takes: s.Params}
		switch s.Kind {
		case WaitUntil:
			ways := oneOf("at", "weekday")["anyOf"].([]object)
			on := object{"required": []string{"working"}, "properties": object{"working": object{"const": true}}}
			k.more = object{"anyOf": append(ways, on), "not": object{"required": []string{"weekday", "working"}, "properties": on["properties"]}}
		case Split:
			k.more = object{"dependentRequired": object{"goal": []string{"sample", "within"}, "sample": []string{"goal"}, "within": []string{"goal"}}}
		case TagCustomer:
			k.more = oneOf("add", "remove")
		case If:
			k.more = object{"oneOf": oneOf("condition", "rows")["anyOf"]}
		}
		out = append(out, k)
	}
	return out
}

// withKinds adds to a struct which fields each kind needs and which it has no use for.
func withKinds(s object, kinds []variant) object {
	var rules []object
	for _, k := range kinds {
		var required []string
		useless := object{}
		for name, of := range s["properties"].(object) {
			useless[name] = false
			if of.(object)["type"] == "boolean" {
				useless[name] = object{"const": false} // as if it were not there
			}
		}
		for _, name := range []string{"id", "kind"} {
			delete(useless, name)
		}
		for _, p := range k.takes {
			delete(useless, p.Name)
			if p.Required {
				required = append(required, p.Name)
			}
		}
		then := object{"description": k.says, "properties": useless}
		if len(required) > 0 {
			slices.Sort(required)
			then["required"] = required
		}
		maps.Copy(then, k.more)
		rules = append(rules, object{
			"if":   object{"properties": object{"kind": object{"const": k.name}}, "required": []string{"kind"}},
			"then": then,
		})
	}
	s["allOf"] = rules
	return s
}
