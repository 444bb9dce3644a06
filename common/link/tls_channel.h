// TLS 1.3 over memory: bytes of the wire in and out, plain bytes on the other side. The ALPN name
// carries the version of the link protocol. Where both sides have none in common the handshake
// still ends, and each side then says in its error what the other one speaks: the server names its
// own in one line (`orama-link/1`) before it closes, since TLS itself would give the client none.
// One thread at a time; no input or output of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/link/identity.h"
#include "common/result.h"

struct ssl_st;  // OpenSSL's SSL

namespace orama::link {

enum class Side { client, server };

class TlsChannel {
 public:
  TlsChannel(Side side, const LinkIdentity& identity, std::string protocol);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // Bytes of the wire. Goes on with the handshake; afterwards they wait for read().
  Result<void> receive(std::string_view bytes);
  bool is_secured() const { return !peer_key_.empty(); }     // the handshake is done
  const std::string& peer_key() const { return peer_key_; }  // 32 bytes, or "" before

  // At most one record of plain bytes; "" when there are no more now.
  Result<std::string> read();
  bool closed_by_peer() const { return closed_by_peer_; }  // in good order (close_notify)
  Result<void> write(std::string_view bytes);              // after the handshake
  void close();               // close_notify, once what came before is written
  std::string take_output();  // bytes for the wire

  // OpenSSL's callback; arguments as SSL_CTX_set_alpn_select_cb has them.
  static int select_protocol(ssl_st* ssl, const unsigned char** chosen, unsigned char* length,
                             const unsigned char* offered, unsigned int offered_length, void* data);

 private:
  Result<void> handshake();
  Result<void> refuse_protocol();
  Error failed(const char* doing);

  Side side_;
  std::string protocol_;
  std::string offered_;  // server: the client's ALPN names
  std::string peer_key_;
  bool foreign_protocol_ = false;  // client: only the peer's last line is still expected
  bool closed_by_peer_ = false;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace orama::link
