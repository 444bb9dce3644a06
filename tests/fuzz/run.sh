#!/bin/bash
# Runs every fuzz target of a build on its corpus and then for some seconds on inputs of its own making.
#
#   tests/fuzz/run.sh [build folder, default build/asan] [seconds, default 10] [target …]
#
# Two at a time. Fails when a target crashes, hangs or leaks, and says which input did it: that input is kept
# under <build>/fuzz-crashes and, once the cause is mended, belongs into tests/fuzz/corpus/<name>.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:-build/asan}
seconds=${2:-10}
shift $(($# < 2 ? $# : 2))
list=$build/tests/fuzz/targets.txt
if [[ ! -s $list ]]; then
  echo "fuzz: $list is missing or empty: configure with the preset asan (ORAMA_FUZZ=ON)" >&2
  exit 1
fi
mapfile -t targets < <(if (($#)); then printf '%s\n' "$@"; else cat "$list"; fi)

crashes=$build/fuzz-crashes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$crashes"

# One target: first the corpus alone, so that a known crash is named at once; then new inputs. The log's last
# line is the verdict.
run_target() {
  local target=$1 binary=$build/tests/fuzz/$1 corpus=tests/fuzz/corpus/${1%_fuzz}
  if [[ ! -x $binary ]]; then
    echo "$binary is not built" && return 1
  fi
  if [[ -z $(ls -A "$corpus" 2>/dev/null) ]]; then
    echo "$corpus holds no seed" && return 1
  fi
  mkdir -p "$work/$target" "$crashes/$target"
  local options=(-timeout=10 -rss_limit_mb=2048 -max_len=16384 "-artifact_prefix=$crashes/$target/")
  "$binary" "${options[@]}" -runs=0 "$corpus" && "$binary" "${options[@]}" "-max_total_time=$seconds" "$work/$target" "$corpus"
}

failed=0
report() {  # waits for one target and tells how it went
  local target=$1 pid=$2 log=$work/$1.log
  if wait "$pid"; then
    local runs
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log" | tail -1)
    echo "fuzz: $target: ok, ${runs:-?} inputs"
    rmdir --ignore-fail-on-non-empty "$crashes/$target"
  else
    failed=$((failed + 1))
    echo "fuzz: $target: FAILED"
    tail -n 40 "$log" | sed 's/^/  | /'
    find "$crashes/$target" -type f -printf 'fuzz: the input is kept in %p\n' 2>/dev/null || true
  fi
}

for ((i = 0; i < ${#targets[@]}; i += 2)); do
  pair=("${targets[@]:i:2}")
  pids=()
  for target in "${pair[@]}"; do
    run_target "$target" >"$work/$target.log" 2>&1 &
    pids+=($!)
  done
  for k in "${!pair[@]}"; do
    report "${pair[$k]}" "${pids[$k]}"
  done
done
rmdir --ignore-fail-on-non-empty "$crashes"
echo "fuzz: ${#targets[@]} targets, $seconds s each, $failed failed"
((failed == 0))
