-- The log over all organizations' checkpoints, and who witnessed it. One blank line ends a statement; none holds one.

CREATE SCHEMA anchor AUTHORIZATION texting_owner

CREATE TABLE anchor.pending (
  org_id uuid NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  log_id uuid NOT NULL,
  size bigint NOT NULL,
  entry bytea NOT NULL,
  PRIMARY KEY (org_id, seq)
)

CREATE TABLE anchor.leaf (
  org_id uuid NOT NULL,
  leaf_index bigint NOT NULL,
  log_id uuid NOT NULL,
  size bigint NOT NULL,
  entry bytea NOT NULL,
  PRIMARY KEY (org_id, leaf_index),
  CONSTRAINT leaf_index_counts CHECK (leaf_index >= 0),
  CONSTRAINT entry_bounded CHECK (octet_length(entry) BETWEEN 2 AND 65535)
)

CREATE INDEX leaf_by_log ON anchor.leaf (org_id, log_id, size)

CREATE TABLE anchor.tile (LIKE audit.tile INCLUDING ALL)

CREATE TABLE anchor.tree_head (LIKE audit.tree_head INCLUDING ALL)

CREATE TABLE anchor.checkpoint (LIKE audit.checkpoint INCLUDING ALL)

CREATE TABLE anchor.cosignature (
  org_id uuid NOT NULL,
  size bigint NOT NULL,
  witness text NOT NULL,
  cosigned_at timestamptz NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (org_id, size, witness, cosigned_at)
)
