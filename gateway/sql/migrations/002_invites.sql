-- Invitations (design: join.md). The secret of a token is never here, only its hash. 'expired' is no state: it is
-- 'pending' past its time, judged by the gateway that answers.

CREATE TABLE invites (
  id TEXT PRIMARY KEY NOT NULL,  -- base64url of 8 bytes
  hash TEXT NOT NULL,            -- base64 of BLAKE2b-256 of the secret
  state TEXT NOT NULL CHECK (state IN ('pending', 'redeemed', 'joined', 'revoked')),
  note TEXT NOT NULL,
  created_by TEXT NOT NULL,      -- id of the node on which it was made
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  node_key TEXT,                 -- that redeemed it, base64
  redemption TEXT                -- of the call that won, base64 of 16 random bytes
);

CREATE INDEX nodes_invite ON nodes (invite);

-- What an operator wants of a node: 'always', 'never'; NULL lets the cluster choose.
ALTER TABLE nodes ADD COLUMN voter_policy TEXT;

-- One holder at a time, until a time that the holder writes by its own clock and others judge by theirs.
CREATE TABLE locks (
  name TEXT PRIMARY KEY NOT NULL,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
);
