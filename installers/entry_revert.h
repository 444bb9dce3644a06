// One receipt entry put back: for an uninstall, and for what a new plan of a step no longer holds.
#pragma once

#include <string>
#include <vector>

#include "installers/change.h"
#include "installers/receipt.h"
#include "installers/step.h"

namespace orama::installers {

// Never fails: what cannot be put back is left, with the reason.
Reverted revert_entry(RevertContext& context, const std::vector<ChangeKind>& kinds,
                      const ReceiptEntry& entry);

// The entries that the step retires (Step::retires) and `changes` does not hold, last first.
std::vector<ReceiptEntry> retired_entries(const std::vector<ReceiptEntry>& entries,
                                          const Step& step, const Changes& changes);

}  // namespace orama::installers
