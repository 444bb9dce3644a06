// Many hosts that join at the same moment, as a test client: the joiner's half of the exchange and
// of the link, with keys made here and no host behind them. Reads one JSON object from standard
// input and prints one:
//   {"tokens": […], "gateways": [URL, …], "hosts": N, "then": "repeat" | "confirm"}
// Host i redeems token i modulo their number through gateway i modulo theirs; all start together.
// repeat: whoever was granted a place asks again through every gateway. confirm: each confirms over
// the link at once. Times are the steady clock's seconds: Python's time.monotonic().
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/build_info.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/http_client.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/link/client.h"
#include "common/link/identity.h"
#include "common/result.h"

namespace {

using nlohmann::json;
using orama::Result;
namespace crypto = orama::crypto;
namespace join = orama::join;
namespace link = orama::link;

constexpr std::chrono::seconds kPatience{60};
constexpr std::uint16_t kWireguardPort = 51820;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// One host: its keys and its name stay the same over repeated requests.
class JoiningHost {
 public:
  JoiningHost(std::size_t number, crypto::Random& random)
      : name_("h" + std::to_string(number) + "-" + crypto::to_hex(random.bytes(4))),
        wireguard_(crypto::make_x25519(random)),
        identity_(crypto::make_ed25519(random)),
        random_(random) {}

  // {"grant": …} | {"refused": …, "status": …} | {"problem": …}, with "at" and "gateway".
  json redeem(const join::JoinToken& token, const std::string& gateway) {
    json out = ask(token, gateway);
    out["at"] = now();
    out["gateway"] = gateway;
    return out;
  }

  // Over the link of the member that answered, as the installer does it.
  json confirm() const {
    auto identity = link::LinkIdentity::from_seed(identity_.private_key);
    auto key = crypto::from_base64(member_.node_key);
    if (!identity.ok() || !key.ok()) {
      return {{"problem", "a key is not usable"}};
    }
    link::LinkClient::Options options;
    options.address = member_.mesh_ip;
    options.peer_key = *key;
    const link::LinkClient client(std::move(*identity), std::move(options));
    const auto answer =
        client.call("/v1/confirm", {{"version", orama::build_info().version}}, kPatience);
    return answer.ok() ? json{{"status", answer->status}, {"body", answer->body}}
                       : json{{"problem", answer.error().full_message()}};
  }

  json describe() const {
    return {{"name", name_}, {"seed", crypto::to_base64(identity_.private_key.reveal())}};
  }

 private:
  join::Request request() const {
    join::Request request;
    request.wg_public_key = crypto::to_base64(wireguard_.public_key);
    request.node_key = crypto::to_base64(identity_.public_key);
    request.name = name_;
    request.addresses = {"198.51.100.7"};
    request.wg_port = kWireguardPort;
    request.version = orama::build_info().version;
    request.arch = "amd64";
    request.time = orama::format_rfc3339(std::chrono::system_clock::now());
    return request;
  }

  json ask(const join::JoinToken& token, const std::string& gateway) {
    auto sealed = join::seal_request(request(), token, random_);
    if (!sealed.ok()) {
      return {{"problem", sealed.error().full_message()}};
    }
    orama::HttpRequest call;
    call.method = "POST";
    call.url = gateway + join::kJoinPath;
    call.headers = {"Content-Type: application/json"};
    call.body = sealed->body;
    call.timeout = kPatience;
    orama::CurlHttpClient http;
    const auto response = http.send(call);
    if (!response.ok()) {
      return {{"problem", response.error().full_message()}};
    }
    auto answer = join::open_answer(response->body, *sealed, token);
    if (!answer.ok()) {
      return {{"problem", std::to_string(response->status) + " " + response->body}};
    }
    return read(std::move(*answer));
  }

  json read(join::Answer answer) {
    if (const auto* refusal = std::get_if<join::Refusal>(&answer)) {
      return {{"refused", refusal->code}, {"status", refusal->status}};
    }
    auto& grant = std::get<join::Grant>(answer);
    member_ = grant.peers.front();
    return {{"grant",
             {{"id", grant.node_id},
              {"mesh_ip", grant.mesh_ip.to_string()},
              {"name", grant.node_name},
              {"member", member_.id}}}};
  }

  std::string name_;
  crypto::KeyPair wireguard_, identity_;
  join::Peer member_;
  crypto::Random& random_;
};

struct Order {
  std::vector<join::JoinToken> tokens;
  std::vector<std::string> gateways;
  std::size_t hosts = 0;
  bool confirm = false;
};

Result<Order> read_order(const std::string& text) {
  TRY(body, orama::parse_json(text));
  Order order;
  for (const json& token : body.at("tokens")) {
    TRY(parsed, join::JoinToken::parse(token.get<std::string>()));
    order.tokens.push_back(std::move(parsed));
  }
  order.gateways = body.at("gateways").get<std::vector<std::string>>();
  order.hosts = body.at("hosts").get<std::size_t>();
  order.confirm = body.at("then").get<std::string>() == "confirm";
  return order;
}

json run_host(std::size_t number, JoiningHost& host, const Order& order) {
  const join::JoinToken& token = order.tokens[number % order.tokens.size()];
  json out = host.describe();
  out.update(host.redeem(token, order.gateways[number % order.gateways.size()]));
  if (out.contains("grant") && order.confirm) {
    out["confirmed"] = host.confirm();
  } else if (out.contains("grant")) {
    for (const std::string& gateway : order.gateways) {
      out["repeats"].push_back(host.redeem(token, gateway));
    }
  }
  return out;
}

json run(const Order& order) {
  crypto::SystemRandom random;
  std::vector<JoiningHost> hosts;
  hosts.reserve(order.hosts);
  for (std::size_t i = 0; i < order.hosts; ++i) {
    hosts.emplace_back(i, random);
  }
  std::vector<json> answers(order.hosts);
  std::barrier start(static_cast<std::ptrdiff_t>(order.hosts));
  std::vector<std::jthread> threads;
  threads.reserve(order.hosts);
  for (std::size_t i = 0; i < order.hosts; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      answers[i] = run_host(i, hosts[i], order);
    });
  }
  threads.clear();  // joins
  return json{{"hosts", std::move(answers)}};
}

}  // namespace

int main() {
  try {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const auto order = read_order(text);
    if (!order.ok()) {
      std::cerr << order.error().full_message() << '\n';
      return 2;
    }
    std::cout << run(*order).dump() << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
