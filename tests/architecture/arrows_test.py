#!/usr/bin/env python3
"""Plants one fault of each kind into a small tree and sees it found at its file and line."""

import tempfile
import unittest
from pathlib import Path

import arrows

OPENING = "// What it is.\n#pragma once\n"


def includes(*paths):
    return OPENING + "".join(f'#include "{path}"\n' for path in paths)


# A tree without faults: a file of every part, every allowed arrow.
GOOD = {
    "common/result.h": OPENING,
    "common/mesh/names.h": includes("common/result.h"),
    "installers/plan.h": includes("common/result.h"),
    "installers/node_plan.cpp": '#include "installers/steps/users.h"\n',
    "installers/steps/users.h": includes("installers/plan.h"),
    "cli/main.cpp": '#include "common/result.h"\n#include "installers/plan.h"\n#include <vector>\n',
    "gateway/app.cpp": '#include "gateway/health/health.h"\n#include "gateway/http/router.h"\n',
    "gateway/http/awaitable.h": includes("common/result.h"),
    "gateway/http/router.h": includes("common/result.h", "gateway/http/awaitable.h"),
    "gateway/backends/registry.h": includes("common/result.h", "gateway/http/awaitable.h"),
    "gateway/auth/authenticator.h": OPENING,
    "gateway/metrics/metrics.h": OPENING,
    "gateway/middleware/pipeline.h": includes("gateway/http/router.h", "gateway/auth/authenticator.h",
                                              "gateway/metrics/metrics.h"),
    "gateway/health/health.h": includes("gateway/backends/registry.h", "gateway/metrics/metrics.h"),
    "gateway/health/routes.h": includes("gateway/health/health.h", "gateway/http/router.h"),
    "gateway/cache/cache.h": OPENING,
    "gateway/links/links.h": includes("common/result.h", "gateway/http/awaitable.h"),
    "gateway/cluster/announcer.h": includes("gateway/links/links.h"),
    "gateway/cluster/routes.h": includes("gateway/links/links.h", "gateway/http/router.h"),
    "gateway/functions/functions.h": includes("gateway/cache/cache.h"),
    "tests/unit/a_test.cpp": '#include "gateway/health/health.h"\n#include "cli/command.h"\n',
    "tests/unit/CMakeLists.txt": "unit_tests(all\n  SOURCES\n    a_test.cpp\n  LINK all)\n",
    "cli/command.h": OPENING,
}

