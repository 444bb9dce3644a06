// "Did you mean": the known word nearest to a mistyped one, by edit distance with swaps of
// neighbours (optimal string alignment). No case folding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orama {

// Nothing when even the nearest differs in more than a third of its letters (and more than one).
std::optional<std::string> nearest_word(std::string_view word,
                                        const std::vector<std::string>& known);

}  // namespace orama
