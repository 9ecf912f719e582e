-- Oldest binary that may run on this schema: 1.
-- +goose Up
CREATE TABLE schema_minimum (binary_schema BIGINT NOT NULL);
INSERT INTO schema_minimum (binary_schema) VALUES (1);

-- What finds the shop stands outside it: accounts, connections, pending deliveries, link tokens.
CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL, -- merchant, agency
  created_at BIGINT NOT NULL
);

CREATE TABLE account_shops (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  shop_id TEXT NOT NULL,
  role TEXT NOT NULL, -- viewer, builder, publisher, owner
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, shop_id, from_at)
);
CREATE INDEX account_shops_shop ON account_shops (shop_id);

CREATE TABLE shops (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  locale TEXT NOT NULL,
  timezone TEXT NOT NULL,
  country TEXT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  leading_platform TEXT NOT NULL, -- leading alone is a reserved word of PostgreSQL
  settings TEXT NOT NULL,
  data_key BYTEA NOT NULL, -- wrapped by SECRET_KEY; destroying it makes everything sealed unreadable
  created_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE connections (
  id TEXT NOT NULL PRIMARY KEY,
  shop_id TEXT NOT NULL REFERENCES shops (id),
  platform TEXT NOT NULL,
  external_id TEXT NOT NULL,
  live BIGINT NOT NULL,
  own_account BIGINT NOT NULL DEFAULT 0,
  secrets BYTEA NOT NULL, -- sealed
  token BYTEA NOT NULL, -- sealed
  epoch BIGINT NOT NULL DEFAULT 1,
  installed_at BIGINT NOT NULL, -- what happened before is historic
  granted_at BIGINT NOT NULL, -- when it was connected last: an uninstall told of from before is a former install's
  closed_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (platform, external_id, live)
);
CREATE INDEX connections_shop ON connections (shop_id);

CREATE TABLE pending_deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  platform TEXT NOT NULL,
  account TEXT NOT NULL, -- the external id the delivery named
  live BIGINT NOT NULL,
  topic TEXT NOT NULL,
  external_id TEXT NOT NULL,
  triggered_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  body BYTEA NOT NULL, -- the whole delivery, sealed with SECRET_KEY
  UNIQUE (platform, account, live, topic, external_id)
);
CREATE INDEX pending_deliveries_received ON pending_deliveries (received_at);

CREATE TABLE link_tokens (
  hash BYTEA NOT NULL PRIMARY KEY,
  shop_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  effect_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX link_tokens_person ON link_tokens (shop_id, person_id);

-- The queue's bookkeeping for a shop, apart from shops so that it does not bloat it.
CREATE TABLE shop_work (
  shop_id TEXT NOT NULL PRIMARY KEY,
  generation BIGINT NOT NULL DEFAULT 1,
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  progressed_at BIGINT NOT NULL DEFAULT 0, -- real time of the last batch
  touch_below BIGINT NOT NULL DEFAULT 0 -- enrollments due before this are still to be touched; 0 = none
);
CREATE INDEX shop_work_touch ON shop_work (shop_id) WHERE touch_below > 0;

CREATE TABLE inbox (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  topic TEXT NOT NULL,
  external_id TEXT NOT NULL,
  triggered_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  order_ref TEXT NOT NULL,
  customer_ref TEXT NOT NULL,
  email_hash TEXT NOT NULL,
  state BIGINT NOT NULL DEFAULT 0, -- 0 new, 1 done, 2 quarantined
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, id),
  UNIQUE (connection_id, topic, external_id)
);
CREATE INDEX inbox_new ON inbox (shop_id, id) WHERE state = 0;
CREATE INDEX inbox_quarantined ON inbox (shop_id, id) WHERE state = 2;
CREATE INDEX inbox_received ON inbox USING brin (received_at); -- for retention alone, and cheap to keep

CREATE TABLE inbox_bodies (
  shop_id TEXT NOT NULL,
  inbox_id TEXT NOT NULL,
  day BIGINT NOT NULL, -- days since 1970 of received_at
  body BYTEA NOT NULL, -- compressed, then sealed
  PRIMARY KEY (shop_id, inbox_id, day)
) PARTITION BY RANGE (day); -- a day is dropped whole; partitions are made ahead by the binary
CREATE TABLE inbox_bodies_rest PARTITION OF inbox_bodies DEFAULT;
ALTER TABLE inbox_bodies_rest ALTER COLUMN body SET STORAGE EXTERNAL; -- it is compressed already

CREATE TABLE persons (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  merged_into TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  language TEXT NOT NULL,
  country TEXT NOT NULL,
  timezone TEXT NOT NULL,
  erased BIGINT NOT NULL DEFAULT 0,
  updated_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX persons_merged ON persons (shop_id, merged_into) WHERE merged_into <> '';

CREATE TABLE identities (
  shop_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  person_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, kind, value)
);
CREATE INDEX identities_person ON identities (shop_id, person_id);

CREATE TABLE person_merges (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  from_id TEXT NOT NULL,
  into_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  merged_at BIGINT NOT NULL,
  undone_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE consents (
  shop_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  channel TEXT NOT NULL,
  class TEXT NOT NULL,
  said_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL,
  confirmed BIGINT NOT NULL DEFAULT 0, -- double opt-in
  PRIMARY KEY (shop_id, address_hash, channel, class, said_at, state, source)
);

CREATE TABLE suppressions (
  shop_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  scope TEXT NOT NULL, -- all, non_transactional, topic:NAME
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, address_hash, scope)
);

