#include "installers/entry_revert.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "installers/change.h"
#include "installers/receipt.h"
#include "installers/step.h"

namespace orama::installers {

// After a kill more than one value may stand there; what equals any of them is ours to put back.
Reverted revert_entry(RevertContext& context, const std::vector<ChangeKind>& kinds,
                      const ReceiptEntry& entry) {
  const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const ChangeKind& known) { return known.name == entry.kind; });
  if (kind == kinds.end()) {
    return {Reverted::Outcome::left,
            "this orama does not know the kind of change \"" + entry.kind + "\""};
  }
  std::vector<nlohmann::json> values = entry.earlier;
  values.insert(values.begin(), entry.wanted);
  Reverted last;
  for (const nlohmann::json& wanted : values) {
    auto reverted = kind->revert(context, entry.target, entry.prior, wanted);
    last = reverted.ok() ? std::move(*reverted)
                         : Reverted{Reverted::Outcome::left, reverted.error().full_message()};
    if (last.outcome != Reverted::Outcome::left) {
      break;
    }
  }
  return last;
}

std::vector<ReceiptEntry> retired_entries(const std::vector<ReceiptEntry>& entries,
                                          const Step& step, const Changes& changes) {
  std::vector<ReceiptEntry> retired;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const bool wanted = std::any_of(changes.begin(), changes.end(), [&](const auto& change) {
      return change->kind() == entry->kind && change->target() == entry->target;
    });
    if (!wanted && entry->step == step.name && step.retires &&
        step.retires(entry->kind, entry->target)) {
      retired.push_back(*entry);
    }
  }
  return retired;
}

}  // namespace orama::installers
