// The streams of a Connection: its messages, calls to the peer and requests of the peer.
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/link/frame.h"
#include "common/link/session.h"
#include "common/result.h"
#include "gateway/links/connection.h"
#include "gateway/links/state.h"  // IWYU pragma: keep (takes_messages)

namespace orama::gateway::links {

namespace {

Error call_ended(link::StreamEnd end) {
  switch (end) {
    case link::StreamEnd::refused:
      return make_error(Errc::unreachable, "the peer has too many calls at once");
    case link::StreamEnd::too_large:
      return make_error(Errc::too_large, "the call or its answer is larger than the limit");
    case link::StreamEnd::complete:
    case link::StreamEnd::reset:
      break;
  }
  return make_error(Errc::failed, "the peer broke off the call");
}

}  // namespace

void Connection::begin_call(const std::shared_ptr<OutgoingCall>& call) {
  last_call_ = std::chrono::steady_clock::now();
  if (!session_.is_admitted() && is_open()) {
    waiting_.push_back(call);
    return;
  }
  const Result<link::StreamId> stream = session_.open(call->path);
  if (!stream.ok()) {
    call->error = stream.error();
    call->done = true;
    call->timer.cancel();
    return;
  }
  call->stream = *stream;
  calls_[*stream] = call;
  session_.send(*stream, call->body);
  session_.finish(*stream);
  turn();
}

void Connection::cancel_call(const std::shared_ptr<OutgoingCall>& call) {
  std::erase(waiting_, call);
  if (calls_.erase(call->stream) == 1 && is_open()) {
    session_.reset(call->stream);
    turn();
  }
}

void Connection::answer(link::StreamId stream, int status, const std::string& body) {
  if (is_open()) {
    session_.respond(stream, status);
    session_.send(stream, body);
    session_.finish(stream);
    turn();
  }
}

void Connection::end_call(link::StreamId stream, std::optional<Error> error) {
  const auto node = calls_.extract(stream);
  if (!node.empty()) {
    last_call_ = std::chrono::steady_clock::now();
    node.mapped()->error = std::move(error);
    node.mapped()->done = true;
    node.mapped()->timer.cancel();
  }
}

void Connection::fail_calls(const std::string& reason) {
  for (const std::shared_ptr<OutgoingCall>& call : std::exchange(waiting_, {})) {
    call->error = make_error(Errc::unreachable, "there is no link to the peer: " + reason);
    call->done = true;
    call->timer.cancel();
  }
  while (!calls_.empty()) {
    end_call(calls_.begin()->first,
             make_error(Errc::failed, "the link ended during the call: " + reason));
  }
}

void Connection::on_secured(const std::string& /*peer_key*/) {
  secured_ = true;
}

void Connection::on_request(link::StreamId stream, const std::string& path) {
  if (path != link::kMessagesPath) {
    requests_[stream].path = path;
  } else if (messages_ != 0 || !state_->takes_messages(*this)) {
    session_.reset(stream);
  } else {
    messages_ = stream;
    session_.limit_body(stream, SIZE_MAX);
    session_.respond(stream, 200);
    hello_due_ = true;
  }
}

void Connection::on_status(link::StreamId stream, int status) {
  if (const auto call = calls_.find(stream); call != calls_.end()) {
    call->second->answer.status = status;
  }
}

void Connection::on_data(link::StreamId stream, std::string_view bytes) {
  if (stream == messages_) {
    Result<std::vector<nlohmann::json>> messages = parser_.feed(bytes);
    if (messages.ok()) {
      inbox_.insert(inbox_.end(), std::make_move_iterator(messages->begin()),
                    std::make_move_iterator(messages->end()));
    } else {
      fault_ = messages.error().message;
      session_.reset(stream);
    }
  } else if (const auto request = requests_.find(stream); request != requests_.end()) {
    request->second.body += bytes;
  } else if (const auto call = calls_.find(stream); call != calls_.end()) {
    call->second->answer.body += bytes;
  }
}

void Connection::on_end(link::StreamId stream) {
  if (stream == messages_ && !retiring_) {
    // The peer has found the other connection of the pair; here it will be found within that time.
    set_deadline(kRetirement, "the peer has retired this connection");
  } else if (requests_.count(stream) == 1) {
    ready_.push_back(stream);
  } else {
    end_call(stream, std::nullopt);
  }
}

void Connection::on_closed(link::StreamId stream, link::StreamEnd end) {
  messages_over_ = messages_over_ || (stream == messages_ && messages_ != 0);
  requests_.erase(stream);
  end_call(stream, call_ended(end));
}

}  // namespace orama::gateway::links
