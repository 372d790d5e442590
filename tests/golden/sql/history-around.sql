-- $1 org_id, $2 entity_ids, $3 user_ids, $4 until
SELECT texting.fact_versions.id, texting.fact_versions.entity_type, texting.fact_versions.entity_id, texting.fact_versions.valid_from, texting.fact_versions.facts, texting.fact_versions.audit_id, audit.leaf.leaf_index AS leaf_index
FROM texting.fact_versions LEFT OUTER JOIN audit.leaf ON audit.leaf.org_id = texting.fact_versions.org_id AND audit.leaf.record_id = texting.fact_versions.audit_id
WHERE texting.fact_versions.org_id = $1::UUID AND texting.fact_versions.entity_id IN (SELECT unnest($2::UUID[]) AS unnest_1 UNION ALL SELECT DISTINCT had.entity_id
FROM texting.fact_versions AS had
WHERE had.org_id = $1::UUID AND had.owner_id = ANY ($3::UUID[])) AND texting.fact_versions.valid_from <= $4::TIMESTAMP WITH TIME ZONE ORDER BY texting.fact_versions.valid_from DESC, texting.fact_versions.id DESC
