#include "cli/output.h"

#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "common/result.h"

namespace orama::cli {
namespace {

struct Screen {
  std::ostringstream out, err;
  Output output;
  explicit Screen(Output::Settings settings) : output(out, err, settings) {}
};

constexpr Output::Settings kPipe{};
constexpr Output::Settings kJson{.format = Output::Format::json};
constexpr Output::Settings kTerminal{
    .out = Output::Stream::terminal, .err = Output::Stream::terminal, .colour = true};

}  // namespace

TEST_CASE("a success under --json is one object with the data and nothing else") {
  Screen screen(kJson);
  screen.output.say("for people");
  Report report;
  report.data = {{"answer", 42}};
  report.text = "for people too";
  CHECK(screen.output.finish("status", report) == ExitCode::ok);
  const auto body = nlohmann::json::parse(screen.out.str());
  CHECK(body ==
        nlohmann::json{
            {"version", 1}, {"command", "status"}, {"ok", true}, {"data", {{"answer", 42}}}});
  CHECK(screen.err.str().empty());
}

TEST_CASE(
    "an error under --json is an object on standard output, with the exit status of its code") {
  Screen screen(kJson);
  const Error error{Errc::locked, "another run is under way", "wait for it", {"installing"}};
  CHECK(screen.output.finish("install", error) == ExitCode::locked);
  const auto body = nlohmann::json::parse(screen.out.str());
  CHECK(body["ok"] == false);
  CHECK(body["error"] == nlohmann::json{{"code", "locked"},
                                        {"message", "installing: another run is under way"},
                                        {"hint", "wait for it"}});
  CHECK_FALSE(body.contains("data"));
  CHECK(screen.err.str().empty());
}

TEST_CASE("a report with an error carries its data as details") {
  Screen screen(kJson);
  Report report;
  report.data = {{"preflight", {1, 2}}};
  report.error = make_error(Errc::preflight_failed, "no");
  CHECK(screen.output.finish("install", report) == ExitCode::preflight_failed);
  CHECK(nlohmann::json::parse(screen.out.str())["error"]["details"]["preflight"] ==
        nlohmann::json{1, 2});
}

TEST_CASE("bytes that are no UTF-8 do not break the envelope") {
  Screen screen(kJson);
  Report report;
  report.data = {{"log", "caf\xe9"}};
  screen.output.finish("logs", report);
  CHECK(nlohmann::json::accept(screen.out.str()));
}

TEST_CASE("people get text on standard output and errors with a hint on standard error") {
  Screen good(kPipe);
  Report report;
  report.text = "orama 0.1.0";
  report.exit = ExitCode::pending;
  CHECK(good.output.finish("version", report) == ExitCode::pending);
  CHECK(good.out.str() == "orama 0.1.0\n");
  CHECK(good.err.str().empty());

  Screen bad(kPipe);
  CHECK(bad.output.finish("logs", make_error(Errc::not_found, "no journal", "look elsewhere")) ==
        ExitCode::not_found);
  CHECK(bad.out.str().empty());
  CHECK(bad.err.str() == "orama logs: no journal\nhint: look elsewhere\n");
}

TEST_CASE("colour is for terminals of callers who want it") {
  CHECK(Screen(kTerminal).output.paint(Style::good, "up") == "\x1b[32mup\x1b[0m");
  CHECK(Screen(kPipe).output.paint(Style::good, "up") == "up");
  Output::Settings no_colour = kTerminal;
  no_colour.colour = false;  // NO_COLOR
  CHECK(Screen(no_colour).output.paint(Style::bad, "down") == "down");
  Output::Settings piped_out = kTerminal;
  piped_out.out = Output::Stream::plain;
  CHECK(Screen(piped_out).output.paint(Style::good, "up") == "up");
  CHECK(Screen(piped_out).output.paint_err(Style::good, "up") == "\x1b[32mup\x1b[0m");
}

TEST_CASE("a live line is replaced on a terminal and absent elsewhere") {
  Screen terminal(kTerminal);
  terminal.output.live("working");
  terminal.output.note("done");
  CHECK(terminal.err.str() == "working\r\x1b[Kdone\n");
  Screen pipe(kPipe);
  pipe.output.live("working");
  CHECK(pipe.err.str().empty());
}

TEST_CASE("table columns fit their widest cell, colour and UTF-8 not counted") {
  CHECK(format_table({{"a", "b"}, {"long", "c"}}) == "a     b\nlong  c\n");
  CHECK(format_table({{"\x1b[32mup\x1b[0m", "x"}, {"down", "y"}}) ==
        "\x1b[32mup\x1b[0m    x\ndown  y\n");
  CHECK(format_table({{"é", "x"}, {"ab", "y"}}) == "é   x\nab  y\n");
  CHECK(format_table({{"a", "b", ""}, {"c"}}) == "a  b\nc\n");
  const std::string wide(500, 'w');
  CHECK(format_table({{"a", wide}}) == "a  " + wide + "\n");
}

}  // namespace orama::cli
