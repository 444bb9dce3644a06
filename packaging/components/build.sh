#!/bin/bash
# Builds the engines of package orama-components from their pinned Go modules, with the licences and
# checksums of everything that is in them. Prints the folder that holds the result:
#   bin/rqlited bin/rqlite components.json licenses/
# The folder's name is a hash of all that decides the content, so an unchanged module is never rebuilt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/orama/engines
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=1
# Reproducible and hardened C inside (SQLite); -g0 keeps paths out.
export CGO_CFLAGS="-O2 -g0 -fstack-protector-strong -D_FORTIFY_SOURCE=2"
export CGO_LDFLAGS="-Wl,-z,relro,-z,now"

cd "$here/rqlite"
version=$(awk '$1 == "github.com/rqlite/rqlite/v8" {print $2}' go.mod)
commit=a127df48fa5d8b907ce5a229e97c24e5ec3dd9ee # of tag v8.43.4, as the module proxy reports it
key=$({ cat go.mod go.sum ../build.sh ../inventory.py; go version; gcc -dumpfullversion; } | sha256sum | cut -c1-16)
out=$cache/rqlite-$version-$key

if [ ! -e "$out/components.json" ]; then
  echo "engines: building rqlite $version (3 to 4 minutes; kept in $out)" >&2
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/.build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  package=github.com/rqlite/rqlite/v8/cmd
  # Buildtime stays "unknown": the same sources give the same bytes.
  nice go build -trimpath -buildmode=pie -o "$work/bin/" \
    -ldflags "-s -w -X $package.Version=$version -X $package.Commit=$commit -X $package.Branch=$version -X $package.CompilerCommand=gc" \
    $package/rqlited $package/rqlite >&2
  python3 ../inventory.py "$work"
  chmod -R u=rwX,go=rX "$work"
  rm -rf "$out"
  mv "$work" "$out"
  trap - EXIT
fi
echo "$out"
