#!/bin/bash
# Format, clang-tidy and the arrows of the tree.
#
#   tests/lint.sh changed [BASE]   clang-tidy on what differs from BASE (tests/tidy.py says what that is)
#   tests/lint.sh all              on every source
#   tests/lint.sh files FILE …     on these
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-changed}
shift $(($# > 0))

# git's list, and files not added yet; not those that are deleted but still in the index.
sources() {
  git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp' | while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then
      printf '%s\0' "$file"
    fi
  done
}

failed=0
if ! sources | xargs -0 -n 50 -P 2 clang-format-19 --dry-run --Werror; then
  echo "lint: the files above are not formatted: make fmt" >&2
  failed=1
fi

python3 -B tests/architecture/arrows.py || failed=1

build=${TIDY_BUILD:-build/dev}
# Anew each time: a source that CMake does not know yet would not be looked at.
cmake --preset "${TIDY_PRESET:-$(basename "$build")}" -B "$build" >/dev/null
python3 -B tests/tidy.py "$mode" "$@" || failed=1

exit "$failed"
