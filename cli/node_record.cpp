#include "cli/node_record.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/receipt.h"

namespace orama::cli {

using installers::NodeSpec;
namespace paths = installers::paths;

Result<std::optional<api::NodeFile>> read_node_file(installers::Files& files) {
  Result<std::string> text = files.read(paths::kNodeJson);
  if (!text.ok()) {
    if (text.error().code == Errc::not_found) {
      return std::optional<api::NodeFile>();
    }
    return std::move(text).error();
  }
  Result<api::NodeFile> node = api::NodeFile::from_text(*text);
  if (!node.ok()) {
    return std::move(node).while_doing(std::string("reading ") + paths::kNodeJson).error();
  }
  return std::optional<api::NodeFile>(std::move(node).value());
}

Result<NodeRecord> read_node_record(installers::Files& files) {
  NodeRecord record;
  TRY(receipt, installers::Receipt::load(files));
  record.receipt = std::move(receipt);
  TRY(node, read_node_file(files));
  record.node = std::move(node);
  return record;
}

Result<std::optional<NodeSpec>> NodeRecord::spec() const {
  if (receipt && receipt->spec.is_object() && !receipt->spec.empty()) {
    TRY(spec, NodeSpec::from_json(receipt->spec)
                  .while_doing(std::string("reading ") + installers::kReceiptPath));
    return std::optional<NodeSpec>(std::move(spec));
  }
  if (!node) {
    return std::optional<NodeSpec>();
  }
  NodeSpec spec;
  spec.node_id = node->id;
  spec.cluster_id = node->cluster_id;
  spec.name = node->name;
  spec.domain = node->domain;
  spec.base_domain = node->base_domain;
  spec.mesh_cidr = node->mesh_cidr;
  spec.mesh_ip = node->mesh_ip;
  if (!node->public_addresses.empty()) {
    spec.public_address = node->public_addresses.front();
  }
  spec.nameserver =
      std::find(node->roles.begin(), node->roles.end(), "nameserver") != node->roles.end();
  if (node->member) {
    spec.invite = "confirmed";  // which one is not known any more, and not needed
  }
  return std::optional<NodeSpec>(std::move(spec));
}

}  // namespace orama::cli
