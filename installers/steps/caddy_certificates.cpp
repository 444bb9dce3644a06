#include "installers/steps/caddy_certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cctype>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {
namespace {

constexpr const char* kStorage = "/var/lib/caddy/.local/share/caddy/certificates/";
constexpr const char* kInternalFolder = "local";
constexpr const char* kDefaultDirectory = "https://acme-v02.api.letsencrypt.org/directory";
constexpr int kRenewalShare = 3;  // Caddy renews when a third of the lifetime is left

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::optional<WallTime> time_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) {
    return std::nullopt;
  }
  namespace ch = std::chrono;
  const ch::year_month_day date(ch::year(fields.tm_year + 1900),
                                ch::month(static_cast<unsigned>(fields.tm_mon) + 1),
                                ch::day(static_cast<unsigned>(fields.tm_mday)));
  return WallTime(ch::sys_days(date) + ch::hours(fields.tm_hour) + ch::minutes(fields.tm_min) +
                  ch::seconds(fields.tm_sec));
}

std::string name_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, BioFree> out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// Without ".crt", ".key" or ".json".
std::string stored_path(const std::string& folder, const std::string& domain) {
  return kStorage + folder + "/" + domain + "/" + domain;
}

// Nothing when there is none there; a file that is no certificate is an error.
Result<std::optional<Certificate>> stored(Host& host, const std::string& folder,
                                          const std::string& domain) {
  const std::string path = stored_path(folder, domain) + ".crt";
  const Result<std::string> pem = host.files.read(path);
  if (!pem.ok()) {
    return pem.error().code == Errc::not_found
               ? Result<std::optional<Certificate>>(std::optional<Certificate>())
               : Result<std::optional<Certificate>>(pem.error());
  }
  TRY(certificate, parse_certificate(pem.value()).while_doing("reading " + path));
  const WallTime now = host.clock.wall_now();
  if (now < certificate.not_before || certificate.not_after <= now) {
    return std::optional<Certificate>();
  }
  return std::optional<Certificate>(certificate);
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view pem) {
  const std::unique_ptr<BIO, BioFree> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, X509Free> x509(
      in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  if (x509 == nullptr) {
    return make_error(Errc::failed, "found no certificate in PEM form, expected BEGIN CERTIFICATE");
  }
  const auto not_before = time_of(X509_get0_notBefore(x509.get()));
  const auto not_after = time_of(X509_get0_notAfter(x509.get()));
  if (!not_before || !not_after) {
    return make_error(Errc::failed, "found a certificate whose dates are no dates");
  }
  return Certificate{name_of(X509_get_issuer_name(x509.get())), *not_before, *not_after};
}

std::string caddy_issuer_folder(std::string_view acme_directory) {
  const std::size_t scheme = acme_directory.find("://");
  std::string_view rest =
      scheme == std::string_view::npos ? acme_directory : acme_directory.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  while (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  std::string folder;
  for (const char c : rest) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '\\' || c == ':') {
      folder += '-';
    } else if (std::isalnum(byte) != 0 || c == '_' || c == '@' || c == '.' || c == '-') {
      folder += static_cast<char>(std::tolower(byte));
    }
  }
  for (std::size_t at = 0; (at = folder.find("..", at)) != std::string::npos;) {
    folder.erase(at, 2);
  }
  return folder;
}

Result<std::optional<Certificate>> public_certificate(Host& host, const NodeSpec& spec) {
  if (spec.tls == TlsMode::internal) {
    return std::optional<Certificate>();
  }
  const std::string directory = spec.acme_ca.empty() ? kDefaultDirectory : spec.acme_ca;
  return stored(host, caddy_issuer_folder(directory), spec.domain);
}

Result<CaddyIssuers> wanted_issuers(Host& host, const NodeSpec& spec) {
  if (spec.tls == TlsMode::internal) {
    return CaddyIssuers::internal;
  }
  TRY(certificate, public_certificate(host, spec));
  return certificate ? CaddyIssuers::acme : CaddyIssuers::both;
}

Result<void> drop_long_stand_in(Host& host, const std::string& domain) {
  constexpr auto kMostStandIn = std::chrono::hours(1);
  TRY(certificate, stored(host, kInternalFolder, domain));
  if (!certificate || certificate->not_after - certificate->not_before <= kMostStandIn) {
    return {};
  }
  for (const char* ending : {".crt", ".key", ".json"}) {
    TRY_VOID(host.files.remove_file(stored_path(kInternalFolder, domain) + ending));
  }
  return {};
}

Result<CertificateState> certificate_state(Host& host, const NodeSpec& spec) {
  CertificateState state;
  TRY(of_authority, public_certificate(host, spec));
  TRY(of_caddy, stored(host, kInternalFolder, spec.domain));
  const std::optional<Certificate>& serving = of_authority ? of_authority : of_caddy;
  if (!serving) {
    return state;
  }
  state.serving =
      of_authority ? CertificateState::Serving::acme : CertificateState::Serving::internal;
  state.issuer = serving->issuer;
  state.not_before = serving->not_before;
  state.not_after = serving->not_after;
  state.next_try = serving->not_after - (serving->not_after - serving->not_before) / kRenewalShare;
  return state;
}

}  // namespace orama::installers
