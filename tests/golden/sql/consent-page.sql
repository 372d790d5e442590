-- $1 org_id, $2 recipient, $3 after_0, $4 page_size
SELECT texting.consent_events.org_id, texting.consent_events.id, texting.consent_events.recipient, texting.consent_events.scope, texting.consent_events.sender, texting.consent_events.sender_user_id, texting.consent_events.campaign_id, texting.consent_events.action, texting.consent_events.basis, texting.consent_events.evidence, texting.consent_events.message_id, texting.consent_events.occurred_at, texting.consent_events.recorded_at, texting.consent_events.due_by, texting.consent_events.honored_at, texting.consent_events.audit_id
FROM texting.consent_events
WHERE texting.consent_events.org_id = $1::UUID AND texting.consent_events.recipient = $2::VARCHAR AND texting.consent_events.id < $3::UUID ORDER BY texting.consent_events.id DESC
 LIMIT $4::INTEGER
