-- $1 org_id, $2 entity_ids
SELECT DISTINCT ON (texting.fact_versions.entity_id, anon_1.name) texting.fact_versions.entity_id, anon_1.name, texting.fact_versions.valid_from, texting.fact_versions.id, texting.fact_versions.audit_id
FROM texting.fact_versions JOIN jsonb_object_keys(texting.fact_versions.facts) AS anon_1(name) ON anon_1.name IS NOT NULL
WHERE texting.fact_versions.org_id = $1::UUID AND texting.fact_versions.entity_id = ANY ($2::UUID[]) ORDER BY texting.fact_versions.entity_id, anon_1.name, texting.fact_versions.valid_from DESC, texting.fact_versions.id DESC
