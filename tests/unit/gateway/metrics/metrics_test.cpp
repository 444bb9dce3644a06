#include "gateway/metrics/metrics.h"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/metrics/backend_metrics.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/metrics/instruments.h"
#include "gateway/metrics/process_metrics.h"

namespace orama::gateway::metrics {

namespace {

using namespace std::chrono_literals;

// The value behind `line_start `, or NaN.
double value_of(const std::string& text, std::string_view line_start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.substr(0, line_start.size()) == line_start && line[line_start.size()] == ' ') {
      return std::stod(line.substr(line_start.size() + 1));
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

TEST_CASE("Prometheus text, byte for byte") {
  Metrics metrics;
  metrics.counter("orama_things_total", "Things, \"quoted\"\\.", {{"kind", "a\"\\\n"}}).add(3);
  metrics.gauge("orama_level", "Level.", [] {
    return std::vector<Sample>{{{}, 1.5},
                               {{{"node", "n1"}}, std::numeric_limits<double>::infinity()}};
  });
  CHECK(metrics.render(Format::prometheus) ==
        "# HELP orama_things_total Things, \"quoted\"\\\\.\n"
        "# TYPE orama_things_total counter\n"
        "orama_things_total{kind=\"a\\\"\\\\\\n\"} 3\n"
        "# HELP orama_level Level.\n"
        "# TYPE orama_level gauge\n"
        "orama_level 1.5\n"
        "orama_level{node=\"n1\"} +Inf\n");
}

TEST_CASE("OpenMetrics text, byte for byte") {
  Metrics metrics;
  metrics.counter("orama_things_total", "A \"thing\".", {}).add();
  CHECK(metrics.render(Format::open_metrics) ==
        "# HELP orama_things A \\\"thing\\\".\n"
        "# TYPE orama_things counter\n"
        "orama_things_total 1\n"
        "# EOF\n");
}

TEST_CASE("histograms: cumulative, a bound belongs to its bucket") {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("h", "H.", {{"operation", "x"}});
  histogram.observe(500us);
  histogram.observe(500us + 1ns);
  histogram.observe(1s);
  histogram.observe(61s);
  const std::string text = metrics.render(Format::prometheus);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="0.0005"})") == 1);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="0.001"})") == 2);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="0.5"})") == 2);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="1"})") == 3);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="60"})") == 3);
  CHECK(value_of(text, R"(h_bucket{operation="x",le="+Inf"})") == 4);
  CHECK(value_of(text, R"(h_count{operation="x"})") == 4);
  CHECK(value_of(text, R"(h_sum{operation="x"})") == doctest::Approx(62.001));
  // OpenMetrics writes bounds as floats
  CHECK(value_of(metrics.render(Format::open_metrics), R"(h_bucket{operation="x",le="1.0"})") == 3);
}

TEST_CASE("the same name and labels are the same instrument") {
  Metrics metrics;
  Counter& first = metrics.counter("c_total", "C.", {{"a", "1"}});
  Counter& other = metrics.counter("c_total", "C.", {{"a", "2"}});
  CHECK(&first == &metrics.counter("c_total", "C.", {{"a", "1"}}));
  CHECK(&first != &other);
}

TEST_CASE("threads count without losing any, while somebody reads") {
  Metrics metrics;
  HttpMetrics http(metrics, {"op"});
  constexpr int kThreads = 4;
  constexpr int kCounts = 5000;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      HttpMetrics::Outcome outcome;
      outcome.operation = http.operation_index("op");
      outcome.method = "GET";
      outcome.status = 200;
      outcome.duration = 1ms;
      for (int k = 0; k < kCounts; ++k) {
        http.begin();
        http.end(outcome);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(metrics.render(Format::prometheus).empty());
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::string text = metrics.render(Format::prometheus);
  CHECK(value_of(text, R"(orama_http_requests_total{operation="op",method="GET",status="200"})") ==
        kThreads * kCounts);
  CHECK(value_of(text, R"(orama_http_request_duration_seconds_count{operation="op"})") ==
        kThreads * kCounts);
}

TEST_CASE("backend and build and process metrics") {
  Metrics metrics;
  BackendMetrics backend(metrics, "registry");
  backend.observe(BackendMetrics::Result::ok, 1ms);
  backend.observe(BackendMetrics::Result::timeout, 2s);
  add_build_info(metrics, "1.2.3", "abc");
  add_process_metrics(metrics);
  const std::string text = metrics.render(Format::prometheus);
  CHECK(value_of(text, R"(orama_backend_requests_total{backend="registry",result="ok"})") == 1);
  CHECK(value_of(text, R"(orama_backend_requests_total{backend="registry",result="error"})") == 0);
  CHECK(value_of(text, R"(orama_backend_requests_total{backend="registry",result="timeout"})") ==
        1);
  CHECK(value_of(text, R"(orama_backend_request_duration_seconds_count{backend="registry"})") == 2);
  CHECK(value_of(text, R"(orama_build_info{version="1.2.3",commit="abc"})") == 1);
  CHECK(value_of(text, "process_cpu_seconds_total") > 0);
  CHECK(value_of(text, "process_resident_memory_bytes") > 100'000);
  CHECK(value_of(text, "process_open_fds") >= 3);
  CHECK(value_of(text, "process_max_fds") >= 64);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(value_of(text, "process_start_time_seconds") == doctest::Approx(now).epsilon(0.001));
  CHECK(value_of(text, "process_start_time_seconds") < now + 5);
}

}  // namespace orama::gateway::metrics
