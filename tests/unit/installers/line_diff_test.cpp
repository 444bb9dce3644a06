#include "installers/line_diff.h"

#include <string>

#include <doctest/doctest.h>

namespace orama::tests {
namespace {

using installers::line_diff;

TEST_CASE("line diffs, as diff -u prints their hunks") {
  struct Row {
    std::string before, after, expected;
  };
  for (const Row& row : {
           Row{"", "", ""},
           Row{"a\nb\n", "a\nb\n", ""},
           Row{"", "a\n", "@@ -0,0 +1,1 @@\n+a\n"},
           Row{"a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
           Row{"a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
           Row{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nX\n",
               "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+X\n"},
           Row{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
               "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
       }) {
    CAPTURE(row.before);
    CAPTURE(row.after);
    CHECK(line_diff(row.before, row.after) == row.expected);
  }
}

TEST_CASE("texts too long to compare are shown out and in") {
  std::string before;
  std::string after;
  for (int i = 0; i < 2001; ++i) {
    before += "a\n";
    after += "b\n";
  }
  const std::string diff = line_diff(before, after);
  CHECK(diff.starts_with("@@ -1,2001 +1,2001 @@\n-a\n"));
  CHECK(diff.ends_with("+b\n"));
}

}  // namespace
}  // namespace orama::tests
