// Pins the SQLite sources that the gateway links: those of rqlited's own driver (packaging/deps.sh).
module orama/packaging/sqlite

go 1.23.0

require github.com/rqlite/go-sqlite3 v1.40.0