# name: (files that replace or join those above, the beginning of the fault that is then found)
PLANTED = {
    "a test that is not compiled": ({"tests/unit/b_test.cpp": '#include "cli/command.h"\n'},
                                    "tests/unit/b_test.cpp:1: no CMakeLists.txt names this test"),
    "common depends on nothing": (
        {"common/result.h": includes("cli/command.h")}, "common/result.h:3: common may not include cli"),
    "installers do not see the command line": (
        {"installers/plan.h": includes("common/result.h", "cli/command.h")},
        "installers/plan.h:4: installers may not include cli"),
    "the command line does not see the gateway": (
        {"cli/command.h": includes("gateway/http/awaitable.h")}, "cli/command.h:3: cli may not include gateway"),
    "the product does not see its tests": (
        {"tests/support/fake.h": OPENING, "common/mesh/names.h": includes("tests/support/fake.h")},
        "common/mesh/names.h:3: common may not include tests"),
    "an engine does not see HTTP": (
        {"gateway/backends/registry.h": includes("gateway/http/router.h")},
        "gateway/backends/registry.h:3: gateway/backends may not include gateway/http/router.h"),
    "links do not see HTTP": (
        {"gateway/links/links.h": includes("gateway/http/router.h")},
        "gateway/links/links.h:3: gateway/links may not include gateway/http/router.h"),
    "only the cluster sees links": (
        {"gateway/cache/cache.h": includes("gateway/links/links.h")},
        "gateway/cache/cache.h:3: gateway/cache may not include gateway/links/links.h"),
    "of links the cluster sees only the front": (
        {"gateway/links/state.h": OPENING, "gateway/cluster/announcer.h": includes("gateway/links/state.h")},
        "gateway/cluster/announcer.h:3: gateway/cluster may not include gateway/links/state.h"),
    "HTTP does not see a slice": (
        {"gateway/http/router.h": includes("gateway/cache/cache.h")},
        "gateway/http/router.h:3: gateway/http may not include gateway/cache/cache.h"),
    "logic does not see HTTP": (
        {"gateway/health/health.h": includes("gateway/http/router.h")},
        "gateway/health/health.h:3: gateway/health may not include gateway/http/router.h"),
    "a slice does not see another": (
        {"gateway/health/health.h": includes("gateway/cache/cache.h")},
        "gateway/health/health.h:3: gateway/health may not include gateway/cache/cache.h"),
    "functions see main headers only": (
        {"gateway/cache/entry.h": OPENING, "gateway/functions/functions.h": includes("gateway/cache/entry.h")},
        "gateway/functions/functions.h:3: gateway/functions may not include gateway/cache/entry.h"),
    "middleware sees the auth interface only": (
        {"gateway/auth/keys.h": OPENING, "gateway/middleware/pipeline.h": includes("gateway/auth/keys.h")},
        "gateway/middleware/pipeline.h:3: gateway/middleware may not include gateway/auth/keys.h"),
    "nobody but the root sees the root": (
        {"gateway/app.h": OPENING, "gateway/cache/cache.h": includes("gateway/app.h")},
        "gateway/cache/cache.h:3: gateway/cache may not include gateway/app.h"),
    "includes are from the root": (
        {"common/mesh/names.h": includes("../result.h")},
        'common/mesh/names.h:3: includes "../result.h", which is no file from the root'),
    "no cycle of files": (
        {"common/a.h": includes("common/b.h"), "common/b.h": includes("common/a.h")},
        "common/a.h:3: cycle of files: common/a.h -> common/b.h -> common/a.h"),
    "no cycle of folders": (
        {"installers/agent/x.h": includes("installers/steps/users.h"), "installers/agent/y.h": OPENING,
         "installers/steps/z.h": includes("installers/agent/y.h")},
        "installers/agent/x.h:3: cycle of folders: installers/agent -> installers/steps -> installers/agent"),
    "a file is at most 400 lines": (
        {"cli/long.cpp": "int x;\n" * 401}, "cli/long.cpp:401: the file has 401 lines"),
    "a header opens with a comment": (
        {"cli/command.h": "#pragma once\n// Late.\n"}, "cli/command.h:1: a header opens with a comment"),
    "the opening is no essay": (
        {"cli/command.h": "// a\n" * 13 + "#pragma once\n"}, "cli/command.h:13: the opening comment has 13 lines"),
    "a header is read once": (
        {"cli/command.h": "// What it is.\n"}, "cli/command.h:1: #pragma once is missing"),
    "folders are named by what they hold": (
        {"gateway/utils/text.h": OPENING}, "gateway/utils:1: the folder's name says nothing"),
    "the shared header stays bare": (
        {"gateway/http/awaitable.h": includes("gateway/http/token.h"), "gateway/http/token.h": OPENING},
        "gateway/http/awaitable.h:3: is included by every part"),
}


def faults_of(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            file = Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return arrows.faults(root)


class ArrowsTest(unittest.TestCase):
    def test_a_good_tree_has_no_faults(self):
        self.assertEqual(faults_of(GOOD), [])

    def test_each_planted_fault_is_found_at_its_line(self):
        for name, (files, beginning) in PLANTED.items():
            with self.subTest(name):
                found = faults_of({**GOOD, **files})
                self.assertTrue(any(fault.startswith(beginning) for fault in found), found)

    def test_limits_are_inclusive(self):
        at_the_limit = {"cli/long.cpp": "int x;\n" * 400, "cli/command.h": "// a\n" * 12 + "#pragma once\n"}
        self.assertEqual(faults_of({**GOOD, **at_the_limit}), [])

    def test_an_empty_tree_is_a_fault(self):
        self.assertEqual(len(faults_of({})), 1)


if __name__ == "__main__":
    unittest.main()
