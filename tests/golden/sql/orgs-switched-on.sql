-- $1 org_id
SELECT count(*) AS total
FROM texting.users JOIN texting.locations ON texting.locations.org_id = texting.users.org_id AND texting.locations.id = texting.users.location_id JOIN texting.orgs ON texting.orgs.org_id = texting.users.org_id
WHERE texting.users.org_id = $1::UUID AND texting.users.status = 'ACTIVE' AND CASE WHEN texting.orgs.texting_locked THEN texting.orgs.texting_enabled WHEN (texting.locations.texting_locked OR texting.users.texting = 'INHERIT') THEN texting.locations.texting = 'ON' OR texting.locations.texting = 'INHERIT' AND texting.orgs.texting_enabled ELSE texting.users.texting = 'ON' END
