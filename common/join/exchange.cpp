#include "common/join/exchange.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/result.h"

namespace orama::join {
namespace {

using api::Fields;
using nlohmann::json;

constexpr std::size_t kInviteBytes = 8, kShort = 64;

Error forged(const std::string& why) {
  return make_error(
      Errc::not_allowed,
      "the answer is not this cluster's answer to this request (" + why + "); it is not believed",
      "somebody between here and the cluster may answer in its place");
}

}  // namespace

Result<SealedRequest> seal_request(Request request, const JoinToken& token,
                                   crypto::Random& random) {
  SealedRequest out;
  out.reply_key = crypto::make_x25519(random);
  request.secret = token.secret;
  request.reply_key = out.reply_key.public_key;
  const crypto::Secret plain(request.to_json().dump());
  TRY(sealed, crypto::seal_to(token.join_key, plain.reveal()));
  out.hash = crypto::blake2b_256(sealed);
  out.body =
      json{{"invite", crypto::to_base64url(token.invite)}, {"sealed", crypto::to_base64(sealed)}}
          .dump();
  return out;
}

Result<Answer> open_answer(std::string_view body, const SealedRequest& asked,
                           const JoinToken& token) {
  auto outer = parse_json(body);
  if (!outer.ok()) {
    return forged("no JSON");
  }
  auto text = Fields(*outer).text("sealed", kMaxAnswerBytes);
  auto box = text.ok() ? crypto::from_base64(*text) : Result<std::string>(text.error());
  if (!box.ok()) {
    return forged("nothing sealed in it");
  }
  auto plain = crypto::open_box(token.join_key, asked.reply_key.private_key, *box);
  if (!plain.ok()) {
    return forged("it does not open with this request's key");
  }
  TRY(inner, parse_json(*plain));
  const Fields fields(inner);
  auto hash_text = fields.text("request_hash", kShort);
  auto hash = hash_text.ok() ? crypto::from_base64(*hash_text) : std::move(hash_text);
  if (!hash.ok() || !crypto::constant_time_equal(*hash, asked.hash)) {
    return forged("it answers another request");
  }
  if (fields.has("error")) {
    TRY(refusal, Refusal::from_json(inner));
    return Answer(std::move(refusal));
  }
  TRY(grant, Grant::from_json(inner));
  return Answer(std::move(grant));
}

Result<Envelope> parse_envelope(const json& body) {
  const Fields fields(body);
  TRY(id, fields.text("invite", kShort));
  auto invite = crypto::from_base64url(id);
  if (!invite.ok() || invite->size() != kInviteBytes) {
    return fields.wrong("invite", "8 bytes in base64url");
  }
  TRY(text, fields.text("sealed", kMaxBodyBytes));
  auto sealed = crypto::from_base64(text);
  if (!sealed.ok()) {
    return fields.wrong("sealed", "base64");
  }
  return Envelope{std::move(*invite), std::move(*sealed)};
}

Result<OpenedRequest> open_request(const Envelope& envelope, const crypto::KeyPair& join_key) {
  auto plain = crypto::open_sealed(join_key, envelope.sealed);
  if (!plain.ok()) {
    return api::field_error("sealed", "it does not open with this cluster's join key");
  }
  const crypto::Secret text(std::move(plain).value());
  TRY(body, parse_json(text.reveal()));
  TRY(request, Request::from_json(body));
  OpenedRequest opened;
  opened.invite = envelope.invite;
  opened.hash = crypto::blake2b_256(envelope.sealed);
  opened.request = std::move(request);
  return opened;
}

Result<std::string> seal_answer(const Answer& answer, const OpenedRequest& to,
                                const crypto::KeyPair& join_key, crypto::Random& random) {
  json inner = std::visit([](const auto& message) { return message.to_json(); }, answer);
  inner["request_hash"] = crypto::to_base64(to.hash);
  TRY(box, crypto::box_to(to.request.reply_key, join_key.private_key, random, inner.dump()));
  return json{{"sealed", crypto::to_base64(box)}}.dump();
}

}  // namespace orama::join
