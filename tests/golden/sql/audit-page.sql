-- $1 org_id, $2 seen_actor, $3 after_0, $4 page_size
SELECT audit.record.org_id, audit.record.id, audit.record.entry
FROM audit.record
WHERE audit.record.org_id = $1::UUID AND audit.record.actor = $2::VARCHAR AND strpos(split_part(convert_from(audit.record.entry, 'UTF8'), '"user":{', 1), '"org_uid":') < 1 AND strpos(split_part(convert_from(audit.record.entry, 'UTF8'), '"user":{', 1), '"idp":') < 1 AND audit.record.id < $3::UUID ORDER BY audit.record.id DESC
 LIMIT $4::INTEGER
