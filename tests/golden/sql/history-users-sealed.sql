-- $1 org_id, $2 user_ids, $3 until, $4 size
SELECT texting.fact_versions.id, texting.fact_versions.entity_type, texting.fact_versions.entity_id, texting.fact_versions.valid_from, texting.fact_versions.facts, texting.fact_versions.audit_id, NULL AS leaf_index
FROM texting.fact_versions
WHERE texting.fact_versions.org_id = $1::UUID AND texting.fact_versions.id IN (SELECT DISTINCT ON (held.entity_id, anon_1.name) held.id
FROM texting.fact_versions AS held JOIN jsonb_object_keys(held.facts) AS anon_1(name) ON anon_1.name IS NOT NULL JOIN audit.leaf ON audit.leaf.org_id = held.org_id AND audit.leaf.record_id = held.audit_id
WHERE held.org_id = $1::UUID AND held.entity_id = ANY ($2::UUID[]) AND held.valid_from <= $3::TIMESTAMP WITH TIME ZONE AND audit.leaf.leaf_index < $4::BIGINT ORDER BY held.entity_id, anon_1.name, held.valid_from DESC, held.id DESC) ORDER BY texting.fact_versions.valid_from DESC, texting.fact_versions.id DESC
