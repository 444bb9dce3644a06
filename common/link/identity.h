// Who this node is on a link (architecture.md 14): a self-signed certificate around its Ed25519
// identity key, made in memory and never stored. TLS 1.3 only, both sides present one, no tickets
// and no resumption. TLS proves that the peer holds the key of its certificate; names, dates and
// chains are ignored: whether that key is welcome is judged by the owner of a session afterwards.
// Made once and shared: safe from any thread. Copies are cheap; a session keeps what it uses.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/crypto/secret.h"
#include "common/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace orama::link {

inline constexpr std::size_t kNodeKeyBytes = 32;

class LinkIdentity {
 public:
  // invalid_argument when the seed is not 32 bytes.
  static Result<LinkIdentity> from_seed(const crypto::Secret& seed);

  const std::string& public_key() const { return public_key_; }  // 32 bytes
  ssl_ctx_st* client_context() const { return client_.get(); }
  ssl_ctx_st* server_context() const { return server_.get(); }

 private:
  using Context = std::shared_ptr<ssl_ctx_st>;
  LinkIdentity(std::string public_key, Context client, Context server);

  std::string public_key_;
  Context client_, server_;
};

}  // namespace orama::link
