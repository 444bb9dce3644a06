-- Who is in the cluster (design: join.md). Times are Unix milliseconds that the writer binds; columns hold
-- INTEGER and TEXT only; no DEFAULT, trigger or view with time or chance. Rows of nodes are never deleted.

CREATE TABLE cluster (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  base_domain TEXT NOT NULL,
  mesh_cidr TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE nodes (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  mesh_ip TEXT NOT NULL,
  wg_public_key TEXT NOT NULL UNIQUE,
  node_key TEXT NOT NULL UNIQUE,
  endpoints TEXT NOT NULL,  -- JSON array of texts
  roles TEXT NOT NULL,      -- JSON array of texts
  state TEXT NOT NULL CHECK (state IN ('redeemed', 'ready', 'leaving', 'removed', 'released')),
  voter INTEGER NOT NULL CHECK (voter IN (0, 1)),
  invite TEXT,              -- that it came with; NULL for the genesis node
  joined_at INTEGER,
  changed_at INTEGER NOT NULL
);

-- Keys are unique for ever; a name and an address only among the nodes that hold them.
CREATE UNIQUE INDEX nodes_name ON nodes (name) WHERE state NOT IN ('removed', 'released');
CREATE UNIQUE INDEX nodes_mesh_ip ON nodes (mesh_ip) WHERE state NOT IN ('removed', 'released');

CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL
);

CREATE TABLE membership_version (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
);
INSERT INTO membership_version (one, version) VALUES (1, 0);
