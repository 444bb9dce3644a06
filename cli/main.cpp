#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "cli/app.h"

int main(int argc, char** argv) {
  try {
    return orama::cli::run_orama(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "orama: internal error: " << error.what() << '\n';
    return 1;
  }
}
