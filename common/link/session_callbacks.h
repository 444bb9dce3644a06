// The inside of Session: its streams and the functions that libnghttp2 calls. Only session.cpp and
// session_callbacks.cpp see it. One thread at a time.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/link/session.h"

namespace orama::link {

// In a GOAWAY: this peer is not taken.
inline constexpr std::uint32_t kRefusedCode = NGHTTP2_INADEQUATE_SECURITY;

inline std::string_view view(const std::uint8_t* bytes, std::size_t length) {
  return {reinterpret_cast<const char*>(bytes), length};
}

// Foreign words for logs and errors: printable ASCII, not long.
std::string printable(std::string_view text);

struct Session::Stream {
  std::string pending;     // to be sent
  std::size_t sent = 0;    // of it
  bool finished = false;   // no more will be added
  bool announced = false;  // on_request or on_status was given
  std::size_t received = 0, limit = 0, header_bytes = 0;
  std::string method, path, status;
};

// Each is called from inside of mem_recv or mem_send.
struct Session::Callbacks {
  static nghttp2_session* make(Session& self);
  static ssize_t on_read(nghttp2_session* http2, StreamId id, std::uint8_t* buffer,
                         std::size_t length, std::uint32_t* flags, nghttp2_data_source* source,
                         void* user);

 private:
  static Session& session(void* user) { return *static_cast<Session*>(user); }

  static int on_begin_headers(nghttp2_session* /*unused*/, const nghttp2_frame* frame, void* user);
  static int on_header(nghttp2_session* /*unused*/, const nghttp2_frame* frame,
                       const std::uint8_t* name_bytes, std::size_t name_length,
                       const std::uint8_t* value_bytes, std::size_t value_length,
                       std::uint8_t /*flags*/, void* user);
  static int on_frame(nghttp2_session* /*unused*/, const nghttp2_frame* frame, void* user);
  static int on_data(nghttp2_session* /*unused*/, std::uint8_t /*flags*/, StreamId id,
                     const std::uint8_t* bytes, std::size_t length, void* user);
  static int on_close(nghttp2_session* /*unused*/, StreamId id, std::uint32_t code, void* user);
  static int on_sent(nghttp2_session* /*unused*/, const nghttp2_frame* frame, void* user);
};

}  // namespace orama::link
