-- $1 org_id
SELECT texting.policies.version, texting.policies.document
FROM texting.policies
WHERE texting.policies.org_id = $1::UUID AND texting.policies.kind = 'texting' ORDER BY texting.policies.effective_from, texting.policies.version
