#include "common/link/session_callbacks.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "common/result.h"

namespace orama::link {

namespace {

constexpr std::size_t kMaxReasonBytes = 256;  // of a GOAWAY
constexpr std::size_t kHeaderOverhead = 32;   // RFC 9113, 6.5.2
constexpr std::size_t kCompactAt = 64UL * 1024;

StreamEnd end_of(std::uint32_t code) {
  switch (code) {
    case NGHTTP2_NO_ERROR:
      return StreamEnd::complete;
    case NGHTTP2_REFUSED_STREAM:
      return StreamEnd::refused;
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return StreamEnd::too_large;
    default:
      return StreamEnd::reset;
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, kMaxReasonBytes));
  std::replace_if(clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
  return clean;
}

int Session::Callbacks::on_begin_headers(nghttp2_session* /*unused*/, const nghttp2_frame* frame,
                                         void* user) {
  Session& self = session(user);
  if (self.side_ == Side::server && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
    self.streams_[frame->hd.stream_id].limit = self.limits_.body_bytes;
  }
  return 0;
}

int Session::Callbacks::on_header(nghttp2_session* /*unused*/, const nghttp2_frame* frame,
                                  const std::uint8_t* name_bytes, std::size_t name_length,
                                  const std::uint8_t* value_bytes, std::size_t value_length,
                                  std::uint8_t /*flags*/, void* user) {
  Session& self = session(user);
  Stream* stream = self.find(frame->hd.stream_id);
  if (stream == nullptr) {
    return 0;
  }
  const std::string_view name = view(name_bytes, name_length);
  const std::string_view value = view(value_bytes, value_length);
  stream->header_bytes += name.size() + value.size() + kHeaderOverhead;
  if (stream->header_bytes > self.limits_.header_list_bytes) {
    nghttp2_submit_rst_stream(self.http2_.get(), NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                              NGHTTP2_ENHANCE_YOUR_CALM);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  if (name == ":method") {
    stream->method = value;
  } else if (name == ":path") {
    stream->path = value;
  } else if (name == ":status") {
    stream->status = value;
  }
  return 0;
}

int Session::Callbacks::on_frame(nghttp2_session* /*unused*/, const nghttp2_frame* frame,
                                 void* user) {
  Session& self = session(user);
  const StreamId id = frame->hd.stream_id;
  if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
    self.events_.on_pong();
  } else if (frame->hd.type == NGHTTP2_GOAWAY) {
    const std::string reason =
        printable(view(frame->goaway.opaque_data, frame->goaway.opaque_data_len));
    const std::string told =
        reason.empty() ? nghttp2_http2_strerror(frame->goaway.error_code) : reason.c_str();
    self.end("the peer ended the link: " + told);
    self.events_.on_goaway(
        frame->goaway.error_code == kRefusedCode ? Goodbye::refused : Goodbye::ended, told);
  } else if (frame->hd.type == NGHTTP2_HEADERS) {
    self.headers_done(id);
  }
  const bool carries_body = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (carries_body && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    const Stream* stream = self.find(id);
    if (stream != nullptr && stream->announced) {
      self.events_.on_end(id);
    }
  }
  return 0;
}

int Session::Callbacks::on_data(nghttp2_session* /*unused*/, std::uint8_t /*flags*/, StreamId id,
                                const std::uint8_t* bytes, std::size_t length, void* user) {
  Session& self = session(user);
  Stream* stream = self.find(id);
  if (stream == nullptr || !stream->announced) {
    return 0;
  }
  if (length > stream->limit - stream->received) {
    stream->announced = false;  // nothing more of it is told but its end
    nghttp2_submit_rst_stream(self.http2_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
  }
  stream->received += length;
  self.events_.on_data(id, view(bytes, length));
  return 0;
}

int Session::Callbacks::on_close(nghttp2_session* /*unused*/, StreamId id, std::uint32_t code,
                                 void* user) {
  Session& self = session(user);
  if (self.streams_.erase(id) == 1) {
    self.events_.on_closed(id, end_of(code));
  }
  return 0;
}

int Session::Callbacks::on_sent(nghttp2_session* /*unused*/, const nghttp2_frame* frame,
                                void* user) {
  if (frame->hd.type == NGHTTP2_GOAWAY) {
    const std::uint32_t code = frame->goaway.error_code;
    session(user).end(session(user).closing_
                          ? "ended by this side"
                          : "the peer broke HTTP/2: " + std::string(nghttp2_http2_strerror(code)));
  }
  return 0;
}

ssize_t Session::Callbacks::on_read(nghttp2_session* /*unused*/, StreamId id, std::uint8_t* buffer,
                                    std::size_t length, std::uint32_t* flags,
                                    nghttp2_data_source* /*unused*/, void* user) {
  Stream* stream = session(user).find(id);
  if (stream == nullptr) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  const std::size_t there = std::min(length, stream->pending.size() - stream->sent);
  std::memcpy(buffer, stream->pending.data() + stream->sent, there);
  stream->sent += there;
  if (stream->sent == stream->pending.size()) {
    stream->pending.clear();
    stream->sent = 0;
    if (stream->finished) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (there == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
  } else if (stream->sent > kCompactAt && stream->sent > stream->pending.size() / 2) {
    stream->pending.erase(0, stream->sent);
    stream->sent = 0;
  }
  return static_cast<ssize_t>(there);
}

nghttp2_session* Session::Callbacks::make(Session& self) {
  nghttp2_session_callbacks* callbacks = nullptr;
  ORAMA_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);  // out of memory
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &on_close);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &on_sent);
  nghttp2_session* made = nullptr;
  const int failed = self.side_ == Side::client
                         ? nghttp2_session_client_new(&made, callbacks, &self)
                         : nghttp2_session_server_new(&made, callbacks, &self);
  nghttp2_session_callbacks_del(callbacks);
  ORAMA_ASSERT(failed == 0);  // out of memory
  return made;
}

}  // namespace orama::link
