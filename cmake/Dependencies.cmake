# Libraries: Debian's packages, and three C sources that package managers bring: llhttp from its PyPI sdist,
# SQLite from the Go module of rqlited's driver and WireGuard's embeddable library from Debian's wireguard-tools,
# each pinned by hash and unpacked by packaging/deps.sh under the cache folder. Static where it makes one package run on several
# hosts, shared for libc, OpenSSL, curl, nghttp2 and sodium.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(OPENSSL_CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(OPENSSL_SSL REQUIRED IMPORTED_TARGET libssl)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)

# Header-only spdlog and fmt: neither has a static library in Debian 12 and their sonames move.
add_library(orama_spdlog INTERFACE)
target_compile_definitions(orama_spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)

find_library(YAML_CPP_STATIC libyaml-cpp.a REQUIRED)
add_library(orama_yaml INTERFACE)
target_link_libraries(orama_yaml INTERFACE ${YAML_CPP_STATIC})

# Its RESP reader only (docs/decisions/0008); 0.14's callbacks, which 1.0 changed.
find_library(HIREDIS_STATIC libhiredis.a REQUIRED)
add_library(orama_hiredis INTERFACE)
target_link_libraries(orama_hiredis INTERFACE ${HIREDIS_STATIC})

# Asio compiled once; nothing else of Boost.
add_library(orama_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_compile_definitions(orama_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(orama_asio PUBLIC Threads::Threads)

if(DEFINED ENV{XDG_CACHE_HOME})
  set(ORAMA_CACHE "$ENV{XDG_CACHE_HOME}/orama")
else()
  set(ORAMA_CACHE "$ENV{HOME}/.cache/orama")
endif()

set(LLHTTP_DIR "${ORAMA_CACHE}/llhttp-9.3.0.0/lib")
set(SQLITE_DIR "${ORAMA_CACHE}/go-sqlite3-v1.40.0")
set(EMBEDDABLE_WG_DIR "${ORAMA_CACHE}/embeddable-wg-1.0.20210914")
if(NOT EXISTS "${LLHTTP_DIR}/llhttp.c" OR NOT EXISTS "${SQLITE_DIR}/sqlite3.c"
   OR NOT EXISTS "${EMBEDDABLE_WG_DIR}/wireguard.c")
  message(FATAL_ERROR "sources of llhttp, SQLite or WireGuard's library are missing under ${ORAMA_CACHE}: run `make deps`")
endif()
add_library(orama_llhttp STATIC ${LLHTTP_DIR}/llhttp.c ${LLHTTP_DIR}/api.c ${LLHTTP_DIR}/http.c)
target_include_directories(orama_llhttp SYSTEM PUBLIC ${LLHTTP_DIR})

# Talks to the kernel's WireGuard by netlink; LGPL-2.1+, compiled as it is.
add_library(orama_embeddable_wg STATIC ${EMBEDDABLE_WG_DIR}/wireguard.c)
target_include_directories(orama_embeddable_wg SYSTEM PUBLIC ${EMBEDDABLE_WG_DIR})
target_compile_options(orama_embeddable_wg PRIVATE -w)

# The very SQLite that rqlited runs, with the compile options of its driver (the #cgo lines of sqlite3.go).
add_library(orama_sqlite STATIC ${SQLITE_DIR}/sqlite3.c)
target_include_directories(orama_sqlite SYSTEM PUBLIC ${SQLITE_DIR})
target_compile_options(orama_sqlite PRIVATE -w -O2)
target_compile_definitions(orama_sqlite PRIVATE
  SQLITE_ENABLE_RTREE SQLITE_THREADSAFE=1 HAVE_USLEEP=1 SQLITE_ENABLE_FTS3 SQLITE_ENABLE_FTS3_PARENTHESIS
  SQLITE_ENABLE_FTS5 SQLITE_TRACE_SIZE_LIMIT=15 SQLITE_OMIT_DEPRECATED SQLITE_DEFAULT_WAL_SYNCHRONOUS=1
  SQLITE_ENABLE_UPDATE_DELETE_LIMIT SQLITE_ENABLE_GEOPOLY=1 SQLITE_ENABLE_DBSTAT_VTAB SQLITE_ENABLE_SESSION
  SQLITE_ENABLE_PREUPDATE_HOOK SQLITE_OMIT_SHARED_CACHE SQLITE_ENABLE_JSON1
  SQLITE_MEMDB_DEFAULT_MAXSIZE=2147483648)
target_link_libraries(orama_sqlite PUBLIC m Threads::Threads)

if(ORAMA_TESTS)
  add_library(orama_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/support/doctest_main.cpp)
endif()
