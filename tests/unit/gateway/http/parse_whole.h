// Runs bytes through the connection's parser in the pieces that a test chooses, as a connection
// does, and says what came out in a form that can be compared.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request_head.h"
#include "gateway/http/request_parser.h"

namespace orama::gateway::http::testing {

struct Parsed {
  std::string outcome;  // "complete", "more", or the error's code
  std::string method, path, query, body;
  std::vector<std::string> fields;  // "name=value"
  std::size_t used = 0;             // bytes of the message
  bool keep_alive = false;
  bool operator==(const Parsed&) const = default;
};

// `cuts` are positions in `bytes`, ascending, at which reads end.
inline Parsed parse_in_pieces(std::string_view bytes, const std::vector<std::size_t>& cuts,
                              std::size_t body_limit = 1024) {
  Parsed result;
  RequestParser parser;
  RequestHead head;
  parser.reset();
  std::size_t used = 0;
  std::size_t arrived = 0;
  auto run = [&] {
    while (true) {
      const std::size_t taken = parser.advance(bytes.substr(used, arrived - used), head);
      used += taken;
      if (parser.state() == RequestParser::State::head_complete) {
        for (const Header& field : head.headers) {
          result.fields.push_back(std::string(field.name) + "=" + std::string(field.value));
        }
        parser.begin_body(head, body_limit, RequestParser::Keep::all);
      } else if (taken == 0) {
        return;
      }
    }
  };
  std::vector<std::size_t> ends = cuts;
  ends.push_back(bytes.size());
  for (const std::size_t end : ends) {
    arrived = end;
    run();
    if (parser.state() == RequestParser::State::complete ||
        parser.state() == RequestParser::State::failed) {
      break;
    }
  }
  if (parser.state() == RequestParser::State::failed) {
    result = Parsed();
    result.outcome = wire_name(parser.error().code);
    return result;
  }
  result.outcome = parser.state() == RequestParser::State::complete ? "complete" : "more";
  if (result.outcome == "more") {
    result = Parsed();
    result.outcome = "more";
    return result;
  }
  result.method = to_string(head.method);
  result.path = head.path;
  result.query = head.query;
  result.body = parser.body();
  result.used = used;
  result.keep_alive = head.keep_alive;
  return result;
}

inline Parsed parse_whole(std::string_view bytes, std::size_t body_limit = 1024) {
  return parse_in_pieces(bytes, {}, body_limit);
}

inline std::vector<std::size_t> every_byte(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < size; ++i) {
    cuts.push_back(i);
  }
  return cuts;
}

}  // namespace orama::gateway::http::testing
