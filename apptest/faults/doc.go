// Package faults runs the real binary in processes of its own and takes its
// surroundings away: it kills and stops processes, Redis, PostgreSQL and the
// mail server under load. Whatever happens, every order that a door has
// answered with 200 is thanked once, or its mail stands visibly as unknown.
// Everything here is tests; package apptest is for what one process can show.
package faults
