package events

// GuardedGet is how Amazon's pages are read unless a test serves them.
var GuardedGet = guardedGet
