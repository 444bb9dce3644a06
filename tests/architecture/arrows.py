#!/usr/bin/env python3
"""Holds the shape of the tree: who may include whom, no cycles, file lengths, opening comments, folder names.

    tests/architecture/arrows.py [root]

Reads the #include lines of every source file. Each fault is one line, `file:line: what`; exit 1 when there is
any. The allowed arrows are those of docs/architecture.md; arrows_test.py plants a fault of each kind.
"""

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

# Part: the parts that it may include besides its own files.
PARTS = {
    "common": set(),
    "sdk": {"common"},
    "installers": {"common"},
    "cli": {"installers", "sdk", "common"},
    "gateway": {"common"},
}
# Inside of the gateway; only its root (app, main and what they are made of) sees everything.
GATEWAY = {
    "backends": set(),
    "http": set(),
    "links": set(),
    "middleware": {"http", "metrics", "gateway/auth/authenticator.h"},
}
SLICES = {"auth", "sql", "cache", "storage", "pubsub", "functions", "proxy", "cluster", "health", "metrics"}
SLICE_ARROWS = {"backends", "metrics"}
ROUTES_ARROWS = {"backends", "metrics", "http"}  # files named routes.h, join_routes.cpp and so on
# What a slice may include besides: the links to the other gateways carry the cluster's messages.
SLICE_HEADERS = {"cluster": {"gateway/links/links.h"}}
# The coroutine type and the words in which the API says no (which the auth interface speaks): they include
# nothing of ours but common, so whoever uses them depends on no HTTP code.
SHARED_HEADERS = {"gateway/http/awaitable.h", "gateway/http/api_error.h"}

LONGEST_FILE = 400
LONGEST_OPENING = 12
FORBIDDEN_FOLDERS = {"util", "utils", "helper", "helpers", "manager", "managers", "misc"}
CHECKED = ("cli", "common", "gateway", "installers", "sdk", "tests")
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


class Tree:
    """The source files below a root and what each of them includes."""

    def __init__(self, root):
        self.root = Path(root)
        self.files = {}  # path: lines
        self.folders = []
        self.includes = defaultdict(list)  # path: [(line, included path)]
        for part in CHECKED:
            for folder, folders, names in os.walk(self.root / part):
                folders[:] = sorted(name for name in folders if name != "__pycache__")
                self.folders += [os.path.relpath(os.path.join(folder, name), self.root) for name in folders]
                for name in sorted(names):
                    if name.endswith((".h", ".cpp", ".py", ".sh")):
                        self._read(os.path.relpath(os.path.join(folder, name), self.root))

    def _read(self, path):
        lines = (self.root / path).read_text(errors="replace").splitlines()
        self.files[path] = lines
        if path.endswith((".h", ".cpp")):
            for number, line in enumerate(lines, 1):
                match = INCLUDE.match(line)
                if match:
                    self.includes[path].append((number, match.group(1)))


def part_of(path):
    return path.split("/", 1)[0]


def gateway_part_of(path):
    """The folder inside of the gateway; "" for its root."""
    pieces = path.split("/")
    return pieces[1] if len(pieces) > 2 else ""


def gateway_allows(path, included):
    own, other = gateway_part_of(path), gateway_part_of(included)
    if own in ("", other) or included in SHARED_HEADERS:
        return True
    if own in GATEWAY:
        allowed = GATEWAY[own]
    elif re.fullmatch(r"(\w+_)?routes\.(h|cpp)", os.path.basename(path)):
        allowed = ROUTES_ARROWS
    else:
        allowed = SLICE_ARROWS
    allowed = allowed | SLICE_HEADERS.get(own, set())
    main_header = included == f"gateway/{other}/{other}.h"
    return other in allowed or included in allowed or (own == "functions" and other in SLICES and main_header)


def arrow_faults(tree):
    for path, includes in tree.includes.items():
        for line, included in includes:
            if included not in tree.files:
                yield f'{path}:{line}: includes "{included}", which is no file from the root of the tree'
                continue
            own, other = part_of(path), part_of(included)
            if own == "tests":
                continue
            if own != other and other not in PARTS[own]:
                yield f"{path}:{line}: {own} may not include {other} ({included})"
            elif own == other == "gateway" and not gateway_allows(path, included):
                yield f"{path}:{line}: gateway/{gateway_part_of(path)} may not include {included}"


