#include "installers/receipt.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {
namespace {

using nlohmann::json;

json to_json(const ReceiptEntry& entry) {
  json result = {{"step", entry.step},
                 {"kind", entry.kind},
                 {"target", entry.target},
                 {"state", entry.state == ReceiptEntry::State::done ? "done" : "intended"},
                 {"prior", entry.prior},
                 {"wanted", entry.wanted},
                 {"at", entry.at}};
  if (!entry.earlier.empty()) {
    result["earlier"] = entry.earlier;
  }
  return result;
}

// Throws json::exception on a shape that is not a receipt's.
ReceiptEntry entry_from(const json& source) {
  ReceiptEntry entry;
  entry.step = source.at("step").get<std::string>();
  entry.kind = source.at("kind").get<std::string>();
  entry.target = source.at("target").get<std::string>();
  entry.state = source.at("state").get<std::string>() == "done" ? ReceiptEntry::State::done
                                                                : ReceiptEntry::State::intended;
  entry.prior = source.at("prior");
  entry.wanted = source.at("wanted");
  entry.at = source.at("at").get<std::string>();
  entry.earlier = source.value("earlier", std::vector<json>());
  return entry;
}

const char* name_of(Receipt::Outcome outcome) {
  switch (outcome) {
    case Receipt::Outcome::none:
      return "none";
    case Receipt::Outcome::running:
      return "running";
    case Receipt::Outcome::failed:
      return "failed";
    case Receipt::Outcome::done:
      return "done";
  }
  return "none";
}

Receipt::Outcome outcome_from(const std::string& name) {
  for (const auto outcome :
       {Receipt::Outcome::running, Receipt::Outcome::failed, Receipt::Outcome::done}) {
    if (name == name_of(outcome)) {
      return outcome;
    }
  }
  return Receipt::Outcome::none;
}

Receipt receipt_from(const json& source) {
  Receipt receipt;
  receipt.orama_version = source.at("orama_version").get<std::string>();
  receipt.spec = source.at("spec");
  for (const json& entry : source.at("entries")) {
    receipt.entries.push_back(entry_from(entry));
  }
  receipt.stale_units = source.at("stale_units").get<std::set<std::string>>();
  receipt.log_file = source.at("log_file").get<std::string>();
  receipt.outcome = outcome_from(source.at("outcome").get<std::string>());
  receipt.failure = source.at("failure").get<std::string>();
  return receipt;
}

}  // namespace

const ReceiptEntry* Receipt::find(const std::string& kind, const std::string& target) const {
  for (const ReceiptEntry& entry : entries) {
    if (entry.kind == kind && entry.target == target) {
      return &entry;
    }
  }
  return nullptr;
}

ReceiptEntry* Receipt::find(const std::string& kind, const std::string& target) {
  return const_cast<ReceiptEntry*>(std::as_const(*this).find(kind, target));
}

std::vector<json> Receipt::recorded(const std::string& kind, const std::string& target) const {
  std::vector<json> values;
  if (const ReceiptEntry* entry = find(kind, target)) {
    values.push_back(entry->wanted);
    values.insert(values.end(), entry->earlier.begin(), entry->earlier.end());
  }
  return values;
}

Result<Receipt> Receipt::parse(const std::string& text, const std::string& path) {
  try {
    const json source = json::parse(text);
    const int version = source.at("version").get<int>();
    if (version != kReceiptVersion) {
      return make_error(
          Errc::conflict,
          "the receipt " + path + " has version " + std::to_string(version) +
              "; this orama reads version " + std::to_string(kReceiptVersion),
          "Use the orama that wrote it: " + source.value("orama_version", "unknown") + ".");
    }
    return receipt_from(source);
  } catch (const json::exception& error) {
    return make_error(
        Errc::failed, "the receipt " + path + " cannot be read: " + error.what(),
        "It is left as it is. Restore it from a backup; or move it away, and what orama did "
        "before is no longer reverted by an uninstall.");
  }
}

Result<std::optional<Receipt>> Receipt::load(Files& files, const std::string& path) {
  auto text = files.read(path);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? Result<std::optional<Receipt>>(std::nullopt)
                                                : std::move(text).error();
  }
  TRY(receipt, parse(*text, path));
  return std::optional<Receipt>(std::move(receipt));
}

Result<void> Receipt::save(Files& files, const std::string& path) const {
  json list = json::array();
  for (const ReceiptEntry& entry : entries) {
    list.push_back(to_json(entry));
  }
  const json whole = {{"version", kReceiptVersion},
                      {"orama_version", orama_version},
                      {"spec", spec},
                      {"entries", std::move(list)},
                      {"stale_units", stale_units},
                      {"log_file", log_file},
                      {"outcome", name_of(outcome)},
                      {"failure", failure}};
  // Bytes that are no UTF-8 (a program's words in `failure`) must not stop a receipt from being
  // written.
  const std::string text = whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  return files.write(path, text, FileOwnership{0600, "root", "root"})
      .while_doing("writing the receipt");
}

}  // namespace orama::installers