CREATE TABLE orders (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  stub BIGINT NOT NULL,
  facts TEXT NOT NULL, -- commerce.Order as JSON, the truth; the other columns are for finding
  paid_at BIGINT NOT NULL,
  reporting_amount BIGINT NOT NULL, -- minor units of reporting_currency
  reporting_currency TEXT NOT NULL, -- '' = the rate is unknown
  refunded BIGINT NOT NULL, -- minor units, currency as paid
  twin_key TEXT NOT NULL DEFAULT '',
  fetch_at BIGINT NOT NULL DEFAULT 0, -- when to read the order at its platform; 0 = never
  fetch_tries BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX orders_person ON orders (shop_id, person_id);
CREATE INDEX orders_twin ON orders (shop_id, twin_key) WHERE twin_key <> '';
CREATE INDEX orders_fetch ON orders (fetch_at) WHERE fetch_at > 0;

CREATE TABLE order_keys (
  shop_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  kind TEXT NOT NULL,
  external_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, platform, kind, external_id)
);

CREATE TABLE events (
  shop_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  order_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  historic BIGINT NOT NULL,
  assumed BIGINT NOT NULL,
  PRIMARY KEY (shop_id, kind, subject, ordinal)
);
CREATE INDEX events_person ON events (shop_id, person_id, occurred_at);

CREATE TABLE campaigns (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  live_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE campaign_versions (
  shop_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  definition TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, campaign_id, version)
);

CREATE TABLE enrollments (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  entry_key TEXT NOT NULL,
  version BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  anchor BIGINT NOT NULL, -- the cause's own time
  step_id TEXT NOT NULL DEFAULT '',
  step_anchor BIGINT NOT NULL,
  state TEXT NOT NULL, -- active, ended
  reason TEXT NOT NULL DEFAULT '', -- why it ended
  due_at BIGINT NOT NULL,
  queue BIGINT NOT NULL DEFAULT 0, -- 0 idle, 1 queued, 2 running
  queued_at BIGINT NOT NULL DEFAULT 0, -- real time
  task_id TEXT NOT NULL DEFAULT '',
  dispatch BIGINT NOT NULL DEFAULT 0,
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  created_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, campaign_id, entry_key)
);
CREATE INDEX enrollments_due ON enrollments (shop_id, due_at, id) WHERE state = 'active' AND queue = 0;
CREATE INDEX enrollments_queued ON enrollments (queued_at) WHERE queue = 1;
CREATE INDEX enrollments_running ON enrollments (lease_until) WHERE queue = 2;
CREATE INDEX enrollments_order ON enrollments (shop_id, order_id);
CREATE INDEX enrollments_person ON enrollments (shop_id, person_id);

CREATE TABLE effects (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL DEFAULT 0,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  topic TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  state TEXT NOT NULL,
  dispatch BIGINT NOT NULL,
  tries BIGINT NOT NULL DEFAULT 0,
  enrollment_rev BIGINT NOT NULL,
  order_rev BIGINT NOT NULL,
  person_rev BIGINT NOT NULL,
  claimed_at BIGINT NOT NULL,
  sending_at BIGINT NOT NULL DEFAULT 0,
  done_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '', -- the provider's answer, without personal data
  parked BIGINT NOT NULL DEFAULT 0, -- 1 while state is unknown: an index that names state would be written at every change of it
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, enrollment_id, step_id, ordinal)
) WITH (fillfactor = 70); -- a mail changes its state twice: the new versions stay on the page
CREATE INDEX effects_person ON effects (shop_id, person_id);
CREATE INDEX effects_parked ON effects (shop_id, id) WHERE parked = 1;

CREATE TABLE decisions (
  shop_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  entry_key TEXT NOT NULL,
  step_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  person_id TEXT NOT NULL,
  answer TEXT NOT NULL,
  detail TEXT NOT NULL,
  until_at BIGINT NOT NULL,
  times BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, campaign_id, entry_key, step_id, reason)
);
CREATE INDEX decisions_person ON decisions (shop_id, person_id);

CREATE TABLE privacy_requests (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL, -- the platform's customer id, no address
  received_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE findings (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  found_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

-- Whole-installation state: the stop switch, and who sweeps.
CREATE TABLE switches (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until_at BIGINT NOT NULL -- real time
);

-- +goose Down
DROP TABLE leases;
DROP TABLE switches;
DROP TABLE findings;
DROP TABLE privacy_requests;
DROP TABLE decisions;
DROP TABLE effects;
DROP TABLE enrollments;
DROP TABLE campaign_versions;
DROP TABLE campaigns;
DROP TABLE events;
DROP TABLE order_keys;
DROP TABLE orders;
DROP TABLE suppressions;
DROP TABLE consents;
DROP TABLE person_merges;
DROP TABLE identities;
DROP TABLE persons;
DROP TABLE inbox_bodies;
DROP TABLE inbox;
DROP TABLE shop_work;
DROP TABLE link_tokens;
DROP TABLE pending_deliveries;
DROP TABLE connections;
DROP TABLE shops;
DROP TABLE account_shops;
DROP TABLE accounts;
DROP TABLE schema_minimum;
