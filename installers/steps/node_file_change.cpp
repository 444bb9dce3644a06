#include "installers/steps/node_file_change.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kIdentityKind = "node";
constexpr std::string_view kFoundedKind = "founded";

Result<void> write_node_file(Host& host, const api::NodeFile& node) {
  return host.files.write(paths::kNodeJson, node.to_text(), {0644, "root", "root"});
}

class NodeIdentity final : public Change {
 public:
  explicit NodeIdentity(api::NodeFile node) : node_(std::move(node)) {}

  std::string_view kind() const override { return kIdentityKind; }
  std::string target() const override { return paths::kNodeJson; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(present, read_present(context.host));
    return present.has_value() && *present == with_state_of(*present);
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(present, read_present(context.host));
    return std::string(present ? "update " : "write ") + paths::kNodeJson + ": " + node_.name +
           " (" + node_.id + "), " + node_.mesh_ip.to_string() + " in " +
           node_.mesh_cidr.to_string();
  }

  Result<json> prior(ChangeContext& context) override {
    TRY(present, read_present(context.host));
    return json{{"existed", present.has_value()}};
  }

  json wanted() const override { return json{{"id", node_.id}, {"cluster_id", node_.cluster_id}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY(present, read_present(context.host));
    return write_node_file(context.host, present ? with_state_of(*present) : node_);
  }

  std::vector<std::string> affects() const override { return {paths::kAgentUnit}; }

 private:
  api::NodeFile with_state_of(const api::NodeFile& present) const {
    api::NodeFile node = node_;
    node.founded = present.founded;
    node.member = present.member;
    return node;
  }

  Result<std::optional<api::NodeFile>> read_present(Host& host) const {
    TRY(present, read_node_file(host));
    if (present && (present->id != node_.id || present->cluster_id != node_.cluster_id)) {
      return make_error(Errc::conflict,
                        std::string(paths::kNodeJson) + " says that this host is " + present->id +
                            " of " + present->cluster_id + ", the install is for " + node_.id +
                            " of " + node_.cluster_id,
                        "sudo orama uninstall --purge, if that node is to be given up");
    }
    return present;
  }

  api::NodeFile node_;
};

class ClusterFounded final : public Change {
 public:
  std::string_view kind() const override { return kFoundedKind; }
  std::string target() const override { return paths::kNodeJson; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(present, read_node_file(context.host));
    return present.has_value() && present->founded;
  }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("record in ") + paths::kNodeJson + " that the cluster stands";
  }

  Result<json> prior(ChangeContext&) override { return json{{"founded", false}}; }
  json wanted() const override { return json{{"founded", true}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY(present, read_node_file(context.host));
    if (!present) {
      return make_error(Errc::conflict,
                        std::string(paths::kNodeJson) + " went away during the install");
    }
    present->founded = true;
    return write_node_file(context.host, *present);
  }
};

Result<Reverted> revert_identity(RevertContext& context, const std::string& target, const json&,
                                 const json&) {
  if (context.data == DataPolicy::keep) {
    return Reverted{Reverted::Outcome::kept, "which node this is; its keys and data belong to it"};
  }
  TRY_VOID(context.host.files.remove_file(target));
  return Reverted{};
}

// The field goes, or is kept, with the file.
Result<Reverted> revert_founded(RevertContext&, const std::string&, const json&, const json&) {
  return Reverted{};
}

}  // namespace

Result<std::optional<api::NodeFile>> read_node_file(Host& host) {
  const auto text = host.files.read(paths::kNodeJson);
  if (!text.ok()) {
    if (text.error().code == Errc::not_found) {
      return std::optional<api::NodeFile>();
    }
    return text.error();
  }
  auto node = api::NodeFile::from_text(*text);
  if (!node.ok()) {
    return make_error(
        Errc::conflict, std::string(paths::kNodeJson) + " is not readable: " + node.error().message,
        "restore it from a backup; without it this host does not know which node it is");
  }
  return std::optional<api::NodeFile>(std::move(node).value());
}

api::NodeFile node_file_of(const NodeSpec& spec) {
  api::NodeFile node;
  node.id = spec.node_id;
  node.name = spec.name;
  node.roles = spec.roles();
  node.mesh_cidr = spec.mesh_cidr;
  node.mesh_ip = spec.mesh_ip;
  node.domain = spec.domain;
  node.base_domain = spec.base_domain;
  node.cluster_id = spec.cluster_id;
  node.public_addresses = {spec.public_address};
  return node;
}

std::unique_ptr<Change> node_identity(const NodeSpec& spec) {
  return std::make_unique<NodeIdentity>(node_file_of(spec));
}

std::unique_ptr<Change> cluster_founded() {
  return std::make_unique<ClusterFounded>();
}

Result<void> note_membership(Host& host) {
  TRY(present, read_node_file(host));
  if (!present) {
    return make_error(Errc::conflict,
                      std::string(paths::kNodeJson) + " went away during the install");
  }
  present->member = true;
  return write_node_file(host, *present);
}

std::vector<ChangeKind> node_file_kinds() {
  return {{kIdentityKind, revert_identity}, {kFoundedKind, revert_founded}};
}

}  // namespace orama::installers
