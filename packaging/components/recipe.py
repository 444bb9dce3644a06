"""How one engine of engines.py becomes programs: its module folder is copied, the module itself where lines are
taken out of it, and Go builds there. The same inputs give the same bytes, wherever the folders are."""

import json
import os
import pathlib
import re
import shutil
import subprocess

EDITED = "edited"  # the folder of an edited module, beside go.mod: its name is in the program


class RecipeError(Exception):
    """A pinned source is not what the recipe was written for."""


def environment(engine):
    fixed = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off",
             "CGO_ENABLED": "1" if engine.cgo else "0",
             # C inside (SQLite): hardened; -g0 keeps paths out.
             "CGO_CFLAGS": "-O2 -g0 -fstack-protector-strong -D_FORTIFY_SOURCE=2",
             "CGO_LDFLAGS": "-Wl,-z,relro,-z,now"}
    return {**os.environ, **fixed}


def pinned_version(engine, go_mod):
    found = re.search(rf"^\s*(?:require )?{re.escape(engine.module)} (v\S+)", go_mod, re.MULTILINE)
    if not found:
        raise RecipeError(f"{engine.name}/go.mod does not require {engine.module}")
    return found.group(1)


def take_out(file, lines):
    """Removes each of `lines`, told without its indentation, from the file."""
    kept = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for line in lines:
        places = [index for index, text in enumerate(kept) if text.strip() == line]
        if len(places) != 1:
            raise RecipeError(f"{file} has the line '{line}' {len(places)} times, expected once: look what the pinned "
                              "version does there now (docs/decisions/0007-trimmed-engines.md)")
        del kept[places[0]]
    file.write_text("".join(kept), encoding="utf-8")


def edit_module(engine, folder):
    """A copy of the engine's module with the edit in it, which go.mod then puts in the module's place."""
    told = subprocess.run(["go", "mod", "download", "-json", engine.module], cwd=folder, env=environment(engine),
                          check=True, capture_output=True, text=True).stdout
    edited = folder / EDITED
    shutil.copytree(json.loads(told)["Dir"], edited, copy_function=shutil.copyfile)
    for inside in (edited, *edited.rglob("*")):
        if inside.is_dir():
            inside.chmod(0o755)  # the module cache is read-only
    take_out(edited / engine.edit.file, engine.edit.lines)
    with open(folder / "go.mod", "a", encoding="utf-8") as go_mod:
        go_mod.write(f"\nreplace {engine.module} => ./{EDITED}\n")


def compile_engine(engine, source, work):
    """Builds the programs into work/bin; the module stays in work/module for the inventory."""
    module = work / "module"
    module.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(source / name, module / name)
    version = pinned_version(engine, (module / "go.mod").read_text(encoding="utf-8"))
    if engine.edit:
        edit_module(engine, module)
    linker = ["-s", "-w", *(f"-X {setting.format(version=version)}" for setting in engine.settings)]
    subprocess.run(["nice", "go", "build", "-trimpath", *engine.flags, "-ldflags", " ".join(linker),
                    "-o", f"{work / 'bin'}/", *(f"{engine.module}/{program}" for program in engine.programs)],
                   cwd=module, env=environment(engine), check=True, stdout=2)
