#include "common/link/session.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/link/identity.h"
#include "common/link/tls_channel.h"
#include "common/result.h"
#include "tests/unit/common/link/session_pair.h"

namespace orama::link {
namespace {

using testing::Heard;
using testing::identity;
using testing::SessionPair;

std::string public_key(char fill) {
  return crypto::ed25519_from_seed(crypto::Secret(std::string(32, fill)))->public_key;
}

}  // namespace

TEST_CASE("an identity has the public key that belongs to the seed") {
  CHECK(identity('a').public_key() == public_key('a'));
  for (const std::size_t wrong : {0UL, 31UL, 33UL}) {
    const auto refused = LinkIdentity::from_seed(crypto::Secret(std::string(wrong, 'a')));
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Errc::invalid_argument);
  }
}

TEST_CASE("each side learns the key that the other one holds") {
  SessionPair pair;
  REQUIRE(pair.pump().ok());
  CHECK(pair.client_heard.peer_key == public_key('s'));
  CHECK(pair.server_heard.peer_key == public_key('c'));
  CHECK(pair.server.peer_key() == public_key('c'));
}

TEST_CASE("a call and its answer") {
  SessionPair pair;
  REQUIRE(pair.pump().ok());
  const auto stream = pair.client.open("/v1/confirm");
  REQUIRE(stream.ok());
  pair.client.send(*stream, "question");
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.paths[*stream] == "/v1/confirm");
  CHECK(pair.server_heard.data[*stream] == "question");
  CHECK(pair.server_heard.ended.empty());
  pair.client.finish(*stream);
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.ended == std::vector<StreamId>{*stream});
  pair.server.respond(*stream, 201);
  pair.server.send(*stream, "ans");
  pair.server.send(*stream, "wer");
  pair.server.finish(*stream);
  REQUIRE(pair.pump().ok());
  CHECK(pair.client_heard.statuses[*stream] == 201);
  CHECK(pair.client_heard.data[*stream] == "answer");
  CHECK(pair.client_heard.closed.at(*stream) == StreamEnd::complete);
  CHECK(pair.server_heard.closed.at(*stream) == StreamEnd::complete);
  CHECK(pair.client.open_streams() == 0);
  CHECK(pair.server.open_streams() == 0);
}

TEST_CASE("nothing of HTTP/2 is done before the peer's key is admitted") {
  SessionPair pair;
  pair.server_heard.admits = false;
  REQUIRE(pair.pump().ok());
  const auto stream = pair.client.open("/v1/secrets");
  REQUIRE(stream.ok());
  pair.client.finish(*stream);
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.peer_key == public_key('c'));
  CHECK(pair.server_heard.paths.empty());
  REQUIRE(pair.server.admit().ok());
  CHECK(pair.server_heard.paths.at(*stream) == "/v1/secrets");
}

TEST_CASE("a refused peer is told why, and nothing of it is read") {
  SessionPair pair;
  pair.server_heard.admits = false;
  REQUIRE(pair.pump().ok());
  REQUIRE(pair.client.open("/v1/secrets").ok());
  pair.server.shut_down("unknown key", Goodbye::refused);
  REQUIRE(pair.pump().ok());
  CHECK(pair.client_heard.goaway == "unknown key");
  CHECK(pair.client_heard.goodbye == Goodbye::refused);
  CHECK(pair.client.ended());
  CHECK(pair.server.ended());
  CHECK(pair.server.end_reason() == "unknown key");
  CHECK(pair.server_heard.paths.empty());
  CHECK(!pair.client.open("/v1/secrets").ok());
}

TEST_CASE("queued counts what the peer's window has not taken, and it all arrives in order") {
  SessionPair pair;
  REQUIRE(pair.pump().ok());
  const auto stream = pair.client.open("/v1/messages");
  REQUIRE(stream.ok());
  pair.server.limit_body(*stream, 0);  // of a stream that is not there: nothing
  REQUIRE(pair.pump().ok());
  pair.server.limit_body(*stream, SIZE_MAX);
  std::string all;
  for (int i = 0; i < 300000; ++i) {
    all += std::to_string(i) + ",";
  }
  pair.client.send(*stream, all);
  CHECK(pair.client.queued(*stream) == all.size());
  std::size_t taken = 0;
  for (std::string some = pair.client.take_output(); !some.empty();
       some = pair.client.take_output()) {
    CHECK(some.size() < 100UL * 1024);
    taken += some.size();
    REQUIRE(pair.server.receive(some).ok());
  }
  // The first window of the stream, and the rest waits for the peer.
  CHECK(pair.client.queued(*stream) == all.size() - 256UL * 1024);
  CHECK(taken > 256UL * 1024);
  REQUIRE(pair.pump().ok());
  CHECK(pair.client.queued(*stream) == 0);
  CHECK(pair.server_heard.data[*stream] == all);
}

