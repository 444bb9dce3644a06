#include "common/link/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/link/identity.h"
#include "common/link/session_callbacks.h"
#include "common/link/tls_channel.h"
#include "common/result.h"

namespace orama::link {

namespace {

constexpr std::uint32_t kStreamWindow = 256U * 1024;
constexpr int kLinkWindow = 1024 * 1024;

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 copies them
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

Session::Session(Side side, const LinkIdentity& identity, SessionEvents& events,
                 SessionLimits limits)
    : side_(side),
      events_(events),
      limits_(std::move(limits)),
      tls_(std::make_unique<TlsChannel>(side, identity, limits_.protocol)),
      http2_(nullptr, &nghttp2_session_del) {}

Session::Session(Side side, SessionEvents& events, SessionLimits limits)
    : side_(side),
      events_(events),
      limits_(std::move(limits)),
      http2_(nullptr, &nghttp2_session_del),
      admitted_(true) {
  start_http2();
}

Session::~Session() = default;

void Session::start_http2() {
  if (http2_ != nullptr) {
    return;
  }
  http2_.reset(Callbacks::make(*this));
  const std::array<nghttp2_settings_entry, 4> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(limits_.header_list_bytes)},
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  }};
  const std::size_t count = side_ == Side::client ? settings.size() : settings.size() - 1;
  ORAMA_ASSERT(nghttp2_submit_settings(http2_.get(), NGHTTP2_FLAG_NONE, settings.data(), count) ==
               0);
  nghttp2_session_set_local_window_size(http2_.get(), NGHTTP2_FLAG_NONE, 0, kLinkWindow);
}

const std::string& Session::peer_key() const {
  static const std::string none;
  return tls_ == nullptr ? none : tls_->peer_key();
}

Session::Stream* Session::find(StreamId stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : &found->second;
}

void Session::end(std::string reason) {
  if (!ended_) {
    ended_ = true;
    if (end_reason_.empty()) {
      end_reason_ = std::move(reason);
    }
  }
}

Result<void> Session::receive(std::string_view bytes) {
  ORAMA_ASSERT(!in_call_);
  if (tls_ == nullptr) {
    return feed_http2(bytes);
  }
  TRY_VOID(tls_->receive(bytes));
  return read_all();
}

Result<void> Session::admit() {
  ORAMA_ASSERT(tls_ == nullptr || tls_->is_secured());
  admitted_ = true;
  if (!closing_) {
    start_http2();
  }
  return in_call_ ? Result<void>() : read_all();
}

Result<void> Session::read_all() {
  if (tls_->is_secured() && !told_secured_) {
    told_secured_ = true;
    in_call_ = true;
    events_.on_secured(tls_->peer_key());
    in_call_ = false;
  }
  while (admitted_ || !tls_->is_secured()) {
    TRY(plain, tls_->read());
    if (tls_->closed_by_peer()) {
      end("the peer closed the link");
    }
    if (plain.empty()) {
      break;
    }
    TRY_VOID(feed_http2(plain));
  }
  return {};
}

Result<void> Session::feed_http2(std::string_view plain) {
  in_call_ = true;
  const ssize_t taken = nghttp2_session_mem_recv(
      http2_.get(), reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size());
  in_call_ = false;
  if (taken < 0) {
    return make_error(Errc::failed, "the peer of a link broke HTTP/2: " +
                                        std::string(nghttp2_strerror(static_cast<int>(taken))));
  }
  return {};
}

void Session::headers_done(StreamId id) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->announced) {  // a trailer says nothing here
    return;
  }
  if (side_ == Side::server) {
    if (stream->method != "POST") {
      reset(id);
      return;
    }
    stream->announced = true;
    events_.on_request(id, std::string(stream->path));
    return;
  }
  int status = 0;
  std::from_chars(stream->status.data(), stream->status.data() + stream->status.size(), status);
  if (status >= 200) {  // an interim answer says nothing here
    stream->announced = true;
    events_.on_status(id, status);
  }
}

