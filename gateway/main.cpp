// The daemon behind Caddy on port 6001; everything is in program.cpp and app.cpp.
#include "gateway/program.h"

int main(int argc, char** argv) {
  return orama::gateway::run_program(argc, argv);
}