TEST_CASE("a body at the limit passes, one past it is refused as too large") {
  SessionLimits limits;
  limits.body_bytes = 1000;
  SessionPair pair({}, limits);
  REQUIRE(pair.pump().ok());
  const auto fits = pair.client.open("/a");
  const auto larger = pair.client.open("/b");
  REQUIRE(fits.ok());
  REQUIRE(larger.ok());
  pair.client.send(*fits, std::string(1000, 'x'));
  pair.client.finish(*fits);
  pair.client.send(*larger, std::string(1001, 'x'));
  pair.client.finish(*larger);
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.data[*fits].size() == 1000);
  CHECK(pair.server_heard.ended == std::vector<StreamId>{*fits});
  CHECK(pair.server_heard.closed.at(*larger) == StreamEnd::too_large);
  CHECK(pair.client_heard.closed.at(*larger) == StreamEnd::too_large);
  CHECK(pair.client_heard.closed.count(*fits) == 0);
}

TEST_CASE("header lists and streams have limits") {
  SessionLimits limits;
  limits.header_list_bytes = 400;
  limits.streams = 3;
  SessionPair pair({}, limits);
  REQUIRE(pair.pump().ok());
  // The pseudo fields of open(): :method POST, :scheme https, :authority link, :path.
  const std::size_t others = 7 + 4 + 7 + 5 + 10 + 4 + 5 + 4 * 32UL;
  const auto fits = pair.client.open("/" + std::string(400 - others - 1, 'p'));
  const auto larger = pair.client.open("/" + std::string(400 - others, 'p'));
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.paths.count(*fits) == 1);
  CHECK(pair.server_heard.paths.count(*larger) == 0);
  CHECK(pair.client_heard.closed.count(*larger) == 1);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pair.client.open("/more").ok());
  }
  REQUIRE(pair.pump().ok());
  CHECK(pair.server.open_streams() == 3);  // the fourth waits at the client
  pair.client.reset(*fits);
  REQUIRE(pair.pump().ok());
  CHECK(pair.server_heard.closed.at(*fits) == StreamEnd::reset);
  CHECK(pair.server.open_streams() == 3);
}

TEST_CASE("a reset stream is told no more, and what is said on it is dropped") {
  SessionPair pair;
  REQUIRE(pair.pump().ok());
  const auto stream = pair.client.open("/a");
  REQUIRE(pair.pump().ok());
  pair.server.reset(*stream);
  pair.client.send(*stream, "late");
  REQUIRE(pair.pump().ok());
  CHECK(pair.client_heard.closed.at(*stream) == StreamEnd::reset);
  CHECK(pair.server_heard.data.count(*stream) == 0);
  pair.client.send(*stream, "later");
  pair.client.finish(*stream);
  pair.server.respond(*stream, 200);
  CHECK(pair.client.queued(*stream) == 0);
  CHECK(pair.pump().ok());
}

TEST_CASE("pings are answered") {
  SessionPair pair;
  REQUIRE(pair.pump().ok());
  pair.client.ping();
  pair.server.ping();
  pair.server.ping();
  REQUIRE(pair.pump().ok());
  CHECK(pair.client_heard.pongs == 1);
  CHECK(pair.server_heard.pongs == 2);
}

TEST_CASE("versions that differ are named on both sides") {
  SessionLimits next;
  next.protocol = "orama-link/2";
  SessionPair pair(next);
  const auto refused = pair.pump();
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().message ==
        "the peer of a link offers \"orama-link/2\", expected orama-link/1");
  const auto told = pair.client.receive(pair.server.take_output());
  REQUIRE(!told.ok());
  CHECK(told.error().code == Errc::conflict);
  CHECK(told.error().message ==
        "the peer of a link speaks \"orama-link/1\", expected orama-link/2");
  CHECK(pair.client_heard.peer_key.empty());
}

TEST_CASE("what is no TLS, or was changed on the way, ends the link") {
  SUBCASE("no TLS") {
    Heard heard;
    Session server(Side::server, identity('s'), heard);
    heard.session = &server;
    const auto refused = server.receive("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Errc::failed);
    CHECK(heard.peer_key.empty());
  }
  SUBCASE("a changed record") {
    SessionPair pair;
    REQUIRE(pair.pump().ok());
    pair.client.ping();
    std::string record = pair.client.take_output();
    record[record.size() - 1] = static_cast<char>(record.back() ^ 1);
    CHECK(!pair.server.receive(record).ok());
  }
}

TEST_CASE("without TLS: foreign bytes end the link by an error or a GOAWAY") {
  Heard heard;
  Session server(Side::server, heard);
  CHECK(!server.receive("hello").ok());
}

}  // namespace orama::link
