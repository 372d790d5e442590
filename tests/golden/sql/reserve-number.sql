-- $1 org_id, $2 regions
SELECT texting.phone_numbers.id, texting.phone_numbers.type, texting.phone_numbers.state, texting.phone_numbers.assigned_by, texting.phone_numbers.region, texting.phone_numbers.valid, texting.phone_numbers.campaign_id, texting.phone_numbers.assignment_status
FROM texting.phone_numbers
WHERE texting.phone_numbers.org_id = $1::UUID AND texting.phone_numbers.owner_id IS NULL AND texting.phone_numbers.state = 'ACTIVE' AND texting.phone_numbers.assigned_by = 'CISCO_CALLING_PLAN' AND texting.phone_numbers.valid AND texting.phone_numbers.region = ANY ($2::TEXT[]) ORDER BY texting.phone_numbers.assignment_status IS DISTINCT FROM 'ASSIGNED', texting.phone_numbers.id
 LIMIT 1
