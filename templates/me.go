package templates

import "time"

// Me is what somebody says of themselves, where they are signed in, and by what.
type Me struct {
	Admin
	Email, Name string
	Languages   []Choice
	Themes      []Choice // their texts are the strings me_theme_VALUE
	Sessions    []MeSession
	Passkeys    bool // there can be any
	Keys        []MeKey
	Accounts    []MeAccount
}

// MeSession is a browser in which they are signed in.
type MeSession struct {
	Hash        string
	Browser     string // "" = not known
	Begun, Seen time.Time
	This        bool
}

// MeKey is a passkey.
type MeKey struct {
	ID, Name   string
	Made, Used time.Time // Used may be zero
}

// MeAccount is an account they belong to.
type MeAccount struct {
	ID, Name, Kind, Role string
	On                   bool // it alone is shown
}

// LanguageNames are the languages of pages, each by its own name.
func LanguageNames() []Choice { return offered("") }
