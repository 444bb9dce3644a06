#!/bin/bash
# Builds the Debian packages orama and orama-components.
#   packaging/build.sh [--build FOLDER] [--dist FOLDER] [--no-compile]
# FOLDER is the CMake folder whose programs are packed (build/release, made by the preset `release`; tests pack
# build/dev, whose installer has fault points). The packages land in dist/. Nothing is packed again when what
# goes in is unchanged. The same commit gives the same bytes (SOURCE_DATE_EPOCH).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
build=build/release dist=dist compile=yes
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift 2 ;;
    --dist) dist=$2; shift 2 ;;
    --no-compile) compile=no; shift ;;
    *) echo "build.sh: unknown argument '$1', expected --build FOLDER, --dist FOLDER or --no-compile" >&2; exit 2 ;;
  esac
done
version=$(sed -n 's/^project(orama VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
debian_version=$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)
if [ "$version" != "$debian_version" ]; then
  echo "build.sh: CMakeLists.txt says version $version, packaging/debian/changelog says $debian_version: make them equal" >&2
  exit 1
fi
# the compiler cache of the Makefile, also when started without it
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/orama/ccache} CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
mkdir -p build "$dist"
exec 9>build/.packages.lock
flock 9 # one at a time: staging folders are shared

engines=$(packaging/components/build.py)
if [ "$compile" = yes ]; then
  if [ "$build" = build/release ] || [ ! -d "$build" ]; then
    cmake --preset "${build#build/}" >/dev/null
  fi
  nice cmake --build "$build" --target orama orama-gateway
fi

# The epoch of every time stamp inside: the last commit's.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || dpkg-parsechangelog -l packaging/debian/changelog -S Timestamp)
export SOURCE_DATE_EPOCH

work=$root/build/packages
stage=$work/orama-$version/stage
rm -rf "$work"
mkdir -p "$stage"
cp -a packaging/debian "$work/orama-$version/debian"

# put MODE FOLDER FILE...: FOLDER inside the package that is being staged
put() { local mode=$1 folder=$target/$2; shift 2; mkdir -p "$folder"; install -m "$mode" "$@" "$folder/"; }

target=$stage/orama
put 755 usr/bin "$build/cli/orama"
put 755 usr/lib/orama "$build/gateway/orama-gateway"
put 644 usr/lib/systemd/system systemd/orama*
put 644 usr/share/orama systemd/sysusers.conf
put 644 usr/share/doc/orama docs/*.md README.md
(cd templates && find . -type f -print0 | xargs -0 -I{} install -D -m 644 {} "$target/usr/share/orama/templates/{}")
for page in packaging/man/*.[1-8]; do
  put 644 "usr/share/man/man${page##*.}" "$page"
done
put 644 usr/share/bash-completion/completions packaging/completions/orama
put 644 usr/share/zsh/vendor-completions packaging/completions/_orama
put 644 usr/share/fish/vendor_completions.d packaging/completions/orama.fish

target=$stage/orama-components
put 755 usr/lib/orama "$engines"/bin/*
put 644 usr/share/orama "$engines/components.json"
put 644 usr/share/orama/licenses "$engines"/licenses/*

# What decides the packages' content; equal to last time: they stand already.
inputs=$( (cd "$work" && find . -type f -print0 | sort -z | xargs -0 sha256sum; echo "$SOURCE_DATE_EPOCH") | sha256sum | cut -d' ' -f1)
if [ "$(cat "$dist/.inputs" 2>/dev/null)" = "$inputs" ]; then
  ls "$dist"/*.deb
  exit 0
fi
rm -f "$dist"/orama*.deb "$dist/.inputs"
(cd "$work/orama-$version" && dpkg-buildpackage -b -us -uc -d >"$work/dpkg-buildpackage.log" 2>&1) || {
  tail -40 "$work/dpkg-buildpackage.log" >&2
  exit 1
}
nice lintian --allow-root --fail-on error,warning "$work"/*.changes
mv "$work"/*.deb "$dist/"
echo "$inputs" >"$dist/.inputs"
ls "$dist"/*.deb
