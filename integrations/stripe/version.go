package stripe

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// NewestVersion is the day of the newest API version whose shapes our structs
// were held against: 2026-09-30.endive.
const NewestVersion = "2026-09-30"

// VersionKnown tells the API version in which an event was rendered and whether
// it is one whose shapes we know. Very old events tell none, and are known. It
// does not depend on Decode, which reads every version it can.
func VersionKnown(body []byte) (version string, known bool) {
	v := gjson.GetBytes(body, "api_version")
	if v.Type == gjson.Null || v.Type == gjson.String && v.Str == "" {
		return "", true
	}
	version = clean(v.String())
	day, _, _ := strings.Cut(version, ".")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return version, false
	}
	return version, day <= NewestVersion
}
