#include "gateway/heartbeat.h"

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

namespace orama::gateway {
namespace {

TEST_CASE("the heart beats while every thread answers, and not after one has stopped") {
  boost::asio::io_context alive;
  boost::asio::io_context stuck;
  const auto turn = [](boost::asio::io_context& context) {
    context.restart();
    context.poll();
  };
  Heartbeat heartbeat({&alive, &stuck});
  CHECK(heartbeat.beat());
  turn(alive);
  turn(stuck);
  CHECK(heartbeat.beat());
  turn(alive);
  CHECK(!heartbeat.beat());
  turn(alive);
  CHECK(!heartbeat.beat());
  turn(stuck);
  CHECK(heartbeat.beat());
}

}  // namespace
}  // namespace orama::gateway
