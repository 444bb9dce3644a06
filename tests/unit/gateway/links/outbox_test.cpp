#include "gateway/links/outbox.h"

#include <doctest/doctest.h>

#include <string>

namespace orama::gateway::links {

using Put = Outbox::Put;

TEST_CASE("an outbox takes its limit and not a byte more") {
  Outbox outbox(10);
  CHECK(outbox.put("12345", "", 0) == Put::queued);
  CHECK(outbox.put("123456", "", 0) == Put::full);
  CHECK(outbox.put("12345", "", 1) == Put::full);  // what is on its way counts
  CHECK(outbox.put("12345", "", 0) == Put::queued);
  CHECK(outbox.bytes() == 10);
  CHECK(outbox.put("1", "", 0) == Put::full);
  CHECK(outbox.pop() == "12345");
  CHECK(outbox.bytes() == 5);
  CHECK(outbox.clear() == 1);
  CHECK(outbox.empty());
  CHECK(outbox.bytes() == 0);
}

TEST_CASE("of latest-only messages the newest waits, in the place of the older") {
  Outbox outbox(10);
  CHECK(outbox.put("old", "report", 0) == Put::queued);
  CHECK(outbox.put("x", "", 0) == Put::queued);
  CHECK(outbox.put("new!", "report", 0) == Put::replaced);
  CHECK(outbox.bytes() == 5);
  CHECK(outbox.put("too large", "report", 0) == Put::replaced);  // 9 and 1 fit
  CHECK(outbox.put("too large!", "report", 0) == Put::full);
  CHECK(outbox.put("", "other", 0) == Put::queued);
  CHECK(outbox.pop() == "too large");
  CHECK(outbox.pop() == "x");
  CHECK(outbox.put("1", "report", 0) == Put::queued);  // the older one has left
}

}  // namespace orama::gateway::links
