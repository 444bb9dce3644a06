#!/usr/bin/env python3
"""Says what is inside the engines that build.sh made: every Go module with version and checksum, as the
programs themselves record it, and its licence texts. inventory.py FOLDER writes FOLDER/components.json and
FOLDER/licenses/. Run in the folder of the go.mod that the programs were built from."""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

LICENCE = re.compile(r"^(licen[cs]e|copying|notice|patents|copyright)([-._].*)?$", re.IGNORECASE)
SOURCE_ENDINGS = {".go", ".c", ".h", ".py", ".sh"}


def recorded_modules(program):
    """(path, version, checksum) of each module linked in: `go version -m`, replacements applied."""
    text = subprocess.run(["go", "version", "-m", program], check=True, capture_output=True, text=True).stdout
    modules, toolchain = [], text.splitlines()[0].split(": ", 1)[1]
    for line in text.splitlines()[1:]:
        fields = line.split("\t")[1:]
        if fields[0] in ("mod", "dep", "=>"):
            if fields[0] == "=>":
                modules.pop()
            modules.append((fields[1], fields[2], fields[3] if len(fields) > 3 else ""))
    return toolchain, modules


def source_folder(path, version):
    escaped = re.sub(r"[A-Z]", lambda m: "!" + m.group().lower(), path)
    cache = subprocess.run(["go", "env", "GOMODCACHE"], check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(cache, f"{escaped}@{version}")


def licence_files(folder):
    """Licence files of a module: at its root, else wherever it keeps them."""
    def named(paths):
        return sorted(p for p in paths if p.is_file() and LICENCE.match(p.name) and p.suffix not in SOURCE_ENDINGS)
    return named(folder.iterdir()) or named(folder.rglob("*"))


def main():
    out = pathlib.Path(sys.argv[1])
    licenses = out / "licenses"
    licenses.mkdir()
    programs, used, toolchain = {}, {}, ""
    for program in sorted((out / "bin").iterdir()):
        toolchain, modules = recorded_modules(str(program))
        programs[program.name] = {"sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
                                  "modules": [f"{path}@{version}" for path, version, _ in modules]}
        used.update({(path, version): checksum for path, version, checksum in modules})
    rows, without = [], []
    for (path, version), checksum in sorted(used.items()):
        if not checksum:
            sys.exit(f"inventory: {path} {version} has no checksum in the program: go.sum is incomplete")
        folder = source_folder(path, version)
        kept = []
        for source in licence_files(folder):
            name = f"{path}@{version}/{source.relative_to(folder)}".replace("/", "_")
            shutil.copyfile(source, licenses / name)
            kept.append(name)
        if not kept:
            without.append(f"{path}@{version}")
        rows.append({"module": path, "version": version, "checksum": checksum, "licenses": kept})
    goroot = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    go_licence = pathlib.Path(goroot, "LICENSE")
    if go_licence.exists():
        shutil.copyfile(go_licence, licenses / "go_LICENSE")
    document = {"version": 1, "toolchain": toolchain, "programs": programs, "modules": rows,
                "modules_without_licence_file": without}
    (out / "components.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
