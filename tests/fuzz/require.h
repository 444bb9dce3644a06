// How a fuzz target says that a property does not hold: the process ends and the fuzzer keeps the
// input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define FUZZ_REQUIRE(property)                                                               \
  ((property)                                                                                \
       ? static_cast<void>(0)                                                                \
       : (std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property), \
          std::abort()))
