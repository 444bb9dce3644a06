#include "gateway/metrics/metrics.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "common/result.h"
#include "gateway/metrics/exposition.h"
#include "gateway/metrics/instruments.h"

namespace orama::gateway::metrics {

namespace {

// Deques: what was given out stays where it is.
template <class Instrument>
using Instruments = std::deque<std::pair<Labels, Instrument>>;

struct Family {
  std::string name, help;
  Kind kind = Kind::gauge;
  std::variant<Metrics::Reader, Instruments<Counter>, Instruments<Histogram>> content;
};

template <class Instrument>
Instrument& find_or_add(Instruments<Instrument>& instruments, const Labels& labels) {
  for (auto& [each, instrument] : instruments) {
    if (each == labels) {
      return instrument;
    }
  }
  return instruments
      .emplace_back(std::piecewise_construct, std::forward_as_tuple(labels),
                    std::forward_as_tuple())
      .second;
}

void write_reader(Exposition& out, const Family& family, const Metrics::Reader& reader) {
  for (const Sample& sample : reader()) {
    out.sample(family.name, sample.labels, sample.value);
  }
}

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::deque<Family> families;

  Family* find(std::string_view name) {
    const auto at = std::find_if(families.begin(), families.end(),
                                 [&](const Family& family) { return family.name == name; });
    return at == families.end() ? nullptr : &*at;
  }

  template <class Instrument>
  Instrument& instrument(std::string_view name, std::string_view help, Kind kind,
                         const Labels& labels) {
    const std::scoped_lock lock(mutex);
    Family* family = find(name);
    if (family == nullptr) {
      family = &families.emplace_back();
      family->name = name;
      family->help = help;
      family->kind = kind;
      family->content.template emplace<Instruments<Instrument>>();
    }
    ORAMA_ASSERT(family->kind == kind);
    return find_or_add(std::get<Instruments<Instrument>>(family->content), labels);
  }

  void reader(std::string_view name, std::string_view help, Kind kind, Reader reader) {
    const std::scoped_lock lock(mutex);
    ORAMA_ASSERT(find(name) == nullptr);
    families.push_back(Family{std::string(name), std::string(help), kind, std::move(reader)});
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return state_->instrument<Counter>(name, help, Kind::counter, labels);
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  return state_->instrument<Histogram>(name, help, Kind::histogram, labels);
}

void Metrics::gauge(std::string_view name, std::string_view help, Reader reader) {
  state_->reader(name, help, Kind::gauge, std::move(reader));
}

void Metrics::read_counter(std::string_view name, std::string_view help, Reader reader) {
  state_->reader(name, help, Kind::counter, std::move(reader));
}

std::string Metrics::render(Format format) const {
  const std::scoped_lock lock(state_->mutex);
  Exposition out(format);
  for (const Family& family : state_->families) {
    out.family(family.name, family.help, family.kind);
    if (const auto* reader = std::get_if<Reader>(&family.content)) {
      write_reader(out, family, *reader);
    } else if (const auto* counters = std::get_if<Instruments<Counter>>(&family.content)) {
      for (const auto& [labels, counter] : *counters) {
        out.sample(family.name, labels, counter.value());
      }
    } else if (const auto* histograms = std::get_if<Instruments<Histogram>>(&family.content)) {
      for (const auto& [labels, histogram] : *histograms) {
        out.histogram(family.name, labels, histogram.snapshot());
      }
    }
  }
  return out.finish();
}

std::string_view content_type(Format format) {
  return format == Format::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace orama::gateway::metrics
