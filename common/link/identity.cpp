#include "common/link/identity.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "common/crypto/secret.h"
#include "common/link/tls_channel.h"
#include "common/result.h"

namespace orama::link {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// A certificate of this kind has about 300 bytes; whoever sends more is no node.
constexpr long kMaxCertificateBytes = 4096;
constexpr long kX509Version3 = 2;

Error openssl_failed(const char* what) {
  ERR_clear_error();
  return make_error(Errc::failed, std::string("making the link identity: OpenSSL refused ") + what);
}

Result<Certificate> make_certificate(EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  ORAMA_ASSERT(certificate != nullptr);  // out of memory
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* const text = reinterpret_cast<const unsigned char*>("orama-link");
  // Dates are never read; these are the widest that the format has (RFC 5280, 4.1.2.5).
  const bool made =
      X509_set_version(certificate.get(), kX509Version3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "19700101000000Z") == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), name) == 1 &&
      X509_set_pubkey(certificate.get(), key) == 1 &&
      X509_sign(certificate.get(), key, nullptr) > 0;
  if (!made) {
    return openssl_failed("the certificate");
  }
  return certificate;
}

// In place of OpenSSL's chain building. The handshake itself proves that the peer holds the key.
int accept_ed25519(X509_STORE_CTX* store, void* /*unused*/) {
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const SSL_METHOD* method, EVP_PKEY* key,
                                              X509* certificate) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), &SSL_CTX_free);
  ORAMA_ASSERT(context != nullptr);  // out of memory
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kMaxCertificateBytes);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), &accept_ed25519, nullptr);
  const bool made = SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_num_tickets(context.get(), 0) == 1 &&
                    SSL_CTX_set1_sigalgs_list(context.get(), "ed25519") == 1 &&
                    SSL_CTX_use_certificate(context.get(), certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context.get(), key) == 1;
  if (!made) {
    return openssl_failed("the TLS settings");
  }
  return context;
}

}  // namespace

LinkIdentity::LinkIdentity(std::string public_key, Context client, Context server)
    : public_key_(std::move(public_key)), client_(std::move(client)), server_(std::move(server)) {}

Result<LinkIdentity> LinkIdentity::from_seed(const crypto::Secret& seed) {
  const std::string& bytes = seed.reveal();
  if (bytes.size() != kNodeKeyBytes) {
    return make_error(Errc::invalid_argument, "making the link identity: found a seed of " +
                                                  std::to_string(bytes.size()) +
                                                  " bytes, expected 32");
  }
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                             reinterpret_cast<const unsigned char*>(bytes.data()),
                                             bytes.size()),
                &EVP_PKEY_free);
  std::string public_key(kNodeKeyBytes, '\0');
  std::size_t length = public_key.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()),
                                  &length) != 1) {
    return openssl_failed("the key");
  }
  TRY(certificate, make_certificate(key.get()));
  TRY(client, make_context(TLS_client_method(), key.get(), certificate.get()));
  TRY(server, make_context(TLS_server_method(), key.get(), certificate.get()));
  SSL_CTX_set_alpn_select_cb(server.get(), &TlsChannel::select_protocol, nullptr);
  return LinkIdentity(std::move(public_key), std::move(client), std::move(server));
}

}  // namespace orama::link
