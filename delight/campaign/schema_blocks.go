package campaign

import "maps"

// blocksByKind are what each kind of block asks of the fields beside it.
func blocksByKind() (out []variant) {
	for _, s := range Blocks() {
		k := variant{name: string(s.Kind), says: s.Texts.Sentence["en"], takes: s.Params}
		switch {
		case len(s.Ways) > 0:
			k.more = object{"allOf": []object{{"properties": object{"ways": object{"items": object{"enum": s.Ways}}}}}}
		case s.Kind == BlockHeading:
			k.more = object{"allOf": []object{{"properties": object{"text": object{"pattern": `^\s*\S[^\r\n]*\s*$`}}}}}
		}
		out = append(out, k)
	}
	return out
}

// toldOneWay lets a mail be told by a body or by blocks, and not by both. Blocks
// begin with the logo where they name it, have one footer, and say something.
func toldOneWay(mail object) object {
	mail["anyOf"] = []object{{"required": []string{"body"}}, {"required": []string{"blocks"}}}
	short := object{"show_lines": object{"const": false}}
	for _, name := range []string{"heading", "body", "button", "closing"} {
		short[name] = false
	}
	mail["dependentSchemas"] = object{"blocks": object{"properties": short}}
	kind := func(words ...BlockKind) object {
		return object{"properties": object{"kind": object{"enum": words}}, "required": []string{"kind"}}
	}
	var saying []BlockKind
	for _, s := range Blocks() {
		if s.Says {
			saying = append(saying, s.Kind)
		}
	}
	shown := kind(saying...)
	shown["properties"].(object)["hidden"] = object{"const": false}
	maps.Copy(mail["properties"].(object)["blocks"].(object), object{
		"allOf": []object{
			{"prefixItems": []object{{}}, "items": object{"not": kind(BlockLogo)}},
			{"contains": kind(BlockFooter), "minContains": 0, "maxContains": 1},
			{"contains": shown},
		},
	})
	return mail
}
