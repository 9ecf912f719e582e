# make build   the whole binary, static, in bin/flywheel; its pages' style and script first (make ui)
# make ui      style and script of the merchants' pages, of server/ui/src and npm packages, in server/ui/dist
# make run     builds what is missing and runs the demo: two shops, fake parties, a mailbox
# make test    format, vet, staticcheck, all tests with -race on SQLite and PostgreSQL, miniredis and
#              Redis, and in a browser; installs what is missing on Debian and Ubuntu as root
#                PKG=./store/... ARGS='-run TestInbox -v'   only those
#                TEST_DATABASE_URL=... TEST_REDIS_URL=...   these servers instead of private ones
# make lint    the part of make test that needs no server
# make bench   prints the figures of docs/design.md, writes bench/results.json
# make mails   pictures of every mail in every language, light, dark and on a phone, in mails/ (needs Chromium)
# make screens pictures of every page of the app, English and Arabic, light and dark, phone and desktop,
#              in screens/ (needs Chromium, some minutes)      ONLY=home,editor  LANGS=ar,fa  only those
# make fmt     formats every Go file       make clean   removes what make made; never data/

SHELL := /bin/bash
export PATH := $(PATH):/usr/local/go/bin
# A checkout that belongs to another user stops Go's own version stamping with an error.
export GOFLAGS := $(GOFLAGS) -buildvcs=false
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)

.PHONY: build ui run test lint bench mails screens fmt clean

build: ui
	@bash .ci/setup.sh go
	CGO_ENABLED=0 go build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/flywheel .

ui:
	@bash .ci/setup.sh node
	@bash .ci/ui.sh

run: build
	@exec ./bin/flywheel demo $(ARGS)

test:
	@bash .ci/setup.sh go c curl jq postgres redis spamassassin node $(if $(PKG),$(findstring chromium,$(subst e2e,chromium,$(PKG))),chromium)
	@exec bash .ci/with-services.sh bash .ci/test.sh

lint:
	@bash .ci/setup.sh go c
	@exec bash .ci/test.sh lint

# Its PostgreSQL flushes every commit to disk, as in production: the figures are of durable writes.
bench:
	@bash .ci/setup.sh go postgres redis
	@exec bash .ci/with-services.sh --durable env CGO_ENABLED=0 go run ./bench $(ARGS)

mails:
	@bash .ci/mails.sh mails

screens: build
	@bash .ci/setup.sh chromium
	@node e2e/screens.mjs

fmt:
	@bash .ci/setup.sh go
	go tool -modfile=tools/go.mod gofumpt -w .

clean:
	rm -rf bin coverage* bench/results.json mails screens node_modules
	find server/ui/dist -type f ! -name .keep -delete
