// What a development node is: the steps of a production node (node_plan.h), less what only a real
// host needs. A step that is added there is a step here too.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

inline constexpr const char* kDevMesh = "127.0.1.0/24";
inline constexpr std::size_t kMostDevNodes = 5;  // voters at most, and addresses to remember

// Node `number`, from 1, of a cluster of its own: names, addresses. Its ids are the caller's.
Result<NodeSpec> dev_node_spec(std::size_t number);
// "127.0.0.1:6001" of the first: where its gateway listens besides its mesh address.
std::string dev_local_listen(std::size_t number);

Result<std::vector<Step>> dev_node_steps(const NodeSpec& spec, const NodeSources& sources);

}  // namespace orama::installers
