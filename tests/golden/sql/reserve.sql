-- $1 wants_room, $2 org_id, $3 before_full, $4 wants_number, $5 territory, $6 wants_location
SELECT number.id AS number_id, number.type, number.state, number.assigned_by, number.region, number.valid, number.campaign_id, number.assignment_status, location.id AS location_id, location.country, location.texting, location.texting_locked, array((SELECT texting.campaigns.id
FROM texting.campaigns
WHERE $1::BOOLEAN AND texting.campaigns.org_id = $2::UUID AND (texting.campaigns.status NOT IN ('EXPIRED', 'DEACTIVATED')) AND (EXISTS (SELECT 1
FROM texting.phone_numbers
WHERE texting.phone_numbers.org_id = texting.campaigns.org_id AND texting.phone_numbers.campaign_id = texting.campaigns.id AND texting.phone_numbers.assignment_status IN ('PENDING_ASSIGNMENT', 'ASSIGNED', 'PENDING_UNASSIGNMENT', 'FAILED_UNASSIGNMENT')
 LIMIT ALL OFFSET $3::INTEGER)))) AS "full"
FROM texting.orgs LEFT OUTER JOIN LATERAL (SELECT texting.phone_numbers.id AS id, texting.phone_numbers.type AS type, texting.phone_numbers.state AS state, texting.phone_numbers.assigned_by AS assigned_by, texting.phone_numbers.region AS region, texting.phone_numbers.valid AS valid, texting.phone_numbers.campaign_id AS campaign_id, texting.phone_numbers.assignment_status AS assignment_status
FROM texting.phone_numbers
WHERE $4::BOOLEAN AND texting.phone_numbers.org_id = $2::UUID AND texting.phone_numbers.owner_id IS NULL AND texting.phone_numbers.state = 'ACTIVE' AND texting.phone_numbers.assigned_by = 'CISCO_CALLING_PLAN' AND texting.phone_numbers.valid AND texting.phone_numbers.region = ANY ($5::TEXT[]) ORDER BY texting.phone_numbers.assignment_status IS DISTINCT FROM 'ASSIGNED', texting.phone_numbers.id
 LIMIT 1) AS number ON true LEFT OUTER JOIN LATERAL (SELECT texting.locations.id AS id, texting.locations.country AS country, texting.locations.texting AS texting, texting.locations.texting_locked AS texting_locked
FROM texting.locations
WHERE $6::BOOLEAN AND texting.locations.org_id = $2::UUID AND texting.locations.pstn_connection_type = 'CISCO_PSTN' AND texting.locations.country = ANY ($5::TEXT[]) AND NOT texting.locations.texting_locked ORDER BY texting.locations.texting = 'OFF', texting.locations.id
 LIMIT 1) AS location ON true
WHERE texting.orgs.org_id = $2::UUID
