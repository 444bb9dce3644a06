// An HTTP engine on loopback that plays a script: each connection that comes takes the next list of
// steps and plays one step a request; at the end of its list it closes. Threads of its own; keeps
// the requests.
#pragma once

#include <string>
#include <vector>

#include "gateway/backends/http_pool.h"

#include <memory>

namespace orama::tests {

struct EngineStep {
  enum class Kind { reply, close, stall } kind = Kind::reply;
  std::string bytes;  // reply: what is sent
};

// A well-formed reply that keeps the connection.
EngineStep reply(int status, const std::string& body);
EngineStep raw_reply(std::string bytes);
EngineStep close_unanswered();
EngineStep stall();

class ScriptedEngine {
 public:
  explicit ScriptedEngine(std::vector<std::vector<EngineStep>> connections);
  ~ScriptedEngine();
  ScriptedEngine(const ScriptedEngine&) = delete;
  ScriptedEngine& operator=(const ScriptedEngine&) = delete;

  gateway::backends::HttpEndpoint endpoint() const;
  std::vector<std::string> requests() const;  // so far, in order
  // Waits until `count` connections have played their scripts and are closed.
  void wait_closed(std::size_t count) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orama::tests
