#!/usr/bin/env python3
"""The build of the engines, without Go: what is taken out of a source, what a key depends on, what the inventory
reads and how the engines' inventories become one."""

import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "packaging/components"))

import build  # noqa: E402
import inventory  # noqa: E402
import recipe  # noqa: E402
from engines import ENGINES, Engine  # noqa: E402

RECORDED = (
    "/x/bin/ipfs: go1.26.8\n\tpath\texample.org/kubo/cmd/ipfs\n\tmod\texample.org/kubo\tv0.42.0\t\n"
    "\t=>\t./edited\t(devel)\t\n\t\n\tdep\texample.org/old\tv1.0.0\n\t=>\texample.org/new\tv2.0.0\th1:new=\n"
    "\tdep\texample.org/plain\tv3.0.0\th1:plain=\n\tbuild\t-trimpath=true\n")


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class TakeOut(InFolder):
    def source(self, text):
        file = self.folder / "host.go"
        file.write_text(text, encoding="utf-8")
        return file

    def test_a_line_goes_and_the_rest_stays(self):
        file = self.source("a(\n\tone(),\n\ttwo(),\n\tone().two(),\n)\n")
        recipe.take_out(file, ("two(),",))
        self.assertEqual(file.read_text(encoding="utf-8"), "a(\n\tone(),\n\tone().two(),\n)\n")

    def test_a_line_that_is_not_there_once_stops_the_build_and_leaves_the_file(self):
        for text in ("one(),\n", "two(),\n\ttwo(),\n", "two(), // more\n"):
            file = self.source(text)
            with self.assertRaisesRegex(recipe.RecipeError, "expected once"):
                recipe.take_out(file, ("two(),",))
            self.assertEqual(file.read_text(encoding="utf-8"), text)


class Key(InFolder):
    def setUp(self):
        super().setUp()
        for name in ("go.mod", "go.sum"):
            (self.folder / name).write_text(name, encoding="utf-8")

    def key(self, engine=Engine("one", "example.org/one", ("cmd/one",)), tools="go1.26.8\n"):
        return build.key(engine, self.folder, tools)

    def test_changes_with_the_row_the_pins_and_the_toolchain(self):
        first = self.key()
        self.assertEqual(self.key(), first)
        self.assertNotEqual(self.key(tools="go1.26.9\n"), first)
        self.assertNotEqual(self.key(Engine("one", "example.org/one", ("cmd/one",), cgo=True)), first)
        for name in ("go.mod", "go.sum"):
            before = self.key()
            (self.folder / name).write_text("changed", encoding="utf-8")
            self.assertNotEqual(self.key(), before, name)


class Pins(unittest.TestCase):
    def test_each_engine_of_the_table_is_pinned_as_a_tool(self):
        for engine in ENGINES:
            go_mod = (build.HERE / engine.name / "go.mod").read_text(encoding="utf-8")
            version = recipe.pinned_version(engine, go_mod)
            self.assertRegex(version, r"^v\d+\.\d+\.\d+$")
            for program in engine.programs:
                self.assertRegex(go_mod, rf"(?m)^\s*(tool )?{engine.module}/{program}$")
            self.assertIn(f"{engine.module} {version} h1:",
                          (build.HERE / engine.name / "go.sum").read_text(encoding="utf-8"))

    def test_a_module_that_is_not_required_is_an_error(self):
        with self.assertRaisesRegex(recipe.RecipeError, "does not require"):
            recipe.pinned_version(ENGINES[0], "require github.com/rqlite/rqlite/v8x v1.0.0\n")


class Recorded(unittest.TestCase):
    def test_replacements_count_as_what_was_built(self):
        toolchain, modules = inventory.read_recorded(RECORDED)
        self.assertEqual(toolchain, "go1.26.8")
        self.assertEqual(modules, [("example.org/kubo", "v0.42.0", ""), ("example.org/new", "v2.0.0", "h1:new="),
                                   ("example.org/plain", "v3.0.0", "h1:plain=")])

    def test_an_edited_module_has_the_checksum_of_go_sum(self):
        sums = inventory.read_checksums("example.org/kubo v0.42.0 h1:k=\nexample.org/kubo v0.42.0/go.mod h1:m=\n")
        row = inventory.module_row(("example.org/kubo", "v0.42.0", ""), sums, {"example.org/kubo": "without x"})
        self.assertEqual((row["checksum"], row["edited"]), ("h1:k=", "without x"))

    def test_what_nobody_accounts_for_is_an_error(self):
        module = ("example.org/kubo", "v0.42.0", "")
        for case in ((module, {module[:2]: "h1:k="}, {}),                                # edited, not declared
                     (module, {}, {"example.org/kubo": "without x"}),                    # not in go.sum
                     ((*module[:2], "h1:k="), {module[:2]: "h1:k="}, {"example.org/kubo": "without x"})):  # declared, not edited
            with self.assertRaises(inventory.InventoryError):
                inventory.module_row(*case)


class Merge(InFolder):
    def engine(self, name, *rows, toolchain="go1.26.8"):
        folder = self.folder / name
        folder.mkdir()
        inventory.write(folder, toolchain, {name: {"sha256": name, "modules": []}},
                        {(row["module"], row["version"]): row for row in rows})
        return folder

    @staticmethod
    def row(module, checksum="h1:x=", licenses=("L",)):
        return {"module": module, "version": "v1.0.0", "checksum": checksum, "licenses": list(licenses)}

    def test_a_shared_module_is_one_row(self):
        folders = [self.engine("one", self.row("b"), self.row("shared")),
                   self.engine("two", self.row("shared"), self.row("a", licenses=()))]
        inventory.merge(folders, self.folder)
        document = json.loads((self.folder / "components.json").read_text(encoding="utf-8"))
        self.assertEqual([row["module"] for row in document["modules"]], ["a", "b", "shared"])
        self.assertEqual(sorted(document["programs"]), ["one", "two"])
        self.assertEqual(document["modules_without_licence_file"], ["a@v1.0.0"])

    def test_one_module_with_two_checksums_or_two_toolchains_is_an_error(self):
        one = self.engine("one", self.row("shared"))
        for other in (self.engine("two", self.row("shared", "h1:y=")), self.engine("three", toolchain="go1.26.9")):
            with self.assertRaises(inventory.InventoryError):
                inventory.merge([one, other], self.folder)


if __name__ == "__main__":
    unittest.main()
