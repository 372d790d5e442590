-- Everything outside the audit log. Statements end with a semicolon at the end of a line.

CREATE TABLE texting.consent_events (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  recipient TEXT NOT NULL,
  scope TEXT NOT NULL,
  sender TEXT,
  sender_user_id UUID,
  campaign_id UUID,
  action TEXT NOT NULL,
  basis TEXT NOT NULL,
  evidence TEXT,
  message_id UUID,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  due_by timestamptz,
  honored_at timestamptz,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT scope_known CHECK (scope IN ('NUMBER_PAIR', 'SENDER_NUMBER', 'CAMPAIGN', 'ORG')),
  CONSTRAINT action_known CHECK (action IN ('OPT_OUT', 'OPT_IN')),
  CONSTRAINT basis_known CHECK (basis IN ('KEYWORD', 'FREE_TEXT', 'VOICE', 'EMAIL', 'ADMIN', 'CARRIER_BLOCK', 'IMPORT'))
);

CREATE INDEX consent_events_by_recipient ON texting.consent_events (org_id, recipient, id);

CREATE TABLE texting.fact_versions (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  entity_type TEXT NOT NULL,
  entity_id UUID NOT NULL,
  valid_from timestamptz NOT NULL,
  facts JSONB NOT NULL,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE INDEX fact_versions_by_entity ON texting.fact_versions (org_id, entity_id, valid_from, id);

CREATE TABLE texting.idempotency_keys (
  org_id UUID NOT NULL,
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  operation TEXT NOT NULL,
  body_digest BYTEA NOT NULL,
  answer JSONB NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, subject, key)
);

CREATE INDEX idempotency_keys_age ON texting.idempotency_keys (created_at);

