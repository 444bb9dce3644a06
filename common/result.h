// Errors are values. A function that its caller may expect to fail returns Result<T>: either the
// value or an Error that says what failed, what was found, what was expected and what to type next.
// Exceptions stop in the file that calls the library that throws them.
// std::optional is for absence that is no failure; ORAMA_ASSERT for a broken promise of our own
// code.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace orama {

// The shared language of exit status (cli/exit_code), HTTP status (gateway/http) and metric label.
enum class Errc {
  failed,            // anything that has no better name here
  invalid_argument,  // the caller's input: usage, a field, a file's syntax
  pending,           // changes are pending, or the system is degraded
  not_allowed,       // the caller's position does not permit it
  not_found,
  conflict,          // the present state forbids it
  preflight_failed,  // the host does not meet a requirement
  timeout,           // no answer in time; the outcome may be unknown
  locked,            // somebody else holds the lock
  needs_root,
  unreachable,  // nothing answers; nothing was applied
  quorum_refused,
  interrupted,  // by a signal, at a safe point
  too_large,    // over a stated limit
};

// The stable snake_case name of a code, for logs, --json and metric labels.
std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::failed;
  std::string message;               // one sentence: what failed, what was found, what was expected
  std::string hint;                  // what to do next; "" when there is nothing to say
  std::vector<std::string> context;  // innermost first: "installing caddy", "installing the node"

  // "installing the node: installing caddy: <message>"
  std::string full_message() const;
};

inline Error make_error(Errc code, std::string message, std::string hint = {}) {
  return Error{code, std::move(message), std::move(hint), {}};
}

// Ends the process with a message: for broken promises of our own code, in release builds too.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
#define ORAMA_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::orama::assertion_failed(#expression, __FILE__, __LINE__))
// NOLINTBEGIN(google-explicit-constructor)
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {
  }  // implicit on purpose, so that `return value;` works
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {
  }  // implicit on purpose, so that `return error;` works

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    ORAMA_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    ORAMA_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    ORAMA_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T other) && { return ok() ? std::move(*this).value() : std::move(other); }

  Error& error() & {
    ORAMA_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    ORAMA_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    ORAMA_ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

  // Adds what was being done, in an operator's words, where the meaning changes.
  Result while_doing(std::string what) && {
    if (!ok()) {
      error().context.push_back(std::move(what));
    }
    return std::move(*this);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error)
      : error_(std::move(error)) {}  // implicit on purpose, so that `return error;` works

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { ORAMA_ASSERT(ok()); }

  Error& error() & {
    ORAMA_ASSERT(!ok());
    return *error_;
  }
  const Error& error() const& {
    ORAMA_ASSERT(!ok());
    return *error_;
  }
  Error&& error() && {
    ORAMA_ASSERT(!ok());
    return std::move(*error_);
  }

  Result while_doing(std::string what) && {
    if (!ok()) {
      error_->context.push_back(std::move(what));
    }
    return std::move(*this);
  }

 private:
  std::optional<Error> error_;
};
// NOLINTEND(google-explicit-constructor)
}  // namespace orama

#define ORAMA_JOIN_(a, b) a##b
#define ORAMA_JOIN(a, b) ORAMA_JOIN_(a, b)

// TRY(name, expression): declares `name` as the value of a Result, or returns its error.
#define TRY(name, ...)                                           \
  auto ORAMA_JOIN(try_result_, __LINE__) = (__VA_ARGS__);        \
  if (!ORAMA_JOIN(try_result_, __LINE__).ok()) {                 \
    return std::move(ORAMA_JOIN(try_result_, __LINE__)).error(); \
  }                                                              \
  auto name = std::move(ORAMA_JOIN(try_result_, __LINE__)).value()

// TRY_VOID(expression): the same where only success matters.
#define TRY_VOID(...)                                            \
  if (auto ORAMA_JOIN(try_result_, __LINE__) = (__VA_ARGS__);    \
      !ORAMA_JOIN(try_result_, __LINE__).ok()) {                 \
    return std::move(ORAMA_JOIN(try_result_, __LINE__)).error(); \
  }                                                              \
  static_assert(true)

// The same inside a coroutine; `expression` holds the co_await.
#define CO_TRY(name, ...)                                           \
  auto ORAMA_JOIN(try_result_, __LINE__) = __VA_ARGS__;             \
  if (!ORAMA_JOIN(try_result_, __LINE__).ok()) {                    \
    co_return std::move(ORAMA_JOIN(try_result_, __LINE__)).error(); \
  }                                                                 \
  auto name = std::move(ORAMA_JOIN(try_result_, __LINE__)).value()

#define CO_TRY_VOID(...)                                            \
  auto ORAMA_JOIN(try_result_, __LINE__) = __VA_ARGS__;             \
  if (!ORAMA_JOIN(try_result_, __LINE__).ok()) {                    \
    co_return std::move(ORAMA_JOIN(try_result_, __LINE__)).error(); \
  }                                                                 \
  static_assert(true)
