package campaign

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// countries are the codes of ISO 3166-1, and those that Shopify has beside them:
// Ascension, Tristan da Cunha and Kosovo.
const countries = "" +
	"AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO " +
	"CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT " +
	"HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP " +
	"MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH " +
	"SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA " +
	"ZM ZW "

func isCountry(code string) bool {
	return len(code) == 2 && code[0] != ' ' && code[1] != ' ' && strings.Contains(countries, code)
}

var (
	noChoice      = phrase{"{1} is never {2}. It is one of {3}.", "لا يكون {1} أبدًا {2}. قيمه هي {3}.", "{1} هرگز {2} نیست. یکی از این\u200cهاست: {3}."}
	noChoiceGuess = phrase{"{1} is never {2}.", "لا يكون {1} أبدًا {2}.", "{1} هرگز {2} نیست."}
)

// noChoice says that a variable is never a word, and what it may be.
func (v *VarSpec) noChoice(word string) Texts {
	if near := guess(word, v.Choices); near != "" {
		return withGuess(say(noChoiceGuess, v.Name, word), near)
	}
	choices := strings.Join(v.Choices, ", ")
	return say(noChoice, v.Name, word, Texts{"en": choices, "ar": choices, "fa": choices})
}

// fits refuses a comparison of a country or a choice with a word that it never is.
func (c *Condition) fits(e ast.Expr) error {
	if e.Kind() != ast.CallKind || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.In}, e.AsCall().FunctionName()) {
		return nil
	}
	left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
	spec, words := byName()[fieldName(left)], []ast.Expr{right}
	if spec == nil {
		spec, words = byName()[fieldName(right)], []ast.Expr{left}
	}
	if right.Kind() == ast.ListKind {
		words = right.AsList().Elements()
	}
	if spec == nil || spec.Type != CountryVar && spec.Type != ChoiceVar {
		return nil
	}
	for _, word := range words {
		if word.Kind() != ast.LiteralKind {
			continue
		}
		text, plain := word.AsLiteral().Value().(string)
		if !plain || text == "" {
			continue // "" is nobody told
		}
		if _, wrong := spec.normal(text); wrong != nil {
			return c.refusal(word, wrong)
		}
		if own, _ := spec.normal(text); own != text {
			return c.refusal(word, withGuess(say(noChoiceGuess, spec.Name, text), own))
		}
	}
	return nil
}

// refusal explains what is wrong at a part.
func (c *Condition) refusal(at ast.Expr, words Texts) error {
	place := c.info.GetStartLocation(at.ID())
	return explain(c.source, place.Line(), place.Column()+1, words)
}
