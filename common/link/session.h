// One link: TLS 1.3 (tls_channel.h) and HTTP/2 (libnghttp2) inside of it, bytes in and bytes out.
// The owner moves the bytes and has the time; a session has neither socket, thread nor clock.
// Nothing of HTTP/2 is spoken before the owner has admitted the peer's key. Events come from inside
// of receive(), admit() and take_output(); there the owner may call everything but these three and
// the destructor. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/link/identity.h"
#include "common/link/tls_channel.h"
#include "common/result.h"

struct nghttp2_session;

namespace orama::link {

inline constexpr const char* kLinkProtocol = "orama-link/1";

using StreamId = std::int32_t;

// A whole response to a call.
struct Answer {
  int status = 0;
  std::string body;
};

enum class StreamEnd {
  complete,   // both sides have said all
  refused,    // the peer has too many streams: nothing was done with it
  too_large,  // a body or a header list was over a limit
  reset,      // by one side, for another reason
};

// Why one side ends a link: it wants no more of it, or it does not take this peer.
enum class Goodbye { ended, refused };

class SessionEvents {
 public:
  virtual ~SessionEvents() = default;
  virtual void on_secured(const std::string& peer_key) = 0;               // 32 bytes; once
  virtual void on_request(StreamId stream, const std::string& path) = 0;  // server: a new stream
  virtual void on_status(StreamId stream, int status) = 0;                // client: its answer
  virtual void on_data(StreamId stream, std::string_view bytes) = 0;
  virtual void on_end(StreamId stream) = 0;  // the peer sends no more on it
  // Nothing comes of it any more. Also of streams of which nothing else was told.
  virtual void on_closed(StreamId stream, StreamEnd end) = 0;
  virtual void on_pong() = 0;
  virtual void on_goaway(Goodbye goodbye, const std::string& reason) = 0;  // the peer ends the link
};

struct SessionLimits {
  std::size_t header_list_bytes = 4096;    // names, values and 32 a field (RFC 9113, 6.5.2)
  std::size_t body_bytes = 1024UL * 1024;  // received on one stream, unless it has its own limit
  std::uint32_t streams = 64;              // open at once by the peer
  std::string protocol = kLinkProtocol;    // the ALPN name
};

class Session {
 public:
  Session(Side side, const LinkIdentity& identity, SessionEvents& events,
          SessionLimits limits = {});
  // HTTP/2 alone, without keys: for tests and fuzzing of what a peer may send inside of TLS.
  Session(Side side, SessionEvents& events, SessionLimits limits = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Errors end the link: take_output() once more and close. Not to be called while the peer waits
  // to be admitted (its bytes would pile up).
  Result<void> receive(std::string_view bytes);
  Result<void> admit();  // after on_secured, or in it
  bool is_admitted() const { return admitted_; }
  const std::string& peer_key() const;
  // About `limit` bytes for the wire; "" when there is nothing to say. What is not taken stays
  // queued, so an owner that asks only when its socket has room holds no more than that.
  std::string take_output(std::size_t limit = 64UL * 1024);
  // Nothing is expected of the peer any more, for end_reason().
  bool ended() const { return ended_; }
  const std::string& end_reason() const { return end_reason_; }

  // A stream that the peer has closed meanwhile is no error: what is said on it is dropped.
  Result<StreamId> open(std::string_view path);  // client: POST
  void respond(StreamId stream, int status);     // server: once
  void send(StreamId stream, std::string_view bytes);
  void finish(StreamId stream);  // no more is sent, once the queued bytes are
  void reset(StreamId stream);
  std::size_t queued(StreamId stream) const;  // bytes that the peer's window has not taken yet
  void limit_body(StreamId stream, std::size_t bytes);
  std::size_t open_streams() const { return streams_.size(); }
  void ping();
  // GOAWAY with the reason in words, which the peer is told. What is queued on streams is lost.
  void shut_down(std::string_view reason, Goodbye goodbye = Goodbye::ended);

 private:
  struct Stream;
  struct Callbacks;  // both in session_callbacks.h

  void start_http2();
  Result<void> read_all();
  Result<void> feed_http2(std::string_view plain);
  std::string take_http2(std::size_t limit);
  void headers_done(StreamId id);
  void end(std::string reason);
  Stream* find(StreamId stream);

  Side side_;
  SessionEvents& events_;
  SessionLimits limits_;
  std::unique_ptr<TlsChannel> tls_;  // none: a session without keys
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> http2_;
  std::map<StreamId, Stream> streams_;
  std::string end_reason_;
  bool admitted_ = false, told_secured_ = false, in_call_ = false, ended_ = false;
  bool closing_ = false;  // GOAWAY is queued or sent by us
};

}  // namespace orama::link
