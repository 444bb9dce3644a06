// Clients that are no node: other TLS versions, no certificate, a certificate around another kind
// of key. Each is refused by the handshake.
#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <string>

#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "common/result.h"
#include "tests/unit/common/link/session_pair.h"

namespace orama::link {
namespace {

using testing::Heard;
using testing::identity;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// What a server's session says of such a client.
Result<void> meet(const std::function<void(SSL_CTX*)>& prepare) {
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  prepare(context.get());
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), &SSL_free);
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  const std::string protocols = "\x0corama-link/1";
  SSL_set_alpn_protos(client.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned int>(protocols.size()));
  SSL_set_connect_state(client.get());
  Heard heard;
  Session server(Side::server, identity('s'), heard);
  heard.session = &server;
  Result<void> served;
  for (int turn = 0; turn < 5 && served.ok(); ++turn) {
    SSL_do_handshake(client.get());
    std::string bytes(BIO_ctrl_pending(SSL_get_wbio(client.get())), '\0');
    BIO_read(SSL_get_wbio(client.get()), bytes.data(), static_cast<int>(bytes.size()));
    served = server.receive(bytes);
    const std::string answer = server.take_output();
    BIO_write(SSL_get_rbio(client.get()), answer.data(), static_cast<int>(answer.size()));
  }
  CHECK(heard.peer_key.empty() == !served.ok());
  return served;
}

// A certificate of the client's own around `key`.
void present(SSL_CTX* context, EVP_PKEY* key, const EVP_MD* digest) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -10);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), -5);  // expired: nobody looks
  X509_set_pubkey(certificate.get(), key);
  REQUIRE(X509_sign(certificate.get(), key, digest) > 0);
  REQUIRE(SSL_CTX_use_certificate(context, certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context, key) == 1);
}

}  // namespace

TEST_CASE("any Ed25519 certificate passes the handshake, whatever its names and dates") {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  CHECK(meet([&](SSL_CTX* context) { present(context, key.get(), nullptr); }).ok());
}

TEST_CASE("a client without a certificate is refused") {
  const auto refused = meet([](SSL_CTX*) {});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::failed);
  CHECK(refused.error().message.find("did not return a certificate") != std::string::npos);
}

TEST_CASE("a certificate around another kind of key is refused") {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto refused = meet([&](SSL_CTX* context) { present(context, key.get(), EVP_sha256()); });
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::failed);
}

TEST_CASE("TLS 1.2 is refused") {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const auto refused = meet([&](SSL_CTX* context) {
    present(context, key.get(), nullptr);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  });
  REQUIRE(!refused.ok());
  CHECK(refused.error().message.find("unsupported protocol") != std::string::npos);
}

}  // namespace orama::link
