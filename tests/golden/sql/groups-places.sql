-- $1 org_id
SELECT texting.locations.id, texting.locations.texting, texting.locations.texting_locked, texting.locations.signature
FROM texting.locations
WHERE texting.locations.org_id = $1::UUID
