// What a joining host and the cluster say to each other (join.md, Exchange), sealed so that who
// listens or tampers learns nothing and changes nothing. Both halves stand here: the installer asks
// and opens the answer, the gateway opens the request and answers. No input or output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/result.h"

namespace orama::join {

inline constexpr const char* kJoinPath = "/v1/internal/join";
inline constexpr std::size_t kMaxBodyBytes = 16UL * 1024;
inline constexpr std::size_t kMaxAnswerBytes = 1024UL * 1024;  // a /22 of peers

using Answer = std::variant<Grant, Refusal>;

// ---- the joiner's half

struct SealedRequest {
  std::string body;           // the POST's JSON
  std::string hash;           // BLAKE2b-256 of the sealed bytes: the answer must name it
  crypto::KeyPair reply_key;  // opens the answer
};
Result<SealedRequest> seal_request(Request request, const JoinToken& token, crypto::Random& random);

// not_allowed when the body is not an answer of this cluster to this very request.
Result<Answer> open_answer(std::string_view body, const SealedRequest& asked,
                           const JoinToken& token);

// ---- the gateway's half

struct OpenedRequest {
  std::string invite;  // 8 bytes
  std::string hash;    // of the sealed bytes
  Request request;
};
// The envelope alone: whose invitation it is for. invalid_argument names the field.
struct Envelope {
  std::string invite;  // 8 bytes
  std::string sealed;  // bytes
};
Result<Envelope> parse_envelope(const nlohmann::json& body);
// invalid_argument when it is for another key or was changed.
Result<OpenedRequest> open_request(const Envelope& envelope, const crypto::KeyPair& join_key);

// The answer's body.
Result<std::string> seal_answer(const Answer& answer, const OpenedRequest& to,
                                const crypto::KeyPair& join_key, crypto::Random& random);

}  // namespace orama::join
