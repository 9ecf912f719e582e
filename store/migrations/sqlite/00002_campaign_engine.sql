-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
ALTER TABLE shops ADD COLUMN paused_at BIGINT NOT NULL DEFAULT 0; -- the last pause: its beginning
ALTER TABLE shops ADD COLUMN resumed_at BIGINT NOT NULL DEFAULT 0; -- and its end
ALTER TABLE shop_work ADD COLUMN fuse_asked BIGINT NOT NULL DEFAULT 0; -- how often something went wrong since its campaigns were last looked at
CREATE INDEX shop_work_fuse ON shop_work (shop_id) WHERE fuse_asked > 0;

ALTER TABLE shops ADD COLUMN learned TEXT NOT NULL DEFAULT ''; -- median transit days as JSON, from transit

ALTER TABLE orders ADD COLUMN sale_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN counts BIGINT NOT NULL DEFAULT 0; -- 1 = a sale that stands
ALTER TABLE orders ADD COLUMN net BIGINT NOT NULL DEFAULT 0; -- minor units of the reporting currency, less what went back
ALTER TABLE orders ADD COLUMN net_known BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN purchase_rev BIGINT NOT NULL DEFAULT 0; -- of which rev the four columns speak: any other is worked out anew

ALTER TABLE events ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- of a custom event
ALTER TABLE events ADD COLUMN props TEXT NOT NULL DEFAULT ''; -- of a custom event, JSON

ALTER TABLE suppressions ADD COLUMN effect_id TEXT NOT NULL DEFAULT ''; -- the message whose link was used

ALTER TABLE campaigns ADD COLUMN paused_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN paused_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN resumed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE campaign_versions ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE campaign_versions ADD COLUMN note TEXT NOT NULL DEFAULT '';

ALTER TABLE enrollments ADD COLUMN cause TEXT NOT NULL DEFAULT ''; -- kind|subject of the event it began with
ALTER TABLE enrollments ADD COLUMN waits_for TEXT NOT NULL DEFAULT ''; -- the kind of event that moves it
ALTER TABLE enrollments ADD COLUMN next_class TEXT NOT NULL DEFAULT ''; -- of its next message; '' = none is known
ALTER TABLE enrollments ADD COLUMN next_topic TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollments ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE enrollments ADD COLUMN first_due BIGINT NOT NULL DEFAULT 0; -- when its next message was due before anything put it off
ALTER TABLE enrollments ADD COLUMN latest_at BIGINT NOT NULL DEFAULT 0; -- until when its next message makes sense
ALTER TABLE enrollments ADD COLUMN answers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE enrollments ADD COLUMN rehearsal BIGINT NOT NULL DEFAULT 0; -- 1 for the team only, 2 the same and over
ALTER TABLE enrollments ADD COLUMN skip_step TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollments ADD COLUMN go_now BIGINT NOT NULL DEFAULT 0; -- when somebody said that its next step is to go at once
CREATE INDEX enrollments_waiting ON enrollments (shop_id, person_id, waits_for) WHERE waits_for <> '' AND state = 'active';
CREATE INDEX enrollments_rehearsal ON enrollments (shop_id, campaign_id) WHERE rehearsal = 1;

ALTER TABLE effects ADD COLUMN rehearsal BIGINT NOT NULL DEFAULT 0;
-- Asks only: order mails are in neither index.
CREATE INDEX effects_address ON effects (shop_id, address_hash, claimed_at) WHERE class <> 'transactional' AND rehearsal = 0;
CREATE INDEX effects_campaign ON effects (shop_id, campaign_id, claimed_at) WHERE class <> 'transactional' AND rehearsal = 0;

-- What other tools sent, told by API.
CREATE TABLE touches (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  at BIGINT NOT NULL,
  class TEXT NOT NULL,
  channel TEXT NOT NULL,
  source TEXT NOT NULL, -- the tool
  external_id TEXT NOT NULL, -- the tool's id of the message
  campaign TEXT NOT NULL, -- as the tool calls it
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, source, external_id)
);
CREATE INDEX touches_address ON touches (shop_id, address_hash, at);

