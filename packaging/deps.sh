#!/bin/bash
# Installs what building and testing orama needs on a Debian 12 machine: Debian packages (as root, or with
# sudo), llhttp's sources from PyPI, SQLite's from the Go module proxy and WireGuard's embeddable library from
# Debian's package, each pinned by hash, unpacked under ${XDG_CACHE_HOME:-~/.cache}/orama. Does nothing that is done already.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/orama
mkdir -p "$cache"

mapfile -t packages < <(grep -v '^#' "$here/apt-packages.txt" | tr -s ' ' '\n' | sed '/^$/d')
missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      echo "deps: these Debian packages are missing and this user may not install them: ${missing[*]}" >&2
      echo "      have an administrator run: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "deps: installing ${missing[*]}"
  # A package cache of our own: another job's `apt-get update` may empty the usual one (docker-clean).
  archives=$(mktemp -d); mkdir -p "$archives/partial"; trap 'rm -rf "$archives"' EXIT
  "${as_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    -o Dir::Cache::archives="$archives" install --no-install-recommends "${missing[@]}" >/dev/null
fi

# llhttp 9.3.0: three C files of the PyPI sdist.
llhttp=9.3.0.0
if [ ! -e "$cache/llhttp-$llhttp/lib/llhttp.c" ]; then
  tmp=$(mktemp -d "$cache/llhttp.XXXXXX")
  printf 'llhttp==%s --hash=sha256:0d989363e7fb6f270b9d49956e7a3945c26778f8c70a166815264309ac6a8295\n' $llhttp >"$tmp/requirements.txt"
  python3 -m pip download -q --no-deps --no-binary :all: --require-hashes -r "$tmp/requirements.txt" -d "$tmp"
  tar --no-same-owner -xzf "$tmp/llhttp-$llhttp.tar.gz" -C "$tmp"
  rm -rf "$cache/llhttp-$llhttp"; mv "$tmp/llhttp-$llhttp" "$cache/llhttp-$llhttp"; rm -rf "$tmp"
fi

# SQLite 3.50.4: the amalgamation inside the driver of rqlited; go.sum of packaging/sqlite pins it.
sqlite=v1.40.0
if [ ! -e "$cache/go-sqlite3-$sqlite/sqlite3.c" ]; then
  command -v go >/dev/null || { echo "deps: go is not in PATH ($PATH); Go is one of the four that the README expects" >&2; exit 1; }
  folder=$(cd "$here/sqlite" && go mod download -json github.com/rqlite/go-sqlite3 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$folder" ] || { echo "deps: the Go module proxy did not give github.com/rqlite/go-sqlite3 $sqlite" >&2; exit 1; }
  tmp=$(mktemp -d "$cache/sqlite.XXXXXX")
  install -m644 "$folder/sqlite3-binding.c" "$tmp/sqlite3.c"; install -m644 "$folder/sqlite3-binding.h" "$tmp/sqlite3.h"
  rm -rf "$cache/go-sqlite3-$sqlite"; mv "$tmp" "$cache/go-sqlite3-$sqlite"
fi

# WireGuard's embeddable library: two C files that Debian ships as an example inside wireguard-tools. Taken from the
# package's file, not from an installed package: slim images leave /usr/share/doc out when they install.
wireguard=1.0.20210914
if [ ! -e "$cache/embeddable-wg-$wireguard/wireguard.c" ]; then
  tmp=$(mktemp -d "$cache/wireguard.XXXXXX"); mkdir -p "$tmp/archives/partial"
  (cd "$tmp" && apt-get -qq -o Dir::Cache::archives="$tmp/archives" -o APT::Sandbox::User="$(id -un)" download wireguard-tools) ||
    { echo "deps: apt-get download wireguard-tools failed; is there a deb line, and did apt-get update run?" >&2; exit 1; }
  dpkg-deb -x "$tmp"/wireguard-tools_*.deb "$tmp/x"
  from=$tmp/x/usr/share/doc/wireguard-tools/examples/embeddable-wg-library
  (cd "$from" && sha256sum --quiet -c - <<'SUMS') ||
f0fef4992d318808af7150b85e3d071381c40f6ba6b51c95dd9af80fa382ceac  wireguard.c
e7605656fa9ea81188619c0846c9c50ed8471dc4c0b0394305c2d002e9e2e197  wireguard.h
SUMS
    { echo "deps: wireguard-tools holds another embeddable library than the pinned $wireguard" >&2; exit 1; }
  mkdir "$tmp/new"; install -m644 "$from/wireguard.c" "$from/wireguard.h" "$tmp/new/"
  rm -rf "$cache/embeddable-wg-$wireguard"; mv "$tmp/new" "$cache/embeddable-wg-$wireguard"; rm -rf "$tmp"
fi