def folder_arrows(tree):
    """Arrows between folders: {from: {to: "file:line"}}. A folder and those inside of it are one matter: the
    files at the top gather the parts below, which use the words defined at the top."""
    arrows = defaultdict(dict)
    for path, includes in tree.includes.items():
        for line, included in includes:
            own, other = os.path.dirname(path), os.path.dirname(included)
            nested = own == other or own.startswith(other + "/") or other.startswith(own + "/")
            if part_of(path) != "tests" and included in tree.files and not nested and included not in SHARED_HEADERS:
                arrows[own].setdefault(other, f"{path}:{line}")
    return arrows


def file_arrows(tree):
    arrows = defaultdict(dict)
    for path, includes in tree.includes.items():
        for line, included in includes:
            if included in tree.files:
                arrows[path].setdefault(included, f"{path}:{line}")
    return arrows


def cycles(arrows):
    """One shortest cycle through each node that lies on one, each cycle told once."""
    told = set()
    for start in sorted(arrows):
        came_from, queue = {}, [start]
        while queue and start not in came_from:
            node = queue.pop(0)
            for following in sorted(arrows.get(node, ())):
                if following not in came_from:
                    came_from[following] = node
                    queue.append(following)
        if start not in came_from:
            continue
        cycle = [start]
        while came_from[cycle[0]] != start:
            cycle.insert(0, came_from[cycle[0]])
        cycle.insert(0, start)
        if frozenset(cycle) not in told:
            told.add(frozenset(cycle))
            yield cycle


def cycle_faults(tree):
    for kind, arrows in (("folders", folder_arrows(tree)), ("files", file_arrows(tree))):
        for cycle in cycles(arrows):
            places = ", ".join(arrows[a][b] for a, b in zip(cycle, cycle[1:]))
            yield f"{places.split(', ')[0]}: cycle of {kind}: {' -> '.join(cycle)} (by {places})"


def shared_header_faults(tree):
    for header in sorted(SHARED_HEADERS & set(tree.files)):
        for line, included in tree.includes[header]:
            if part_of(included) != "common":
                yield f"{header}:{line}: is included by every part and may include nothing of ours but common"


def file_faults(tree):
    for path, lines in tree.files.items():
        if len(lines) > LONGEST_FILE:
            yield f"{path}:{LONGEST_FILE + 1}: the file has {len(lines)} lines, at most {LONGEST_FILE} are allowed"
        if path.endswith(".h"):
            opening = 0
            while opening < len(lines) and lines[opening].startswith("//"):
                opening += 1
            if opening == 0:
                yield f"{path}:1: a header opens with a comment: purpose, ownership, threads, what it does not do"
            elif opening > LONGEST_OPENING:
                yield f"{path}:{opening}: the opening comment has {opening} lines, at most {LONGEST_OPENING}"
            if "#pragma once" not in lines:
                yield f"{path}:1: #pragma once is missing"


def folder_faults(tree):
    for folder in tree.folders:
        if os.path.basename(folder) in FORBIDDEN_FOLDERS:
            yield f"{folder}:1: the folder's name says nothing: name what is in it"


def unlisted_test_faults(tree):
    """A test that no CMakeLists.txt names is never compiled, and nobody notices."""
    for path in tree.files:
        if not path.endswith("_test.cpp"):
            continue
        folders = [folder for folder in Path(path).parents if (tree.root / folder / "CMakeLists.txt").exists()]
        named = any(re.search(rf"(^|\s){re.escape(str(Path(path).relative_to(folder)))}(\s|$)",
                              (tree.root / folder / "CMakeLists.txt").read_text(), re.MULTILINE) for folder in folders)
        if not named:
            yield f"{path}:1: no CMakeLists.txt names this test, so it is not compiled"


def faults(root):
    tree = Tree(root)
    if not tree.files:
        return [f"{root}:1: no source files found"]
    found = []
    for check in (arrow_faults, cycle_faults, shared_header_faults, file_faults, folder_faults, unlisted_test_faults):
        found += check(tree)
    return sorted(found)


def main(arguments):
    root = arguments[0] if arguments else Path(__file__).resolve().parents[2]
    found = faults(root)
    print("\n".join(found) if found else f"architecture: {len(Tree(root).files)} files hold the rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
