-- $1 org_id, $2 id_from, $3 involves, $4 occurred_from, $5 after_0, $6 page_size
SELECT audit.record.org_id, audit.record.id, audit.record.entry
FROM audit.record, audit.involvement
WHERE audit.record.org_id = $1::UUID AND audit.involvement.record_id >= $2::UUID AND audit.involvement.org_id = $1::UUID AND audit.involvement.subject_id = $3::UUID AND audit.involvement.record_id = audit.record.id AND audit.record.id >= $2::UUID AND audit.record.occurred_at >= $4::TIMESTAMP WITH TIME ZONE AND audit.involvement.record_id < $5::UUID ORDER BY audit.involvement.record_id DESC
 LIMIT $6::INTEGER
