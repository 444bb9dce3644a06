// What this host says of itself as a node: node.json, which anyone may read, and the receipt, which
// only root may. Read once per command; changes nothing.
#pragma once

#include <optional>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/node_spec.h"
#include "installers/receipt.h"

namespace orama::cli {

struct NodeRecord {
  std::optional<api::NodeFile> node;
  std::optional<installers::Receipt> receipt;

  // What to install again: the receipt's spec, else what node.json still knows of data that was
  // kept.
  Result<std::optional<installers::NodeSpec>> spec() const;
};

// node.json only.
Result<std::optional<api::NodeFile>> read_node_file(installers::Files& files);
// Both; root.
Result<NodeRecord> read_node_record(installers::Files& files);

}  // namespace orama::cli
