-- How records get in, and what refuses every other way. One blank line ends a statement; none holds one.

CREATE FUNCTION audit.append(
  p_org uuid, p_ids uuid[], p_heads bytea[], p_tails bytea[], p_times timestamptz[], p_actions text[], p_kinds text[],
  p_outcomes text[], p_actors text[], p_target_types text[], p_target_ids uuid[], p_location_ids uuid[], p_rules text[],
  p_request_ids text[], p_correlation_ids text[],
  p_involved_records uuid[], p_involved_subjects uuid[],
  p_disclosure_records uuid[], p_digests bytea[], p_disclosure_subjects uuid[], p_disclosure_keys uuid[], p_sealed bytea[],
  p_key_ids uuid[], p_key_subjects uuid[], p_wrapped bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  logged_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  logged timestamptz := timestamptz 'epoch' + logged_ms * interval '1 millisecond';
BEGIN
  IF p_org IS DISTINCT FROM texting.tenant() THEN
    RAISE EXCEPTION 'append for organization `%` refused: the transaction has entered `%`', p_org, texting.tenant()
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH
  record AS (
    SELECT *, head || convert_to(logged_ms::text, 'UTF8') || tail AS entry
    FROM unnest(p_ids, p_heads, p_tails, p_times, p_actions, p_kinds, p_outcomes, p_actors, p_target_types, p_target_ids,
      p_location_ids, p_rules, p_request_ids, p_correlation_ids) AS given (id, head, tail, occurred_at, action, kind,
      outcome, actor, target_type, target_id, location_id, rule, request_id, correlation_id)
  ),
  hashed AS MATERIALIZED (
    SELECT *, sha256('\x00'::bytea || entry) AS leaf_hash FROM record
  ),
  written AS (
    INSERT INTO audit.record (org_id, id, entry, leaf_hash, logged_at, occurred_at, action, kind, outcome, actor,
      target_type, target_id, location_id, rule, request_id, correlation_id)
    SELECT p_org, id, entry, leaf_hash, logged, occurred_at, action, kind, outcome, actor,
      target_type, target_id, location_id, rule, request_id, correlation_id
    FROM hashed
  )
  INSERT INTO audit.pending (org_id, record_id, leaf_hash, queued_at) SELECT p_org, id, leaf_hash, logged FROM hashed;
  INSERT INTO audit.involvement (org_id, subject_id, record_id)
  SELECT p_org, subject_id, record_id FROM unnest(p_involved_subjects, p_involved_records) AS given (subject_id, record_id);
  IF cardinality(p_digests) > 0 THEN
    INSERT INTO audit.disclosure (org_id, record_id, digest, subject_id, key_id, sealed)
    SELECT p_org, * FROM unnest(p_disclosure_records, p_digests, p_disclosure_subjects, p_disclosure_keys, p_sealed);
    INSERT INTO audit.subject_key (org_id, subject_id, id, wrapped)
    SELECT p_org, * FROM unnest(p_key_subjects, p_key_ids, p_wrapped);
  END IF;
END $$

COMMENT ON FUNCTION audit.append IS 'the one way a record gets in: record, pending leaf, disclosures, all in the caller''s transaction'

CREATE FUNCTION audit.erase(p_org uuid, p_subject uuid, p_digests bytea[], p_record uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased bigint;
BEGIN
  IF p_org IS DISTINCT FROM texting.tenant() THEN
    RAISE EXCEPTION 'erasure for organization `%` refused: the transaction has entered `%`', p_org, texting.tenant()
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM audit.record r JOIN audit.pending p ON p.org_id = r.org_id AND p.record_id = r.id
                 WHERE r.org_id = p_org AND r.id = p_record AND r.kind = 'ERASURE') THEN
    RAISE EXCEPTION 'erasure refused: `%` is not an erasure record of this transaction', p_record
      USING ERRCODE = 'insufficient_privilege', HINT = 'append the record that names the digests first';
  END IF;
  DELETE FROM audit.disclosure d WHERE d.org_id = p_org AND d.subject_id = p_subject AND d.digest = ANY (p_digests);
  GET DIAGNOSTICS erased = ROW_COUNT;
  DELETE FROM audit.subject_key k WHERE k.org_id = p_org AND k.subject_id = p_subject
    AND NOT EXISTS (SELECT FROM audit.disclosure d
                    WHERE d.org_id = p_org AND d.subject_id = p_subject AND d.key_id = k.id);
  RETURN erased;
END $$

COMMENT ON FUNCTION audit.erase IS 'destroys a subject''s values and keys, once an erasure record names the digests'

CREATE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% of `%.%` refused: the audit log only grows', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$

CREATE FUNCTION audit.refuse_unless_erasing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'texting_owner' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% of `%.%` refused: only audit.erase removes what a digest stands for', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$

CREATE FUNCTION audit.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'tile' THEN
    IF (NEW.org_id, NEW.level, NEW.n) = (OLD.org_id, OLD.level, OLD.n)
       AND NEW.width > OLD.width AND substr(NEW.hashes, 1, 32 * OLD.width) = OLD.hashes THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'tree_head' THEN
    IF NEW.org_id = OLD.org_id AND NEW.size >= OLD.size AND (NEW.size > OLD.size OR NEW.root = OLD.root) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% of `%.%` refused: a tree only grows', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$

CREATE FUNCTION audit.month_floor(p_month timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (lpad(to_hex((extract(epoch FROM p_month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid

COMMENT ON FUNCTION audit.month_floor IS 'the lowest uuidv7 of an instant: a uuidv7 begins with its time in milliseconds'

CREATE FUNCTION audit.guard_partition(p_partition text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Row triggers are cloned from the parent; statement triggers and row security are not.
  EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', p_partition);
  EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER refuse_truncate', p_partition);
  EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', p_partition);
  EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', p_partition);
  -- Whatever default privileges somebody set: a partition is reached through its parent only.
  EXECUTE format('REVOKE ALL ON audit.%I FROM PUBLIC, texting_app, texting_worker, texting_auditor', p_partition);
END $$

CREATE FUNCTION audit.ensure_partitions(p_months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  made integer := 0;
  month timestamptz;
  parent text;
  child text;
BEGIN
  IF p_months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months ahead are 0 to 24, not `%`', p_months_ahead USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Lets the event trigger pass, for this function only; a failure ends the transaction and the setting with it.
  PERFORM set_config('texting.changing_audit', 'on', true);
  FOR i IN -1 .. p_months_ahead LOOP
    month := date_trunc('month', now()) + make_interval(months => i);
    FOREACH parent IN ARRAY ARRAY['record', 'involvement'] LOOP
      child := parent || '_' || to_char(month, 'YYYY_MM');
      CONTINUE WHEN to_regclass('audit.' || child) IS NOT NULL;
      -- Attaching, unlike PARTITION OF, lets appends go on meanwhile.
      EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
      EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', parent, child,
        audit.month_floor(month), audit.month_floor(month + interval '1 month'));
      PERFORM audit.guard_partition(child);
      made := made + 1;
    END LOOP;
  END LOOP;
  PERFORM set_config('texting.changing_audit', 'off', true);
  RETURN made;
END $$

COMMENT ON FUNCTION audit.ensure_partitions IS 'makes the months from the last one to that many ahead; gives how many partitions were missing'

CREATE FUNCTION audit.strays() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (SELECT count(*) FROM audit.record_default)

COMMENT ON FUNCTION audit.strays IS 'records whose month had no partition; anything but zero is an alarm'
