-- $1 org_id, $2 keys
SELECT texting.phone_numbers.org_id, texting.phone_numbers.id, texting.phone_numbers.phone_number, texting.phone_numbers.type, texting.phone_numbers.assigned_by, texting.phone_numbers.region, texting.phone_numbers.valid, texting.phone_numbers.toll_free_number, texting.phone_numbers.state, texting.phone_numbers.owner_id, texting.phone_numbers.campaign_id, texting.phone_numbers.assignment_status, texting.phone_numbers.assignment_since, texting.phone_numbers.assignment_audit_id
FROM texting.phone_numbers
WHERE texting.phone_numbers.org_id = $1::UUID AND texting.phone_numbers.type = 'PRIMARY' AND texting.phone_numbers.owner_id = ANY ($2::UUID[])
