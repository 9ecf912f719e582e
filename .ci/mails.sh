#!/usr/bin/env bash
# mails.sh [FOLDER] renders the golden mails of every playbook in every language and takes a picture
# of each, as wide as a laptop's mail window and as a phone, light and dark, to be looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/lib.sh
need_go
out=$(realpath -m "${1:-mails}")
browser=$(browser_bin) ||
	die "missing: chromium - install it (Debian, as root: apt-get install chromium) and try again"
mkdir -p "$out"
go test ./message -count=1 -run Golden -look "$out"

profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

# picture PAGE NAME WIDTH: headless Chromium keeps a least width of 500, so a phone is a frame of 390 in a page.
picture() {
	"$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync \
		--no-first-run --hide-scrollbars --user-data-dir="$profile" --window-size="$3,1500" --screenshot="$out/$2.png" "file://$1" >/dev/null 2>&1 </dev/null
}

for page in "$out"/*.html; do
	name=$(basename "$page" .html)
	case $name in *.phone | *.dark) continue ;; esac
	sed 's/(prefers-color-scheme: *dark)/(min-width:1px)/g' "$page" >"$out/$name.dark.html"
	printf '<!doctype html><body style="margin:0"><iframe src="%s.html" style="width:390px;height:1500px;border:0"></iframe>' "$name" >"$out/$name.phone.html"
	picture "$page" "$name" 760
	picture "$out/$name.dark.html" "$name.dark" 760
	picture "$out/$name.phone.html" "$name.phone" 500
	rm -f "$out/$name.dark.html" "$out/$name.phone.html"
done
note "pictures of $(ls "$out"/*.png | wc -l) mails are in $out"
