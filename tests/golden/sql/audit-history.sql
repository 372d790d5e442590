-- $1 parents, $2 org_id, $3 actions, $4 page_size
SELECT anon_1.at AS parent, page.org_id, page.id, page.entry
FROM unnest($1::UUID[]) WITH ORDINALITY AS anon_1(id, at) JOIN LATERAL (SELECT audit.record.org_id AS org_id, audit.record.id AS id, audit.record.entry AS entry
FROM audit.record
WHERE audit.record.org_id = $2::UUID AND audit.record.target_id = anon_1.id AND audit.record.action = ANY ($3::TEXT[]) AND audit.record.kind = 'CHANGE' AND audit.record.outcome = 'ALLOWED' ORDER BY audit.record.id DESC
 LIMIT $4::INTEGER) AS page ON true
