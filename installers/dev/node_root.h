// Where a development node lies: a folder under which the very paths of a production node stand
// (etc/orama, var/lib/orama, run/orama, var/log/orama, etc/systemd/system), and where its programs,
// templates and units are taken from. Maps paths, alone and inside of text, and back. A value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace orama::installers {

// What a production host has in /usr, as this build or these packages have it.
struct DevPrograms {
  std::string orama;                 // /usr/bin/orama
  std::vector<std::string> folders;  // searched in order for what /usr/lib/orama holds
  std::string share;                 // /usr/share/orama
  std::string units;                 // the static unit files
};

class NodeRoot {
 public:
  // `folder` is absolute; its last part is the node's name.
  NodeRoot(std::string folder, DevPrograms programs);

  const std::string& folder() const { return folder_; }
  const DevPrograms& programs() const { return programs_; }
  std::string name() const;
  // The supervisor's control socket, in the folder above.
  std::string control_socket() const;

  // A path of a production node as this node has it; any other stays as it is.
  std::string path(const std::string& production) const;
  // The same for every such path in a text: a configuration that a program reads. A path ends where
  // its name does, and begins where none does: what is mapped already stays.
  std::string text(std::string_view production) const;
  // The reverse of text().
  std::string production_text(std::string_view mapped) const;
  // text() for a command line: programs and templates too. not_found names a program that this
  // build does not have.
  Result<std::string> word(std::string_view production) const;

 private:
  Result<std::string> program(const std::string& name) const;

  std::string folder_;
  DevPrograms programs_;
};

}  // namespace orama::installers
