-- $1 org_id, $2 seen_user, $3 page_size
SELECT texting.consent_events.org_id, texting.consent_events.id, texting.consent_events.recipient, texting.consent_events.scope, texting.consent_events.sender, texting.consent_events.sender_user_id, texting.consent_events.campaign_id, texting.consent_events.action, texting.consent_events.basis, texting.consent_events.evidence, texting.consent_events.message_id, texting.consent_events.occurred_at, texting.consent_events.recorded_at, texting.consent_events.due_by, texting.consent_events.honored_at, texting.consent_events.audit_id
FROM texting.consent_events
WHERE texting.consent_events.org_id = $1::UUID AND texting.consent_events.recipient IN (SELECT texting.conversations.peer
FROM texting.conversations
WHERE texting.conversations.org_id = $1::UUID AND texting.conversations.user_id = $2::UUID) AND (texting.consent_events.scope = 'CAMPAIGN' OR texting.consent_events.scope = 'ORG' OR texting.consent_events.sender IN (SELECT texting.phone_numbers.phone_number
FROM texting.phone_numbers
WHERE texting.phone_numbers.org_id = $1::UUID AND texting.phone_numbers.owner_id = $2::UUID)) ORDER BY texting.consent_events.id DESC
 LIMIT $3::INTEGER
