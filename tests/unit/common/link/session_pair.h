// Two sessions in one thread and the wire between them: what each event said is kept for the test
// to read. A side that admits by itself takes every key, as a server does that knows all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/secret.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/result.h"

namespace orama::link::testing {

inline LinkIdentity identity(char fill) {
  return *LinkIdentity::from_seed(crypto::Secret(std::string(32, fill)));
}

struct Heard final : SessionEvents {
  void on_secured(const std::string& key) override {
    peer_key = key;
    if (admits) {
      static_cast<void>(session->admit());
    }
  }
  void on_request(StreamId stream, const std::string& path) override { paths[stream] = path; }
  void on_status(StreamId stream, int status) override { statuses[stream] = status; }
  void on_data(StreamId stream, std::string_view bytes) override { data[stream] += bytes; }
  void on_end(StreamId stream) override { ended.push_back(stream); }
  void on_closed(StreamId stream, StreamEnd end) override { closed[stream] = end; }
  void on_pong() override { ++pongs; }
  void on_goaway(Goodbye kind, const std::string& reason) override {
    goodbye = kind;
    goaway = reason;
  }

  Session* session = nullptr;
  bool admits = true;
  std::string peer_key, goaway;
  Goodbye goodbye = Goodbye::ended;
  std::map<StreamId, std::string> paths, data;
  std::map<StreamId, int> statuses;
  std::map<StreamId, StreamEnd> closed;
  std::vector<StreamId> ended;
  int pongs = 0;
};

class SessionPair {
 public:
  explicit SessionPair(SessionLimits client_limits = {}, SessionLimits server_limits = {})
      : client(Side::client, identity('c'), client_heard, client_limits),
        server(Side::server, identity('s'), server_heard, server_limits) {
    client_heard.session = &client;
    server_heard.session = &server;
  }

  // Until neither has more to say; the first error of either ends it.
  Result<void> pump() {
    while (true) {
      const std::string to_server = client.take_output();
      const std::string to_client = server.take_output();
      if (to_server.empty() && to_client.empty()) {
        return {};
      }
      Result<void> served = server.receive(to_server);
      Result<void> answered = client.receive(to_client);
      if (!served.ok() || !answered.ok()) {
        return served.ok() ? answered : served;
      }
    }
  }

  Heard client_heard, server_heard;
  Session client, server;
};

}  // namespace orama::link::testing
