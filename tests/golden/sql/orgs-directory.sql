-- $1 org_id_1, $2 begins, $3 after_0, $4 after_1, $5 page_size
SELECT directory.org_id, directory.name, directory.customer_type, directory.calling_plan_provider, directory.calling_plan_countries, directory.add_on_id, directory.add_on_name, directory.add_on_units, directory.add_on_suspended, directory.handles_phi, directory.healthcare, directory.texting_enabled, directory.version, directory.created_at, directory.sort_name
FROM (SELECT texting.orgs.org_id AS org_id, texting.orgs.name AS name, texting.orgs.customer_type AS customer_type, texting.orgs.calling_plan_provider AS calling_plan_provider, texting.orgs.calling_plan_countries AS calling_plan_countries, texting.orgs.add_on_id AS add_on_id, texting.orgs.add_on_name AS add_on_name, texting.orgs.add_on_units AS add_on_units, texting.orgs.add_on_suspended AS add_on_suspended, texting.orgs.handles_phi AS handles_phi, texting.orgs.healthcare AS healthcare, texting.orgs.texting_enabled AS texting_enabled, texting.orgs.version AS version, texting.orgs.created_at AS created_at, texting.orgs.sort_name AS sort_name
FROM texting.orgs
WHERE texting.orgs.org_id != $1::UUID) AS directory
WHERE directory.sort_name >= lower($2::VARCHAR) AND directory.sort_name < concat(lower($2::VARCHAR), '􏿿') AND (directory.sort_name, directory.org_id) > ($3::VARCHAR, $4::UUID) ORDER BY directory.sort_name ASC, directory.org_id ASC
 LIMIT $5::INTEGER
