-- $1 org_id
SELECT texting.orgs.customer_type, texting.orgs.calling_plan_provider, texting.orgs.calling_plan_countries, texting.orgs.add_on_units, texting.orgs.add_on_suspended, texting.orgs.handles_phi, texting.orgs.healthcare, texting.orgs.texting_enabled, texting.orgs.texting_locked, texting.orgs.texting_set_at, texting.orgs.texting_set_by, texting.orgs.texting_audit_id, texting.brands.id AS brand_id, texting.brands.registration
FROM texting.orgs LEFT OUTER JOIN texting.brands ON texting.brands.org_id = texting.orgs.org_id
WHERE texting.orgs.org_id = $1::UUID
