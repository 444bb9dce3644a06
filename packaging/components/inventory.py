"""Says what is inside the engines: every Go module with version and checksum, as the programs themselves record it,
and its licence texts: components.json and licenses/ beside bin/. A module whose sources were edited has no checksum
in its program: its row has the checksum of what was edited, from go.sum, and says what was done to it."""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess

LICENCE = re.compile(r"^(licen[cs]e|copying|notice|patents|copyright)([-._].*)?$", re.IGNORECASE)
SOURCE_ENDINGS = {".go", ".c", ".h", ".py", ".sh"}


class InventoryError(Exception):
    """A program holds something that nobody accounts for."""


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_recorded(text):
    """What `go version -m` prints: the toolchain, and (path, version, checksum) of each module linked in. A module
    replaced by another one counts as that one; one replaced by a folder as itself, with the checksum ""."""
    first, *lines = text.splitlines()
    modules = []
    for line in lines:
        kind, *fields = line.strip().split("\t")
        path, version, checksum = (*fields, "", "", "")[:3]
        if kind in ("mod", "dep"):
            modules.append((path, version, checksum))
        elif kind == "=>":
            modules[-1] = (path, version, checksum) if checksum else (*modules[-1][:2], "")
    return first.split(": ", 1)[1], modules


def read_checksums(go_sum):
    rows = (line.split() for line in go_sum.splitlines())
    return {(path, version): checksum for path, version, checksum in rows}


def source_folder(path, version):
    escaped = re.sub(r"[A-Z]", lambda m: "!" + m.group().lower(), path)
    return pathlib.Path(output_of("go", "env", "GOMODCACHE").strip(), f"{escaped}@{version}")


def licence_files(folder):
    """Licence files of a module: at its root, else wherever it keeps them."""
    def named(paths):
        return sorted(p for p in paths if p.is_file() and LICENCE.match(p.name) and p.suffix not in SOURCE_ENDINGS)
    return named(folder.iterdir()) or named(folder.rglob("*"))


def keep_licences(path, version, licenses):
    """Copies the module's licence texts into the folder and names the copies."""
    folder = source_folder(path, version)
    kept = []
    for source in licence_files(folder):
        name = f"{path}@{version}/{source.relative_to(folder)}".replace("/", "_")
        shutil.copyfile(source, licenses / name)
        kept.append(name)
    return kept


def module_row(module, checksums, edits):
    """The row of one module; `edits` says by path what was done to modules."""
    path, version, checksum = module
    row = {"module": path, "version": version, "checksum": checksum}
    if path in edits:
        if checksum:
            raise InventoryError(f"{path} {version} is the published one, although the recipe edits it")
        row |= {"checksum": checksums.get((path, version), ""), "edited": edits[path]}
    if not row["checksum"]:
        raise InventoryError(f"{path} {version} has no checksum: go.sum is incomplete, or an edit is not declared")
    return row


def take_stock(out, go_sum, edits):
    """Writes the inventory of the programs in out/bin, which were built with that go.sum."""
    licenses = out / "licenses"
    licenses.mkdir()
    checksums = read_checksums(go_sum)
    programs, rows, toolchain = {}, {}, ""
    for program in sorted((out / "bin").iterdir()):
        toolchain, modules = read_recorded(output_of("go", "version", "-m", str(program)))
        programs[program.name] = {"sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
                                  "modules": [f"{path}@{version}" for path, version, _ in modules]}
        rows.update({module[:2]: module_row(module, checksums, edits) for module in modules})
    for (path, version), row in rows.items():
        row["licenses"] = keep_licences(path, version, licenses)
    go_licence = pathlib.Path(output_of("go", "env", "GOROOT").strip(), "LICENSE")
    if go_licence.exists():  # Debian's Go has it elsewhere
        shutil.copyfile(go_licence, licenses / "go_LICENSE")
    write(out, toolchain, programs, rows)


def write(out, toolchain, programs, rows):
    in_order = [row for _, row in sorted(rows.items())]
    document = {"version": 1, "toolchain": toolchain, "programs": programs, "modules": in_order,
                "modules_without_licence_file": [f"{row['module']}@{row['version']}" for row in in_order
                                                 if not row["licenses"]]}
    (out / "components.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def merge(folders, out):
    """One components.json over those of the folders. The same module in two engines is one row."""
    programs, rows, toolchains = {}, {}, set()
    for folder in folders:
        document = json.loads((folder / "components.json").read_text(encoding="utf-8"))
        toolchains.add(document["toolchain"])
        programs.update(document["programs"])
        for row in document["modules"]:
            known = rows.setdefault((row["module"], row["version"]), row)
            if known != row:
                raise InventoryError(f"{row['module']} {row['version']} is not the same in all engines")
    if len(toolchains) != 1:
        raise InventoryError("built with different toolchains: " + ", ".join(sorted(toolchains)))
    write(out, toolchains.pop(), programs, rows)
