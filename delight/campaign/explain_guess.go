package campaign

import "strings"

// functionNames are what conditions may call.
var functionNames = []string{
	"all", "contains", "day", "dayEnd", "double", "duration", "endsWith", "exists", "exists_one", "filter", "getDate", "getDayOfMonth", "getDayOfWeek",
	"getFullYear", "getHours", "getMinutes", "getMonth", "has", "int", "lower", "map", "matches", "size", "speaks", "startsWith", "string", "timestamp", "trim",
}

func variableNames() (names []string) {
	for _, v := range variableTable() {
		names = append(names, v.Name)
	}
	return names
}

// fieldsOf lists the parts of a scope, or of a line.
func fieldsOf(scope string) (names []string) {
	if scope == "line" {
		for _, part := range lineParts {
			names = append(names, part.name)
		}
	}
	for _, v := range variableNames() {
		if field, of := strings.CutPrefix(v, scope+"."); of {
			names = append(names, field)
		}
	}
	return names
}

// guess returns the name that name was probably meant to be; "" if none is near.
func guess(name string, names []string) (best string) {
	least := max(1, len([]rune(name))/4) + 1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters must be changed, added or taken away to make b of a.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			cost := diagonal
			if r != s {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
