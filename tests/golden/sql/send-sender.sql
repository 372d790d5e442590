-- $1 org_id, $2 number_id
SELECT texting.phone_numbers.phone_number
FROM texting.phone_numbers
WHERE texting.phone_numbers.org_id = $1::UUID AND texting.phone_numbers.id = $2::UUID AND texting.phone_numbers.type = 'PRIMARY'
