-- $1 org_id, $2 target_ids, $3 now
SELECT texting.traffic_blocks.target_id, texting.traffic_blocks.kind, texting.traffic_blocks.imposed_by, texting.traffic_blocks.reason, texting.traffic_blocks.started_at, texting.traffic_blocks.ended_at
FROM texting.traffic_blocks
WHERE texting.traffic_blocks.org_id = $1::UUID AND texting.traffic_blocks.target_id = ANY ($2::UUID[]) AND texting.traffic_blocks.started_at <= $3::TIMESTAMP WITH TIME ZONE AND (texting.traffic_blocks.ended_at IS NULL OR texting.traffic_blocks.ended_at > $3::TIMESTAMP WITH TIME ZONE)