-- Branches that were taken.
CREATE TABLE passes (
  shop_id TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  branch TEXT NOT NULL,
  person_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  rehearsal BIGINT NOT NULL,
  PRIMARY KEY (shop_id, enrollment_id, step_id)
);
CREATE INDEX passes_step ON passes (shop_id, campaign_id, step_id);
CREATE INDEX passes_person ON passes (shop_id, person_id);

-- Calls for staff to make.
CREATE TABLE tasks (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL, -- of the effect
  person_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  title TEXT NOT NULL,
  script TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  state TEXT NOT NULL, -- open, done, dropped
  outcome TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX tasks_state ON tasks (shop_id, state, due_at, id);
CREATE INDEX tasks_person ON tasks (shop_id, person_id);
CREATE INDEX tasks_order ON tasks (shop_id, order_id);

-- Where outgoing webhooks go.
CREATE TABLE hooks (
  shop_id TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  secrets BLOB NOT NULL, -- sealed
  created_at BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL DEFAULT 0,
  disabled_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, name)
);

CREATE TABLE products (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  facts TEXT NOT NULL, -- commerce.Product as JSON
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

-- Work on many persons that goes on step by step.
CREATE TABLE fanouts (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  cursor TEXT NOT NULL DEFAULT '', -- the last id that is done
  state TEXT NOT NULL, -- open, done
  done BIGINT NOT NULL DEFAULT 0,
  total BIGINT NOT NULL DEFAULT 0, -- 0 = unknown
  created_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL DEFAULT 0,
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, kind, campaign_id, subject)
);
CREATE INDEX fanouts_open ON fanouts (id) WHERE state = 'open';

CREATE TABLE api_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL, -- viewer, builder, publisher, owner
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL DEFAULT 0,
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX api_tokens_shop ON api_tokens (shop_id);

-- How long parcels travelled, one row for each country, method and number of days.
CREATE TABLE transit (
  shop_id TEXT NOT NULL,
  country TEXT NOT NULL,
  method TEXT NOT NULL,
  days BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (shop_id, country, method, days)
);

-- +goose Down
DROP TABLE transit;
DROP TABLE api_tokens;
DROP TABLE fanouts;
DROP TABLE products;
DROP TABLE hooks;
DROP TABLE tasks;
DROP TABLE passes;
DROP TABLE touches;
DROP INDEX effects_campaign;
DROP INDEX effects_address;
ALTER TABLE effects DROP COLUMN rehearsal;
DROP INDEX enrollments_rehearsal;
DROP INDEX enrollments_waiting;
ALTER TABLE enrollments DROP COLUMN go_now;
ALTER TABLE enrollments DROP COLUMN skip_step;
ALTER TABLE enrollments DROP COLUMN rehearsal;
ALTER TABLE enrollments DROP COLUMN answers;
ALTER TABLE enrollments DROP COLUMN latest_at;
ALTER TABLE enrollments DROP COLUMN first_due;
ALTER TABLE enrollments DROP COLUMN priority;
ALTER TABLE enrollments DROP COLUMN next_topic;
ALTER TABLE enrollments DROP COLUMN next_class;
ALTER TABLE enrollments DROP COLUMN waits_for;
ALTER TABLE enrollments DROP COLUMN cause;
ALTER TABLE campaign_versions DROP COLUMN note;
ALTER TABLE campaign_versions DROP COLUMN author;
ALTER TABLE campaigns DROP COLUMN created_at;
ALTER TABLE campaigns DROP COLUMN resumed_at;
ALTER TABLE campaigns DROP COLUMN paused_at;
ALTER TABLE campaigns DROP COLUMN paused_reason;
ALTER TABLE suppressions DROP COLUMN effect_id;
ALTER TABLE events DROP COLUMN props;
ALTER TABLE events DROP COLUMN name;
ALTER TABLE orders DROP COLUMN purchase_rev;
ALTER TABLE orders DROP COLUMN net_known;
ALTER TABLE orders DROP COLUMN net;
ALTER TABLE orders DROP COLUMN counts;
ALTER TABLE orders DROP COLUMN sale_at;
ALTER TABLE shops DROP COLUMN learned;
DROP INDEX shop_work_fuse;
ALTER TABLE shop_work DROP COLUMN fuse_asked;
ALTER TABLE shops DROP COLUMN resumed_at;
ALTER TABLE shops DROP COLUMN paused_at;
