-- $1 org_id, $2 countries
SELECT texting.locations.id, texting.locations.country, texting.locations.texting, texting.locations.texting_locked
FROM texting.locations
WHERE texting.locations.org_id = $1::UUID AND texting.locations.pstn_connection_type = 'CISCO_PSTN' AND texting.locations.country = ANY ($2::TEXT[]) AND NOT texting.locations.texting_locked ORDER BY texting.locations.texting = 'OFF', texting.locations.id
 LIMIT 1
