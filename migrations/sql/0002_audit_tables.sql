-- What happened. One blank line ends a statement; none holds one.

CREATE TABLE audit.record (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  entry bytea NOT NULL,
  checksum bigint NOT NULL,
  logged_at timestamptz NOT NULL,
  occurred_at timestamptz NOT NULL,
  action text NOT NULL,
  kind text NOT NULL,
  outcome text NOT NULL,
  actor text NOT NULL,
  target_type text NOT NULL,
  target_id uuid NOT NULL,
  location_id uuid,
  rule text,
  request_id text,
  correlation_id text,
  disclosures bytea[],
  PRIMARY KEY (org_id, id)
) PARTITION BY RANGE (id)

-- A row with a text in it stays whole: partitions have room for it. Of a longer one the values go elsewhere, as they
-- are, for they are ciphertext, and the entry stays.
ALTER TABLE audit.record ALTER COLUMN disclosures SET STORAGE EXTERNAL, ALTER COLUMN entry SET STORAGE MAIN

CREATE INDEX record_by_action ON audit.record (org_id, action, id)

CREATE INDEX record_by_kind ON audit.record (org_id, kind, id)

CREATE INDEX record_by_actor ON audit.record (org_id, actor, id)

CREATE INDEX record_by_target ON audit.record (org_id, target_id, id)

CREATE INDEX record_by_request ON audit.record (org_id, request_id, id) WHERE request_id IS NOT NULL

CREATE INDEX record_by_correlation ON audit.record (org_id, correlation_id, id) WHERE correlation_id IS NOT NULL

CREATE INDEX record_by_location ON audit.record (org_id, location_id, id) WHERE location_id IS NOT NULL

CREATE INDEX record_by_rule ON audit.record (org_id, rule, id) WHERE rule IS NOT NULL

CREATE TABLE audit.involvement (
  org_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (org_id, subject_id, record_id)
) PARTITION BY RANGE (record_id)

CREATE TABLE audit.record_default PARTITION OF audit.record DEFAULT WITH (toast_tuple_target = 4080)

CREATE TABLE audit.involvement_default PARTITION OF audit.involvement DEFAULT

-- Without statistics every organization is a two-hundredth of the table to the planner. With them, one that was not
-- there when they were made has no rows: each of its leaves was joined with all of its records, and a page was made by
-- sorting them.
ALTER TABLE audit.record ALTER COLUMN org_id SET STATISTICS 0

ALTER TABLE audit.involvement ALTER COLUMN org_id SET STATISTICS 0

CREATE TABLE audit.pending (
  org_id uuid NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (org_id, record_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)

CREATE TABLE audit.leaf (
  org_id uuid NOT NULL,
  leaf_index bigint NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (org_id, leaf_index),
  UNIQUE (org_id, record_id),
  CONSTRAINT leaf_index_counts CHECK (leaf_index >= 0)
)

CREATE TABLE audit.tile (
  org_id uuid NOT NULL,
  level smallint NOT NULL,
  n bigint NOT NULL,
  width smallint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (org_id, level, n),
  CONSTRAINT tile_width CHECK (width BETWEEN 1 AND 256 AND octet_length(hashes) = 32 * width)
)

CREATE TABLE audit.tree_head (
  org_id uuid NOT NULL,
  origin text NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  compact_range bytea NOT NULL,
  PRIMARY KEY (org_id)
)

CREATE TABLE audit.checkpoint (
  org_id uuid NOT NULL,
  size bigint NOT NULL,
  origin text NOT NULL,
  root bytea NOT NULL,
  note bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, size, origin)
)
