-- What the removal of a node leaves behind (design: join.md, Removal).

-- The key that joiners seal to, once it was replaced: no row while the one made at genesis stands; '' when a
-- new one must be made by a member that stays.
CREATE TABLE join_key (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  public_key TEXT NOT NULL,  -- base64 of 32 bytes
  made_at INTEGER NOT NULL
);

-- Its private half, once a member, each sealed to that member's identity; of the present key only.
CREATE TABLE join_key_copies (
  node_id TEXT PRIMARY KEY NOT NULL,
  sealed TEXT NOT NULL       -- base64
);

-- Shared secrets that a removed node had, until they are rotated.
CREATE TABLE secret_rotations (
  name TEXT PRIMARY KEY NOT NULL,
  marked_at INTEGER NOT NULL,
  node_id TEXT NOT NULL      -- that was removed, the last one
);
