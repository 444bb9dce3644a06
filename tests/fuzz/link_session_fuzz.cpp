// What an admitted peer may send inside of TLS: a server's HTTP/2 with small limits, which answers
// each request. No stream may give more than its limit, no event may come after a stream's end.
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "tests/fuzz/require.h"

namespace {

using orama::link::Goodbye;
using orama::link::Session;
using orama::link::SessionEvents;
using orama::link::SessionLimits;
using orama::link::Side;
using orama::link::StreamEnd;
using orama::link::StreamId;

constexpr std::size_t kBodyLimit = 64;

class Member final : public SessionEvents {
 public:
  void on_secured(const std::string& /*key*/) override { FUZZ_REQUIRE(false); }
  void on_request(StreamId stream, const std::string& /*path*/) override {
    FUZZ_REQUIRE(open_.insert(stream).second && open_.size() <= 4);
  }
  void on_status(StreamId /*stream*/, int /*status*/) override { FUZZ_REQUIRE(false); }
  void on_data(StreamId stream, std::string_view bytes) override {
    FUZZ_REQUIRE(open_.count(stream) == 1 && ended_.count(stream) == 0);
    bytes_[stream] += bytes.size();
    FUZZ_REQUIRE(bytes_[stream] <= kBodyLimit);
  }
  void on_end(StreamId stream) override {
    FUZZ_REQUIRE(open_.count(stream) == 1 && ended_.insert(stream).second);
    session->respond(stream, 200);
    session->send(stream, "answer");
    session->finish(stream);
  }
  void on_closed(StreamId stream, StreamEnd /*end*/) override {
    open_.erase(stream);
    ended_.erase(stream);
  }
  void on_pong() override {}
  void on_goaway(Goodbye /*goodbye*/, const std::string& reason) override {
    FUZZ_REQUIRE(reason.size() <= 256);
  }

  Session* session = nullptr;

 private:
  std::set<StreamId> open_, ended_;
  std::map<StreamId, std::size_t> bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t part = data[0] % 64U == 0 ? bytes.size() + 1 : data[0] % 64U;
  SessionLimits limits;
  limits.header_list_bytes = 256;
  limits.body_bytes = kBodyLimit;
  limits.streams = 4;
  Member member;
  Session session(Side::server, member, limits);
  member.session = &session;
  while (!bytes.empty() && !session.ended()) {
    const std::string_view some = bytes.substr(0, part);
    bytes.remove_prefix(some.size());
    if (!session.receive(some).ok()) {
      break;
    }
    while (!session.take_output(1024).empty()) {
    }
  }
  session.shut_down("done");
  static_cast<void>(session.take_output());
  return 0;
}
