#include "gateway/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/metrics/instruments.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

namespace {

constexpr std::string_view kTotal = "_total";

std::string_view type_name(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      return "histogram";
  }
  return "unknown";
}

std::string number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(failure);  // the shortest form of any double fits
  return {digits.data(), end};
}

// Without an exponent, as everybody writes bounds. OpenMetrics wants "1.0" where Prometheus has
// "1".
std::string bound_text(double bound, Format format) {
  std::array<char, 32> digits{};
  const auto [end, failure] =
      std::to_chars(digits.data(), digits.data() + digits.size(), bound, std::chars_format::fixed);
  static_cast<void>(failure);  // the bounds are few and short
  std::string text(digits.data(), end);
  if (format == Format::open_metrics && text.find('.') == std::string::npos) {
    text += ".0";
  }
  return text;
}

enum class Quotes : std::uint8_t { escaped, plain };

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes == Quotes::escaped) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out += out.back() == '{' ? "" : ",";
  out.append(name).append("=\"");
  append_escaped(out, value, Quotes::escaped);
  out += '"';
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view help, Kind kind) {
  // OpenMetrics names a counter's family without the suffix that its sample has.
  if (format_ == Format::open_metrics && kind == Kind::counter && name.size() > kTotal.size() &&
      name.substr(name.size() - kTotal.size()) == kTotal) {
    name.remove_suffix(kTotal.size());
  }
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help, format_ == Format::open_metrics ? Quotes::escaped : Quotes::plain);
  text_.append("\n# TYPE ").append(name).append(" ").append(type_name(kind)).append("\n");
}

void Exposition::begin_line(std::string_view name, std::string_view suffix, const Labels& labels,
                            std::string_view le) {
  text_.append(name).append(suffix);
  if (labels.empty() && le.empty()) {
    text_ += ' ';
    return;
  }
  text_ += '{';
  for (const auto& [label, value] : labels) {
    append_label(text_, label, value);
  }
  if (!le.empty()) {
    append_label(text_, "le", le);
  }
  text_ += "} ";
}

void Exposition::sample(std::string_view name, const Labels& labels, double value) {
  begin_line(name, "", labels, "");
  text_.append(number(value)).append("\n");
}

void Exposition::sample(std::string_view name, const Labels& labels, std::uint64_t value) {
  begin_line(name, "", labels, "");
  text_.append(std::to_string(value)).append("\n");
}

void Exposition::histogram(std::string_view name, const Labels& labels,
                           const Histogram::Snapshot& snapshot) {
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
    cumulative += snapshot.counts[i];
    const bool last = i == Histogram::kBounds.size();
    begin_line(name, "_bucket", labels, last ? "+Inf" : bound_text(Histogram::kBounds[i], format_));
    text_.append(std::to_string(cumulative)).append("\n");
  }
  begin_line(name, "_sum", labels, "");
  text_.append(number(snapshot.sum)).append("\n");
  begin_line(name, "_count", labels, "");
  text_.append(std::to_string(cumulative)).append("\n");
}

std::string Exposition::finish() {
  if (format_ == Format::open_metrics) {
    text_ += "# EOF\n";
  }
  return std::move(text_);
}

}  // namespace orama::gateway::metrics
