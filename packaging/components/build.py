#!/usr/bin/env python3
"""Builds the engines of package orama-components from their pinned Go modules (engines.py), with the licences and
checksums of everything that is in them. Prints the folder that holds the result:
    bin/ components.json licenses/
Each engine is kept in a folder of its own, whose name is a hash of all that decides its content, so that only an
engine that changed is built again: build.py [NAME...] builds those alone and prints their folders."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import inventory
import recipe
from engines import ENGINES

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "orama", "engines")


def toolchain(engine):
    """What of the machine decides the bytes."""
    commands = [["go", "env", "GOVERSION", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT"]]
    if engine.cgo:
        commands.append(["gcc", "-dumpfullversion"])
    return "".join(subprocess.run(command, env=recipe.environment(engine), check=True, capture_output=True,
                                  text=True).stdout for command in commands)


def key(engine, source, tools):
    parts = [repr(engine), tools]
    for file in (source / "go.mod", source / "go.sum", HERE / "recipe.py", HERE / "inventory.py"):
        parts.append(file.read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def keep(folder, fill):
    """The folder, filled in one step where it is not there yet: another build may be doing the same."""
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build.", dir=CACHE) as work:
        made = pathlib.Path(work, "made")
        made.mkdir()
        fill(made)
        for path in (made, *made.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    return folder


def built(engine):
    """The engine's folder in the cache."""
    source = HERE / engine.name
    version = recipe.pinned_version(engine, (source / "go.mod").read_text(encoding="utf-8"))
    folder = CACHE / f"{engine.name}-{version}-{key(engine, source, toolchain(engine))}"

    def fill(out):
        print(f"engines: building {engine.name} {version} (minutes; kept in {folder})", file=sys.stderr, flush=True)
        recipe.compile_engine(engine, source, out)
        edits = {engine.module: engine.edit.what} if engine.edit else {}
        inventory.take_stock(out, (source / "go.sum").read_text(encoding="utf-8"), edits)
        shutil.rmtree(out / "module")
    return keep(folder, fill)


def together(folders):
    """One folder over those of the engines, by hard links."""
    names = "\0".join([*(folder.name for folder in folders), (HERE / "build.py").read_text(encoding="utf-8")])

    def fill(out):
        for folder in folders:
            for part in ("bin", "licenses"):
                shutil.copytree(folder / part, out / part, copy_function=link, dirs_exist_ok=True)
        inventory.merge(folders, out)
    return keep(CACHE / f"all-{hashlib.sha256(names.encode()).hexdigest()[:16]}", fill)


def link(source, target):
    if not os.path.exists(target):  # a licence text that two engines share
        os.link(source, target)


def main():
    unknown = set(sys.argv[1:]) - {engine.name for engine in ENGINES}
    if unknown:
        sys.exit(f"build.py: no engine named {', '.join(sorted(unknown))}; there are " +
                 ", ".join(engine.name for engine in ENGINES))
    wanted = sys.argv[1:]
    folders = [built(engine) for engine in ENGINES if not wanted or engine.name in wanted]
    for folder in folders if wanted else [together(folders)]:
        print(folder)


if __name__ == "__main__":
    try:
        main()
    except (recipe.RecipeError, inventory.InventoryError) as error:
        sys.exit(f"engines: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"engines: {' '.join(error.cmd[:4])} … failed with status {error.returncode}\n{error.stderr or ''}")
