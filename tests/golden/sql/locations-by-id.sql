-- $1 org_id, $2 keys
SELECT texting.locations.org_id, texting.locations.id, texting.locations.name, texting.locations.country, texting.locations.region, texting.locations.city, texting.locations.line1, texting.locations.postal_code, texting.locations.time_zone, texting.locations.pstn_connection_type, texting.locations.texting, texting.locations.version
FROM texting.locations
WHERE texting.locations.org_id = $1::UUID AND texting.locations.id = ANY ($2::UUID[])
