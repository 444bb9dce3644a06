# Turns sql/migrations/NNN_name.sql into one C++ source: migration NNN, its name and its text.
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/[0-9][0-9][0-9]_*.sql)
list(SORT migrations)
set(MIGRATION_ROWS "")
foreach(path ${migrations})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  get_filename_component(name ${path} NAME_WE)
  string(SUBSTRING ${name} 0 3 number)
  math(EXPR number "1${number} - 1000")  # "008" is no octal here
  file(READ ${path} text)
  string(APPEND MIGRATION_ROWS "    {${number}, \"${name}\", R\"orama_sql(${text})orama_sql\"},\n")
endforeach()
set(ORAMA_MIGRATIONS_CPP ${CMAKE_BINARY_DIR}/generated/gateway_migrations.cpp)
file(WRITE ${ORAMA_MIGRATIONS_CPP}.new
  "// Made from gateway/sql/migrations by gateway/sql/embed.cmake.\n"
  "#include \"gateway/cluster/migrations.h\"\n\n"
  "namespace orama::gateway::cluster {\n\n"
  "std::span<const Migration> embedded_migrations() {\n"
  "  static constexpr Migration kMigrations[] = {\n${MIGRATION_ROWS}  };\n"
  "  return kMigrations;\n}\n\n}  // namespace orama::gateway::cluster\n")
file(COPY_FILE ${ORAMA_MIGRATIONS_CPP}.new ${ORAMA_MIGRATIONS_CPP} ONLY_IF_DIFFERENT)
