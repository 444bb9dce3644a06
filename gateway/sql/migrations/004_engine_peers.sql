-- libp2p peer ids of a node's engines (design: engines-storage.md), told by the node itself; NULL: not told yet.
-- One belongs to one node, for ever, like its keys.

ALTER TABLE nodes ADD COLUMN ipfs_peer TEXT;
ALTER TABLE nodes ADD COLUMN ipfs_cluster_peer TEXT;

CREATE UNIQUE INDEX nodes_ipfs_peer ON nodes (ipfs_peer);
CREATE UNIQUE INDEX nodes_ipfs_cluster_peer ON nodes (ipfs_cluster_peer);
