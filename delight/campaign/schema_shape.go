package campaign

import "fmt"

// levels are the definitions level1 and below1 to below8: what may lie below
// a list of steps on each level, so that branches lie no deeper than Check allows.
func levels() object {
	defs := object{}
	for n := 1; n <= maxDepth; n++ {
		below := object{"maxItems": 0}
		if n < maxDepth {
			below = object{"items": object{"$ref": fmt.Sprintf("#/$defs/below%d", n+1)}}
		}
		arms := object{"items": object{"allOf": []object{{"properties": object{"steps": below}}}}}
		defs[fmt.Sprintf("below%d", n)] = object{"allOf": []object{{"properties": object{"then": below, "else": below, "arms": arms}}}}
	}
	defs["level1"] = object{"allOf": []object{{"properties": object{"steps": object{"items": object{"$ref": "#/$defs/below1"}}}}}}
	return defs
}

// withOps adds to a row which of value and list each operator compares with.
func withOps(s object) object {
	when := func(ops []string, then object) object {
		return object{"if": object{"properties": object{"op": object{"enum": ops}}, "required": []string{"op"}}, "then": then}
	}
	none := object{"const": ""}
	s["allOf"] = []object{
		when([]string{OpOneOf, OpNoneOf}, object{"required": []string{"list"}, "properties": object{"value": none}}),
		when([]string{OpSet, OpNotSet}, object{"properties": object{"value": none, "list": false}}),
		when([]string{OpIs, OpIsNot, OpGreater, OpLess, OpAtLeast, OpAtMost, OpContains, OpContainsNot}, object{
			"required": []string{"value"}, "properties": object{"value": object{"pattern": `\S`}, "list": false},
		}),
	}
	return s
}

// tagList is what add and remove of a step hold.
func tagList() object {
	return object{
		"minItems": 1, "maxItems": maxTags, "uniqueItems": true,
		"items": object{"type": "string", "maxLength": maxTag, "pattern": customerTag.String()},
	}
}
