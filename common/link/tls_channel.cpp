#include "common/link/tls_channel.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/link/identity.h"
#include "common/result.h"

namespace orama::link {

namespace {

constexpr std::size_t kRecordBytes = 16384;
constexpr std::size_t kMaxQuoted = 128;

// Foreign bytes for an error: printable ASCII, not long.
std::string quoted(std::string_view foreign) {
  std::string text;
  for (const char c : foreign.substr(0, kMaxQuoted)) {
    text += c >= ' ' && c <= '~' ? c : '.';
  }
  return text.empty() ? "nothing" : "\"" + text + "\"";
}

// ALPN names as the wire has them (RFC 7301, 3.1), each after its length, as "a, b".
std::string names_of(std::string_view list) {
  std::string names;
  while (!list.empty()) {
    const std::size_t length = static_cast<unsigned char>(list.front());
    names += (names.empty() ? "" : ", ") + std::string(list.substr(1, length));
    list.remove_prefix(std::min(list.size(), length + 1));
  }
  return names;
}

std::string key_of(const SSL* ssl) {
  X509* certificate = SSL_get0_peer_certificate(ssl);
  const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  std::string bytes(kNodeKeyBytes, '\0');
  std::size_t length = bytes.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &length) !=
          1 ||
      length != kNodeKeyBytes) {
    return {};
  }
  return bytes;
}

}  // namespace

TlsChannel::TlsChannel(Side side, const LinkIdentity& identity, std::string protocol)
    : side_(side),
      protocol_(std::move(protocol)),
      ssl_(SSL_new(side == Side::client ? identity.client_context() : identity.server_context()),
           &SSL_free) {
  ORAMA_ASSERT(ssl_ != nullptr && !protocol_.empty() && protocol_.size() <= UCHAR_MAX);
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  ORAMA_ASSERT(in != nullptr && out != nullptr);  // out of memory
  BIO_set_mem_eof_return(in, -1);                 // empty means: later
  SSL_set_bio(ssl_.get(), in, out);               // which owns them now
  SSL_set_app_data(ssl_.get(), this);
  if (side == Side::client) {
    const std::string list = static_cast<char>(protocol_.size()) + protocol_;
    ORAMA_ASSERT(SSL_set_alpn_protos(ssl_.get(),
                                     reinterpret_cast<const unsigned char*>(list.data()),
                                     static_cast<unsigned int>(list.size())) == 0);
    SSL_set_connect_state(ssl_.get());
    SSL_do_handshake(ssl_.get());  // writes the first flight
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

TlsChannel::~TlsChannel() = default;

int TlsChannel::select_protocol(ssl_st* ssl, const unsigned char** chosen, unsigned char* length,
                                const unsigned char* offered, unsigned int offered_length,
                                void* /*data*/) {
  auto* self = static_cast<TlsChannel*>(SSL_get_app_data(ssl));
  self->offered_ = names_of({reinterpret_cast<const char*>(offered), offered_length});
  for (unsigned int at = 0; at < offered_length; at += offered[at] + 1U) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name == self->protocol_) {
      *chosen = offered + at + 1;
      *length = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;  // the handshake goes on without one, and then refuse_protocol()
}

Result<void> TlsChannel::receive(std::string_view bytes) {
  while (!bytes.empty()) {
    const int part = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
    ORAMA_ASSERT(BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), part) == part);
    bytes.remove_prefix(static_cast<std::size_t>(part));
  }
  if (is_secured() || foreign_protocol_) {
    return {};
  }
  return handshake();
}

Result<void> TlsChannel::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done != 1) {
    return SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ
               ? Result<void>()
               : failed("the TLS handshake of a link");
  }
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  if (std::string_view(reinterpret_cast<const char*>(name), length) != protocol_) {
    return refuse_protocol();
  }
  peer_key_ = key_of(ssl_.get());
  return peer_key_.empty() ? failed("reading the key of a link's peer") : Result<void>();
}

Result<void> TlsChannel::refuse_protocol() {
  if (side_ == Side::client) {
    foreign_protocol_ = true;
    return {};
  }
  const std::string line = protocol_ + "\n";
  TRY_VOID(write(line));
  close();
  return make_error(Errc::conflict,
                    "the peer of a link offers " + quoted(offered_) + ", expected " + protocol_,
                    "Both nodes need versions of orama that are at most one minor version apart.");
}

Result<std::string> TlsChannel::read() {
  if (!is_secured() && !foreign_protocol_) {
    return std::string();
  }
  std::string plain(kRecordBytes, '\0');
  std::size_t got = 0;
  ERR_clear_error();
  if (SSL_read_ex(ssl_.get(), plain.data(), plain.size(), &got) == 1) {
    plain.resize(got);
  } else {
    const int reason = SSL_get_error(ssl_.get(), 0);
    if (reason == SSL_ERROR_ZERO_RETURN) {
      closed_by_peer_ = true;
    } else if (reason != SSL_ERROR_WANT_READ) {
      return failed("reading from a link");
    }
    plain.clear();
  }
  if (foreign_protocol_ && (!plain.empty() || closed_by_peer_)) {
    const std::string_view line = std::string_view(plain).substr(0, plain.find('\n'));
    return make_error(
        Errc::conflict, "the peer of a link speaks " + quoted(line) + ", expected " + protocol_,
        "Both nodes need versions of orama that are at most one minor version apart.");
  }
  return plain;
}

Result<void> TlsChannel::write(std::string_view bytes) {
  std::size_t written = 0;
  ERR_clear_error();
  if (!bytes.empty() && (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1 ||
                         written != bytes.size())) {
    return failed("writing to a link");
  }
  return {};
}

void TlsChannel::close() {
  if (SSL_is_init_finished(ssl_.get()) == 1) {
    SSL_shutdown(ssl_.get());  // its answer is not waited for
    ERR_clear_error();
  }
}

std::string TlsChannel::take_output() {
  BIO* out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) {
    const int got = BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max(got, 0)));
  }
  return bytes;
}

Error TlsChannel::failed(const char* doing) {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  std::string found = reason != nullptr ? reason : "the connection broke";
  if (SSL_get_verify_result(ssl_.get()) == X509_V_ERR_APPLICATION_VERIFICATION) {
    found = "the peer's certificate has no Ed25519 key";
  }
  return make_error(Errc::failed, std::string(doing) + ": " + found);
}

}  // namespace orama::link
