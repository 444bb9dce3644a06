#include "common/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama {
namespace {

using tests::TemporaryFolder;

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

// While it lives, no file of this process grows past `bytes`: how a full disk looks to a writer.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST_CASE("a file is written with its mode whatever the umask, and replaced whole") {
  const TemporaryFolder folder;
  const std::string path = folder.file("config");
  const mode_t umask_before = ::umask(0077);
  CHECK(write_file_atomically(path, "first, and long").ok());
  CHECK(mode_of(path) == 0644);
  CHECK(write_file_atomically(path, "second", {.mode = 0600, .owner = {}, .group = {}}).ok());
  ::umask(umask_before);
  CHECK(mode_of(path) == 0600);
  CHECK(read_file(path).value() == "second");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"config"});
}

TEST_CASE("bytes of every value and no bytes at all are kept") {
  const TemporaryFolder folder;
  std::string all(1024, '\0');
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<char>(i);
  }
  CHECK(write_file_atomically(folder.file("bytes"), all).ok());
  CHECK(read_file(folder.file("bytes")).value() == all);
  CHECK(write_file_atomically(folder.file("bytes"), "").ok());
  CHECK(read_file(folder.file("bytes")).value().empty());
}

TEST_CASE("a temporary file that a crash left is replaced, also when it is a link to elsewhere") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("victim")) << "untouched";
  REQUIRE(::symlink(folder.file("victim").c_str(), folder.file(".config.orama-tmp").c_str()) == 0);
  CHECK(write_file_atomically(folder.file("config"), "new").ok());
  CHECK(read_file(folder.file("victim")).value() == "untouched");
  CHECK(read_file(folder.file("config")).value() == "new");
  CHECK_FALSE(std::filesystem::exists(folder.file(".config.orama-tmp")));
}

TEST_CASE("a link is replaced by the file, what it named stays") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("target")) << "old";
  REQUIRE(::symlink("target", folder.file("link").c_str()) == 0);
  CHECK(write_file_atomically(folder.file("link"), "new").ok());
  CHECK(read_file(folder.file("target")).value() == "old");
  CHECK_FALSE(std::filesystem::is_symlink(folder.file("link")));
}

TEST_CASE("a full disk leaves the old file and no temporary") {
  const TemporaryFolder folder;
  const std::string path = folder.file("config");
  REQUIRE(write_file_atomically(path, "old").ok());
  Result<void> written;
  {
    const SmallDisk disk(100);
    written = write_file_atomically(path, std::string(4096, 'x'));
  }
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().message == "writing " + path + ": File too large");
  CHECK(read_file(path).value() == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"config"});
}

TEST_CASE("a folder in the file's place, a missing folder and a name that is none are named") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("busy"));
  std::ofstream(folder.file("busy/inside")) << "kept";
  const auto onto_folder = write_file_atomically(folder.file("busy"), "x");
  CHECK(onto_folder.error().message.find(folder.file("busy")) != std::string::npos);
  CHECK(read_file(folder.file("busy/inside")).value() == "kept");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"busy"});
  CHECK(write_file_atomically(folder.file("none/file"), "x").error().code == Errc::not_found);
  CHECK(write_file_atomically(folder.path() + "/", "x").error().code == Errc::invalid_argument);
  CHECK(write_file_atomically("", "x").error().code == Errc::invalid_argument);
  CHECK(write_file_atomically("..", "x").error().code == Errc::invalid_argument);
}

// root passes by the bits of a folder, so as root the write is tried by another user.
TEST_CASE("a folder that may not be written to is a named refusal") {
  const TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder.file("config"), "old").ok());
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  const bool root = ::geteuid() == 0;
  if (root) {
    REQUIRE(::seteuid(65534) == 0);
  }
  const auto written = write_file_atomically(folder.file("config"), "new");
  if (root) {
    REQUIRE(::seteuid(0) == 0);
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().code == Errc::not_allowed);
  CHECK(read_file(folder.file("config")).value() == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"config"});
}

TEST_CASE("owner and group are set before anybody sees the file") {
  if (::geteuid() != 0) {
    MESSAGE("needs root, not run");
    return;
  }
  const TemporaryFolder folder;
  const std::string path = folder.file("secret");
  CHECK(write_file_atomically(path, "x", {.mode = 04750, .owner = 65534, .group = 12345}).ok());
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK(status.st_uid == 65534);
  CHECK(status.st_gid == 12345);
  CHECK(mode_of(path) == 04750);  // chown alone would have cleared the set-user-id bit
}

TEST_CASE("reading stops at the limit, inclusive, and names what is missing") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("ten")) << "0123456789";
  CHECK(read_file(folder.file("ten"), 10).value() == "0123456789");
  CHECK(read_file(folder.file("ten"), 9).error().code == Errc::too_large);
  CHECK(read_file("/dev/zero", 100'000).error().code == Errc::too_large);
  const auto missing = read_file(folder.file("missing"));
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().message ==
        "reading " + folder.file("missing") + ": No such file or directory");
  CHECK(read_file(folder.file("ten/below")).error().code == Errc::not_found);
  CHECK(read_file(folder.path()).error().code == Errc::failed);
}

TEST_CASE("a folder is synced, anything else is refused") {
  const TemporaryFolder folder;
  CHECK(sync_folder(folder.path()).ok());
  CHECK(sync_folder(folder.file("missing")).error().code == Errc::not_found);
}

}  // namespace
}  // namespace orama
