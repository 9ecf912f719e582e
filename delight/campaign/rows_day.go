package campaign

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// The functions that make a moment of a day on the shop's calendar, such as
// day("2026-03-21"): when it begins there, and its last millisecond.
const (
	dayBegins = "day"
	dayEnds   = "dayEnd"
)

const (
	atDay     = "@day"  // what both become: a day by its number and the shop's zone
	zoneField = "@zone" // of the shop; nobody can write it
	badDay    = "no day"
)

func isDay(function string) bool { return function == dayBegins || function == dayEnds }

// dayNumber counts the days from 1970-01-01 to a date such as 2026-03-21.
func dayNumber(date string) (int64, bool) {
	at, err := time.Parse(time.DateOnly, date)
	return at.Unix() / (24 * 60 * 60), err == nil && at.Year() >= 1970 && at.Year() <= 9998
}

// dayMacros write the shop's zone into day() and dayEnd(): a function of CEL
// knows nothing but what it is given.
func dayMacros() []cel.Macro {
	expand := func(shift, back int64) cel.MacroFactory {
		return func(make cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			date := types.String("")
			if args[0].Kind() == ast.LiteralKind {
				date, _ = args[0].AsLiteral().(types.String)
			}
			n, ok := dayNumber(string(date))
			if !ok {
				return nil, make.NewError(args[0].ID(), badDay)
			}
			zone := make.NewSelect(make.NewIdent("shop"), zoneField)
			return make.NewCall(atDay, make.NewLiteral(types.Int(n+shift)), make.NewLiteral(types.Int(back)), zone), nil
		}
	}
	return []cel.Macro{cel.GlobalMacro(dayBegins, 1, expand(0, 0)), cel.GlobalMacro(dayEnds, 1, expand(1, 1))}
}

// dayFunction gives the instant at which a day begins, less some milliseconds.
func dayFunction() cel.EnvOption {
	begin := func(args ...ref.Val) ref.Val {
		day, back, zone := args[0].(types.Int), args[1].(types.Int), args[2].(types.String)
		return celMoment(calendar.DayBegins(string(zone), int(day)) - commerce.Instant(back))
	}
	return cel.Function(atDay, cel.Overload(atDay+"_int_int_string",
		[]*cel.Type{cel.IntType, cel.IntType, cel.StringType}, cel.TimestampType, cel.FunctionBinding(begin)))
}
