-- How records get in, and what refuses every other way. One blank line ends a statement; none holds one.

CREATE FUNCTION audit.append(
  p_org uuid, p_id uuid, p_head bytea, p_tail bytea, p_checksum bigint, p_time timestamptz, p_action text, p_kind text,
  p_outcome text, p_actor text, p_target_type text, p_target_id uuid, p_location_id uuid, p_rule text, p_request_id text,
  p_correlation_id text, p_involves uuid[], p_disclosures bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
-- Every name and operator is qualified, so that no search_path has a say: pinned, it was set and reset at every append.
DECLARE
  logged pg_catalog.timestamptz := pg_catalog.date_bin('1 millisecond', pg_catalog.clock_timestamp(),
    'epoch'::pg_catalog.timestamptz);
  entry pg_catalog.bytea := p_head
    OPERATOR(pg_catalog.||) (pg_catalog.date_part('epoch', logged) OPERATOR(pg_catalog.*) 1000)
      ::pg_catalog.int8::pg_catalog.text::pg_catalog.bytea
    OPERATOR(pg_catalog.||) p_tail;
BEGIN
  -- Here for all that is inserted, where only this function writes: policies and constraints of each table, and each
  -- further statement or call, are prepared anew at every append.
  IF (p_org OPERATOR(pg_catalog.=) texting.tenant()
      AND p_kind OPERATOR(pg_catalog.=) ANY ('{CHANGE,SEND,READ,DENIAL,FAILURE,ERASURE,EXPORT}'::pg_catalog.text[])
      AND p_outcome OPERATOR(pg_catalog.=) ANY ('{ALLOWED,DENIED,FAILED}'::pg_catalog.text[])
      AND pg_catalog.octet_length(entry) OPERATOR(pg_catalog.<=) 65535) IS NOT TRUE THEN
    IF (p_org OPERATOR(pg_catalog.=) texting.tenant()) IS NOT TRUE THEN
      RAISE EXCEPTION 'append for organization `%` refused: the transaction has entered `%`', p_org, texting.tenant()
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION 'append refused: kind `%`, outcome `%`, % bytes', p_kind, p_outcome, pg_catalog.octet_length(entry)
      USING ERRCODE = 'check_violation', HINT = 'a kind and an outcome of the log, and at most 65535 bytes';
  END IF;
  WITH added AS (
    INSERT INTO audit.record (org_id, id, entry, checksum, logged_at, occurred_at, action, kind, outcome, actor,
      target_type, target_id, location_id, rule, request_id, correlation_id, disclosures)
    VALUES (p_org, p_id, entry, p_checksum, logged, p_time, p_action, p_kind, p_outcome, p_actor, p_target_type,
      p_target_id, p_location_id, p_rule, p_request_id, p_correlation_id, p_disclosures)
  ), queued AS (
    INSERT INTO audit.pending (org_id, record_id) VALUES (p_org, p_id)
  )
  INSERT INTO audit.involvement (org_id, subject_id, record_id) SELECT p_org, pg_catalog.unnest(p_involves), p_id;
END $$

COMMENT ON FUNCTION audit.append IS 'how a record gets in: record, pending leaf, whom it involves, all in the caller''s transaction'

CREATE FUNCTION audit.append_many(
  p_org uuid, p_ids uuid[], p_heads bytea[], p_tails bytea[], p_checksums bigint[], p_times timestamptz[],
  p_actions text[], p_kinds text[], p_outcomes text[], p_actors text[], p_target_types text[], p_target_ids uuid[],
  p_location_ids uuid[], p_rules text[], p_request_ids text[], p_correlation_ids text[],
  p_involved_records uuid[], p_involved_subjects uuid[],
  p_disclosure_records uuid[], p_disclosures bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  logged timestamptz := date_bin('1 millisecond', clock_timestamp(), timestamptz 'epoch');
  clock bytea := (date_part('epoch', logged) * 1000)::bigint::text::bytea;
BEGIN
  IF p_org IS DISTINCT FROM texting.tenant() THEN
    RAISE EXCEPTION 'append for organization `%` refused: the transaction has entered `%`', p_org, texting.tenant()
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT (p_kinds <@ '{CHANGE,SEND,READ,DENIAL,FAILURE,ERASURE,EXPORT}'::text[]
          AND p_outcomes <@ '{ALLOWED,DENIED,FAILED}'::text[]
          AND (SELECT bool_and(octet_length(head) + octet_length(clock) + octet_length(tail) <= 65535)
               FROM unnest(p_heads, p_tails) AS given (head, tail))) THEN
    RAISE EXCEPTION 'append refused: a kind or an outcome is not one of the log, or an entry is too long'
      USING ERRCODE = 'check_violation', HINT = 'a kind and an outcome of the log, and at most 65535 bytes';
  END IF;
  WITH record AS MATERIALIZED (
    SELECT *, head || clock || tail AS entry
    FROM unnest(p_ids, p_heads, p_tails, p_checksums, p_times, p_actions, p_kinds, p_outcomes, p_actors, p_target_types,
      p_target_ids, p_location_ids, p_rules, p_request_ids, p_correlation_ids) AS given (id, head, tail, checksum,
      occurred_at, action, kind, outcome, actor, target_type, target_id, location_id, rule, request_id, correlation_id)
  ), disclosed AS (
    SELECT record_id, array_agg(disclosure) AS disclosures
    FROM unnest(p_disclosure_records, p_disclosures) AS given (record_id, disclosure) GROUP BY record_id
  )
  INSERT INTO audit.record (org_id, id, entry, checksum, logged_at, occurred_at, action, kind, outcome, actor,
    target_type, target_id, location_id, rule, request_id, correlation_id, disclosures)
  SELECT p_org, id, entry, checksum, logged, occurred_at, action, kind, outcome, actor, target_type,
    target_id, location_id, rule, request_id, correlation_id, disclosures
  FROM record LEFT JOIN disclosed ON disclosed.record_id = record.id;
  INSERT INTO audit.pending (org_id, record_id) SELECT p_org, unnest(p_ids);
  INSERT INTO audit.involvement (org_id, subject_id, record_id)
  SELECT p_org, subject_id, record_id FROM unnest(p_involved_subjects, p_involved_records) AS given (subject_id, record_id);
END $$

COMMENT ON FUNCTION audit.append_many IS 'audit.append for many records of one organization at once'

CREATE FUNCTION audit.subject_of(p_disclosure bytea) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(substr(p_disclosure, 1, 16), 'hex')::uuid

COMMENT ON FUNCTION audit.subject_of IS 'whose values those are: an element of record.disclosures begins with a subject'

CREATE FUNCTION audit.digests_of(p_disclosure bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substr(p_disclosure, 19, 32 * (256 * get_byte(p_disclosure, 16) + get_byte(p_disclosure, 17)))

COMMENT ON FUNCTION audit.digests_of IS 'the digests of those values, one after the other; their number is in two bytes'

CREATE FUNCTION audit.erase(p_org uuid, p_subject uuid, p_records uuid[], p_record uuid) RETURNS bigint
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
  -- Held first: of two erasures at once, one destroys and counts.
  PERFORM FROM audit.record WHERE org_id = p_org AND id = ANY (p_records) ORDER BY id FOR UPDATE;
  SELECT coalesce(sum(octet_length(audit.digests_of(each)) / 32), 0) INTO erased
  FROM audit.record r, unnest(r.disclosures) AS each
  WHERE r.org_id = p_org AND r.id = ANY (p_records) AND audit.subject_of(each) = p_subject;
  UPDATE audit.record SET disclosures =
    (SELECT array_agg(each) FROM unnest(disclosures) AS each WHERE audit.subject_of(each) <> p_subject)
  WHERE org_id = p_org AND id = ANY (p_records)
    AND EXISTS (SELECT FROM unnest(disclosures) AS each WHERE audit.subject_of(each) = p_subject);
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
DECLARE
  erased bytea[];
BEGIN
  IF TG_OP = 'UPDATE' AND current_user = 'texting_owner' AND coalesce(NEW.disclosures, '{}') <@ OLD.disclosures THEN
    erased := NEW.disclosures;
    NEW.disclosures := OLD.disclosures;
    IF NEW *= OLD THEN
      NEW.disclosures := erased;
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% of `%.%` refused: the audit log only grows, and audit.erase alone removes what a digest stands for',
    TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
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
      EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING CONSTRAINTS INCLUDING STORAGE) '
        'WITH (toast_tuple_target = 4080)', child, parent);
      EXECUTE format('ALTER TABLE audit.%I ALTER COLUMN org_id SET STATISTICS 0', child);
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
