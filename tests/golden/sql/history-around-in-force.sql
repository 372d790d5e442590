-- $1 org_id, $2 entity_ids, $3 user_ids, $4 until
SELECT texting.fact_versions.id, texting.fact_versions.entity_type, texting.fact_versions.entity_id, texting.fact_versions.valid_from, texting.fact_versions.facts, texting.fact_versions.audit_id, NULL AS leaf_index
FROM texting.fact_versions
WHERE texting.fact_versions.org_id = $1::UUID AND texting.fact_versions.id IN (SELECT DISTINCT ON (held.entity_id, anon_1.name) held.id
FROM texting.fact_versions AS held JOIN jsonb_object_keys(held.facts) AS anon_1(name) ON anon_1.name IS NOT NULL
WHERE held.org_id = $1::UUID AND held.entity_id IN (SELECT unnest($2::UUID[]) AS unnest_1 UNION ALL SELECT DISTINCT had.entity_id
FROM texting.fact_versions AS had
WHERE had.org_id = $1::UUID AND had.owner_id = ANY ($3::UUID[])) AND held.valid_from <= $4::TIMESTAMP WITH TIME ZONE ORDER BY held.entity_id, anon_1.name, held.valid_from DESC, held.id DESC) ORDER BY texting.fact_versions.valid_from DESC, texting.fact_versions.id DESC