CREATE TABLE texting.message_events (
  org_id UUID NOT NULL,
  message_id UUID NOT NULL,
  id UUID NOT NULL,
  status TEXT NOT NULL,
  applied BOOLEAN DEFAULT true NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  failure JSONB,
  raw JSONB,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, message_id, id),
  CONSTRAINT status_known CHECK (status IN ('BLOCKED', 'ACCEPTED', 'QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'DELIVERY_UNKNOWN', 'CANCELED', 'EXPIRED', 'FAILED', 'RECEIVED'))
) PARTITION BY RANGE (message_id);

CREATE TABLE texting.messages (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  direction TEXT NOT NULL,
  from_number TEXT NOT NULL,
  to_number TEXT NOT NULL,
  body TEXT,
  body_state TEXT DEFAULT 'AVAILABLE' NOT NULL,
  status TEXT NOT NULL,
  failure_layer TEXT,
  failure JSONB,
  decision JSONB,
  segments INTEGER NOT NULL,
  encoding TEXT NOT NULL,
  campaign_id UUID,
  carrier TEXT,
  carrier_message_id TEXT,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT direction_known CHECK (direction IN ('INBOUND', 'OUTBOUND')),
  CONSTRAINT body_state_known CHECK (body_state IN ('AVAILABLE', 'WITHHELD', 'ERASED')),
  CONSTRAINT status_known CHECK (status IN ('BLOCKED', 'ACCEPTED', 'QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'DELIVERY_UNKNOWN', 'CANCELED', 'EXPIRED', 'FAILED', 'RECEIVED')),
  CONSTRAINT failure_layer_known CHECK (failure_layer IN ('POLICY', 'PLATFORM', 'AGGREGATOR', 'CARRIER', 'HANDSET')),
  CONSTRAINT encoding_known CHECK (encoding IN ('GSM7', 'UCS2'))
) PARTITION BY RANGE (id);

CREATE INDEX messages_by_carrier_id ON texting.messages (org_id, carrier_message_id) WHERE carrier_message_id IS NOT NULL;

CREATE INDEX messages_by_conversation ON texting.messages (org_id, conversation_id, id);

CREATE INDEX messages_by_user ON texting.messages (org_id, user_id, id);

CREATE TABLE texting.number_directory (
  phone_number TEXT NOT NULL,
  org_id UUID NOT NULL,
  number_id UUID NOT NULL,
  PRIMARY KEY (phone_number)
);

CREATE TABLE texting.orgs (
  org_id UUID NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED,
  customer_type TEXT NOT NULL,
  calling_plan_provider TEXT,
  calling_plan_countries TEXT[],
  add_on_id UUID,
  add_on_name TEXT,
  add_on_units INTEGER,
  add_on_suspended BOOLEAN DEFAULT false NOT NULL,
  handles_phi BOOLEAN,
  healthcare BOOLEAN,
  texting_enabled BOOLEAN DEFAULT false NOT NULL,
  texting_set_at timestamptz,
  texting_set_by TEXT,
  texting_audit_id UUID,
  signature TEXT NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id),
  CONSTRAINT customer_type_known CHECK (customer_type IN ('ENTERPRISE', 'ONLINE', 'TRIAL', 'UNKNOWN'))
);

CREATE INDEX orgs_by_name ON texting.orgs (sort_name, org_id);

CREATE TABLE texting.outbox (
  org_id UUID NOT NULL,
  message_id UUID NOT NULL,
  campaign_id UUID,
  segments INTEGER NOT NULL,
  available_at timestamptz NOT NULL,
  send_by timestamptz NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  claimed_by TEXT,
  answers UUID,
  PRIMARY KEY (org_id, message_id)
);

CREATE INDEX outbox_available ON texting.outbox (available_at);

CREATE TABLE texting.policies (
  org_id UUID NOT NULL,
  kind TEXT NOT NULL,
  version TEXT NOT NULL,
  effective_from timestamptz NOT NULL,
  document JSONB NOT NULL,
  source TEXT NOT NULL,
  audit_id UUID,
  PRIMARY KEY (org_id, kind, version)
);

CREATE TABLE texting.sandbox_events (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  due_at timestamptz NOT NULL,
  event JSONB NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE INDEX sandbox_events_due ON texting.sandbox_events (due_at);

CREATE TABLE texting.tokens (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  subject TEXT NOT NULL,
  name TEXT,
  grants JSONB NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  audit_id UUID,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE texting.traffic_blocks (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  target_type TEXT NOT NULL,
  target_id UUID NOT NULL,
  kind TEXT NOT NULL,
  imposed_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  evidence JSONB,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE INDEX traffic_blocks_by_target ON texting.traffic_blocks (org_id, target_id, started_at);

CREATE TABLE texting.brands (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  legal_name TEXT NOT NULL,
  tax_id TEXT,
  website TEXT,
  registration TEXT NOT NULL,
  identity TEXT NOT NULL,
  score INTEGER,
  feedback TEXT[] DEFAULT '{}' NOT NULL,
  evidence JSONB,
  since timestamptz NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id) REFERENCES texting.orgs (org_id),
  CONSTRAINT registration_known CHECK (registration IN ('PENDING', 'IN_REVIEW', 'APPROVED', 'FAILED', 'SUSPENDED')),
  CONSTRAINT identity_known CHECK (identity IN ('SELF_DECLARED', 'UNVERIFIED', 'VERIFIED', 'VETTED_VERIFIED'))
);

CREATE UNIQUE INDEX brands_one_an_org ON texting.brands (org_id);

CREATE TABLE texting.locations (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  country TEXT NOT NULL,
  region TEXT,
  city TEXT,
  line1 TEXT,
  postal_code TEXT,
  time_zone TEXT NOT NULL,
  pstn_connection_type TEXT NOT NULL,
  texting TEXT DEFAULT 'INHERIT' NOT NULL,
  texting_set_at timestamptz,
  texting_set_by TEXT,
  texting_audit_id UUID,
  signature TEXT NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id) REFERENCES texting.orgs (org_id),
  CONSTRAINT pstn_connection_type_known CHECK (pstn_connection_type IN ('CISCO_PSTN', 'LOCAL_GATEWAY', 'NON_INTEGRATED_CCP', 'INTEGRATED_CCP', 'NOT_CONFIGURED', 'UNKNOWN')),
  CONSTRAINT texting_known CHECK (texting IN ('INHERIT', 'ON', 'OFF'))
);

CREATE TABLE texting.campaigns (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  brand_id UUID NOT NULL,
  use_case TEXT NOT NULL,
  description TEXT NOT NULL,
  sample_messages TEXT[] NOT NULL,
  status TEXT NOT NULL,
  since timestamptz NOT NULL,
  carriers JSONB DEFAULT '[]' NOT NULL,
  evidence JSONB,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, brand_id) REFERENCES texting.brands (org_id, id),
  CONSTRAINT status_known CHECK (status IN ('DRAFT', 'SUBMITTED', 'REGISTRY_REVIEW', 'REGISTRY_REJECTED', 'CARRIER_REVIEW', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'DEACTIVATED'))
);

CREATE TABLE texting.users (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  location_id UUID NOT NULL,
  display_name TEXT NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  email TEXT,
  email_key TEXT COLLATE "C",
  status TEXT DEFAULT 'ACTIVE' NOT NULL,
  app_version TEXT,
  app_version_seen_at timestamptz,
  texting TEXT DEFAULT 'INHERIT' NOT NULL,
  texting_set_at timestamptz,
  texting_set_by TEXT,
  texting_audit_id UUID,
  primary_number_id UUID,
  signature TEXT NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, location_id) REFERENCES texting.locations (org_id, id),
  CONSTRAINT status_known CHECK (status IN ('ACTIVE', 'DEACTIVATED', 'ERASED')),
  CONSTRAINT texting_known CHECK (texting IN ('INHERIT', 'ON', 'OFF'))
);

CREATE INDEX users_by_location ON texting.users (org_id, location_id, id);

CREATE INDEX users_by_location_name ON texting.users (org_id, location_id, sort_name, id);

CREATE INDEX users_by_name ON texting.users (org_id, sort_name, id);

CREATE UNIQUE INDEX users_email ON texting.users (org_id, email_key) WHERE email_key IS NOT NULL;

CREATE TABLE texting.conversations (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  peer TEXT NOT NULL,
  last_message_id UUID NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES texting.users (org_id, id)
);

CREATE UNIQUE INDEX conversations_pair ON texting.conversations (org_id, user_id, peer);

CREATE INDEX conversations_recent ON texting.conversations (org_id, user_id, last_message_id);

CREATE TABLE texting.phone_numbers (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  phone_number TEXT NOT NULL,
  type TEXT DEFAULT 'PRIMARY' NOT NULL,
  assigned_by TEXT NOT NULL,
  region TEXT,
  valid BOOLEAN NOT NULL,
  toll_free_number BOOLEAN NOT NULL,
  state TEXT DEFAULT 'ACTIVE' NOT NULL,
  owner_id UUID,
  campaign_id UUID,
  assignment_status TEXT,
  assignment_since timestamptz,
  assignment_audit_id UUID,
  signature TEXT NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at timestamptz NOT NULL,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, owner_id) REFERENCES texting.users (org_id, id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES texting.campaigns (org_id, id),
  CONSTRAINT type_known CHECK (type IN ('PRIMARY', 'ALTERNATE', 'FAX', 'DNIS')),
  CONSTRAINT assigned_by_known CHECK (assigned_by IN ('CISCO_CALLING_PLAN', 'LOCAL_GATEWAY', 'PORTED_ELSEWHERE', 'UNKNOWN')),
  CONSTRAINT state_known CHECK (state IN ('ACTIVE', 'INACTIVE')),
  CONSTRAINT assignment_status_known CHECK (assignment_status IN ('PENDING_ASSIGNMENT', 'ASSIGNED', 'FAILED_ASSIGNMENT', 'PENDING_UNASSIGNMENT', 'UNASSIGNED', 'FAILED_UNASSIGNMENT'))
);

CREATE INDEX phone_numbers_by_campaign ON texting.phone_numbers (org_id, campaign_id, id);

CREATE INDEX phone_numbers_by_owner ON texting.phone_numbers (org_id, owner_id, id);

CREATE UNIQUE INDEX phone_numbers_number ON texting.phone_numbers (org_id, phone_number);

CREATE UNIQUE INDEX phone_numbers_one_primary ON texting.phone_numbers (org_id, owner_id) WHERE owner_id IS NOT NULL AND type = 'PRIMARY';
