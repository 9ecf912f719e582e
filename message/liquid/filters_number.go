package liquid

import (
	"math"
	"strconv"
	"strings"
)

// sums makes a filter of a sign.
func sums(sign byte) Filter {
	return Filter{Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any { return reckon(sign, v, args[0]) }}
}

// turned makes a filter that rounds its own way.
func turned(round func(float64) float64) Filter {
	return Filter{Do: func(_ *Env, v any, _ []any) any { return integer(round(Number(v))) }}
}

// numberFilters reckon. As in Liquid two whole numbers give a whole number.
var numberFilters = map[string]Filter{
	"plus": sums('+'), "minus": sums('-'), "times": sums('*'), "divided_by": sums('/'), "modulo": sums('%'),
	"at_least": {Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any {
		return numeral(max(Number(v), Number(args[0])), v, args[0])
	}},
	"at_most": {Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any {
		return numeral(min(Number(v), Number(args[0])), v, args[0])
	}},
	"ceil": turned(math.Ceil), "floor": turned(math.Floor),
	"abs": {Do: func(_ *Env, v any, _ []any) any { return numeral(math.Abs(Number(v)), v, v) }},
	"round": {Max: 1, Do: func(_ *Env, v any, args []any) any {
		digits := min(max(0, arg(args, 0, 0)), 9)
		if digits == 0 {
			return integer(math.Round(Number(v)))
		}
		shift := math.Pow(10, float64(digits))
		return math.Round(Number(v)*shift) / shift
	}},
}

// Number is a value as a number; what is none is 0.
func Number(v any) float64 {
	v = plain(v)
	if n, ok := number(v); ok {
		return n
	}
	t, _ := v.(string)
	n, err := strconv.ParseFloat(strings.TrimSpace(t), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return n
}

// isWhole reports whether a value is a whole number, also one written as text.
func isWhole(v any) bool {
	switch v := plain(v).(type) {
	case int64, nil:
		return true
	case string:
		_, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return err == nil
	}
	return false
}

// far is where whole numbers end to be exact in a float64.
const far = 1 << 53

// integer is a rounded number as a whole one where it is exact.
func integer(n float64) any {
	if math.Abs(n) < far {
		return int64(n)
	}
	return n
}

// numeral is a number that is whole where those it came from are.
func numeral(n float64, from ...any) any {
	for _, v := range from {
		if !isWhole(v) {
			return n
		}
	}
	return integer(n)
}

// whole cuts a number to a whole one.
func whole(v any) int64 {
	n := Number(v)
	return int64(max(-far, min(far, n)))
}

// reckon adds, takes away, multiplies or divides. Nothing comes of a division by 0.
func reckon(sign byte, a, b any) any {
	x, y := Number(a), Number(b)
	switch sign {
	case '+':
		return numeral(x+y, a, b)
	case '-':
		return numeral(x-y, a, b)
	case '*':
		return numeral(x*y, a, b)
	}
	if y == 0 {
		return nil
	}
	down := math.Floor(x / y)
	if sign == '%' {
		return numeral(x-y*down, a, b)
	}
	if isWhole(a) && isWhole(b) {
		return integer(down)
	}
	return x / y
}