std::string Session::take_output(std::size_t limit) {
  ORAMA_ASSERT(!in_call_);
  const std::string plain = http2_ == nullptr ? std::string() : take_http2(limit);
  if (tls_ == nullptr) {
    return plain;
  }
  if (Result<void> written = tls_->write(plain); !written.ok()) {
    end(written.error().message);
  } else if (closing_ && ended_) {
    tls_->close();
  }
  return tls_->take_output();
}

std::string Session::take_http2(std::size_t limit) {
  std::string plain;
  in_call_ = true;
  while (plain.size() < limit) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t length = nghttp2_session_mem_send(http2_.get(), &bytes);
    if (length < 0) {
      end(nghttp2_strerror(static_cast<int>(length)));
    }
    if (length <= 0) {
      break;
    }
    plain += view(bytes, static_cast<std::size_t>(length));
  }
  in_call_ = false;
  return plain;
}

Result<StreamId> Session::open(std::string_view path) {
  if (!admitted_ || ended_ || closing_) {
    return make_error(Errc::unreachable, "the link is closed");
  }
  const std::array<nghttp2_nv, 4> fields = {field(":method", "POST"), field(":scheme", "https"),
                                            field(":authority", "link"), field(":path", path)};
  nghttp2_data_provider provider{};
  provider.read_callback = &Callbacks::on_read;
  const StreamId id = nghttp2_submit_request(http2_.get(), nullptr, fields.data(), fields.size(),
                                             &provider, nullptr);
  if (id < 0) {
    return make_error(Errc::unreachable,
                      std::string("opening a stream of a link: ") + nghttp2_strerror(id));
  }
  streams_[id].limit = limits_.body_bytes;
  return id;
}

void Session::respond(StreamId stream, int status) {
  if (find(stream) == nullptr) {
    return;
  }
  const std::string text = std::to_string(status);
  const nghttp2_nv fields = field(":status", text);
  nghttp2_data_provider provider{};
  provider.read_callback = &Callbacks::on_read;
  nghttp2_submit_response(http2_.get(), stream, &fields, 1, &provider);
}

void Session::send(StreamId stream, std::string_view bytes) {
  Stream* found = find(stream);
  if (found != nullptr && !found->finished) {
    found->pending += bytes;
    nghttp2_session_resume_data(http2_.get(), stream);  // one that does not wait is no error here
  }
}

void Session::finish(StreamId stream) {
  Stream* found = find(stream);
  if (found != nullptr && !found->finished) {
    found->finished = true;
    nghttp2_session_resume_data(http2_.get(), stream);
  }
}

void Session::reset(StreamId stream) {
  if (Stream* found = find(stream); found != nullptr) {
    found->announced = false;
    nghttp2_submit_rst_stream(http2_.get(), NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
  }
}

std::size_t Session::queued(StreamId stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second.pending.size() - found->second.sent;
}

void Session::limit_body(StreamId stream, std::size_t bytes) {
  if (Stream* found = find(stream); found != nullptr) {
    found->limit = std::max(bytes, found->received);
  }
}

void Session::ping() {
  if (admitted_ && !closing_) {
    nghttp2_submit_ping(http2_.get(), NGHTTP2_FLAG_NONE, nullptr);
  }
}

void Session::shut_down(std::string_view reason, Goodbye goodbye) {
  if (closing_ || ended_ || (tls_ != nullptr && !tls_->is_secured())) {
    return;
  }
  start_http2();
  closing_ = true;
  end_reason_ = reason;
  const std::string words = printable(reason);
  const std::uint32_t code =
      goodbye == Goodbye::refused ? kRefusedCode : std::uint32_t{NGHTTP2_NO_ERROR};
  nghttp2_submit_goaway(http2_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(http2_.get()), code,
                        reinterpret_cast<const std::uint8_t*>(words.data()), words.size());
}

}  // namespace orama::link
