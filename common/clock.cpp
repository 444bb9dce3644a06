#include "common/clock.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "common/result.h"

namespace orama {

namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1000},
                                      {"µs", 1000},  // U+00B5
                                      {"μs", 1000},  // U+03BC, the other micro sign
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) {
    ++count;
  }
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<std::int64_t> to_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return number;
}

// 0.<digits> of `unit`, cut to whole nanoseconds. Digits past the 18th are below one nanosecond of
// an hour.
std::int64_t fraction_of(std::string_view digits, std::int64_t unit) {
  std::int64_t value = 0;
  __extension__ using Wide = __int128;
  Wide scale = 1;
  Wide sum = 0;
  for (const char c : digits.substr(0, 18)) {
    scale *= 10;
    sum = sum * 10 + (c - '0');
  }
  value = static_cast<std::int64_t>(sum * unit / scale);
  return value;
}

// The longest unit that `text` starts with ("ms" before "m"), taken off.
std::optional<std::int64_t> take_unit(std::string_view& text) {
  const Unit* best = nullptr;
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name) && (best == nullptr || unit.name.size() > best->name.size())) {
      best = &unit;
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  text.remove_prefix(best->name.size());
  return best->nanoseconds;
}

// One "<number><unit>" off the front, in nanoseconds.
std::optional<std::int64_t> take_term(std::string_view& text) {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) {
    return std::nullopt;
  }
  const auto number = whole.empty() ? 0 : to_number(whole);
  const auto unit = take_unit(text);
  std::int64_t product = 0;
  if (!number || !unit || __builtin_mul_overflow(*number, *unit, &product) ||
      __builtin_add_overflow(product, fraction_of(fraction, *unit), &product)) {
    return std::nullopt;
  }
  return product;
}

Error bad_duration(std::string_view text) {
  return make_error(
      Errc::invalid_argument,
      "found \"" + std::string(text) + "\", expected a duration such as 1h30m, 5s or 250ms");
}

Error bad_time(std::string_view text) {
  return make_error(
      Errc::invalid_argument,
      "found \"" + std::string(text) + "\", expected a UTC time such as 2026-11-24T17:13:32.041Z");
}

// "0.4", "12": the number with its fraction, without trailing zeros.
std::string decimal(std::int64_t value, std::int64_t unit) {
  std::string text = std::to_string(value / unit);
  std::int64_t rest = value % unit;
  if (rest == 0) {
    return text;
  }
  text += '.';
  while (rest != 0) {
    unit /= 10;
    text += static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
  return text;
}

}  // namespace

void SystemClock::sleep_for(std::chrono::milliseconds duration) {
  std::this_thread::sleep_for(duration);
}

std::string format_rfc3339(WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(ms - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  // The shape first: "0000-00-00T00:00:00", then ".fraction" perhaps, then "Z".
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() < kShape.size() + 1 || text.size() > kShape.size() + 11) {
    return bad_time(text);
  }
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !is_digit(text[i]) : text[i] != kShape[i]) {
      return bad_time(text);
    }
  }
  std::string_view rest = text.substr(kShape.size());
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
    if (fraction.empty() || fraction.size() > 9) {
      return bad_time(text);
    }
  }
  const auto number = [&](std::size_t at, std::size_t count) {
    return static_cast<int>(to_number(text.substr(at, count)).value_or(0));
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int year = static_cast<int>(date.year());
  if (rest != "Z" || !date.ok() || year < 1970 || year > 2261 || number(11, 2) > 23 ||
      number(14, 2) > 59 || number(17, 2) > 59) {
    return bad_time(text);
  }
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(number(11, 2)) +
         std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2)) +
         nanoseconds(fraction_of(fraction, 1'000'000'000));
}

std::string format_duration(nanoseconds duration) {
  std::int64_t count = duration.count();
  if (count == 0) {
    return "0s";
  }
  if (count == std::numeric_limits<std::int64_t>::min()) {
    return "-2562047h47m16.854775808s";  // has no positive counterpart; the text that Go prints
  }
  const std::string sign = count < 0 ? "-" : "";
  count = count < 0 ? -count : count;
  if (count < 1000) {
    return sign + std::to_string(count) + "ns";
  }
  if (count < 1'000'000) {
    return sign + decimal(count, 1000) + "µs";
  }
  if (count < 1'000'000'000) {
    return sign + decimal(count, 1'000'000) + "ms";
  }
  const std::int64_t hours = count / 3'600'000'000'000;
  const std::int64_t minutes = count / 60'000'000'000 % 60;
  std::string text = sign;
  if (hours > 0) {
    text += std::to_string(hours) + "h";
  }
  if (hours > 0 || minutes > 0) {
    text += std::to_string(minutes) + "m";
  }
  return text + decimal(count % 60'000'000'000, 1'000'000'000) + "s";
}

Result<nanoseconds> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  if (rest == "0") {
    return nanoseconds(0);
  }
  if (rest.empty()) {
    return bad_duration(text);
  }
  std::int64_t sum = 0;
  while (!rest.empty()) {
    const auto term = take_term(rest);
    if (!term || __builtin_add_overflow(sum, *term, &sum)) {
      return bad_duration(text);
    }
  }
  return nanoseconds(negative ? -sum : sum);
}

std::int64_t to_unix_ms(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

WallTime from_unix_ms(std::int64_t ms) {
  return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace orama
