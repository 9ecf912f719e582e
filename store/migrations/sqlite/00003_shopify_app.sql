-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
ALTER TABLE connections ADD COLUMN platform_id TEXT NOT NULL DEFAULT ''; -- the account's number where external_id is a name
ALTER TABLE connections ADD COLUMN refresh_token BLOB NOT NULL DEFAULT x''; -- sealed; empty = the token does not expire
ALTER TABLE connections ADD COLUMN token_expires_at BIGINT NOT NULL DEFAULT 0; -- real time; 0 = never
ALTER TABLE connections ADD COLUMN refresh_expires_at BIGINT NOT NULL DEFAULT 0; -- real time; 0 = never
ALTER TABLE connections ADD COLUMN refreshed_at BIGINT NOT NULL DEFAULT 0; -- real time: when the tokens were got
ALTER TABLE connections ADD COLUMN refresh_tried_at BIGINT NOT NULL DEFAULT 0; -- real time: when the pair was last tried because of its age
ALTER TABLE connections ADD COLUMN token_at BIGINT NOT NULL DEFAULT 0; -- when the tokens were got, by the clock of granted_at: an uninstall of later has ended them; 0 = not known
ALTER TABLE connections ADD COLUMN token_state TEXT NOT NULL DEFAULT ''; -- '' good, revoked: the platform refused it and somebody must open the app
ALTER TABLE connections ADD COLUMN scopes TEXT NOT NULL DEFAULT ''; -- granted, by comma
ALTER TABLE connections ADD COLUMN refresh_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN refresh_until BIGINT NOT NULL DEFAULT 0; -- real time: until when refresh_owner alone refreshes
ALTER TABLE connections ADD COLUMN storefront_seen_at BIGINT NOT NULL DEFAULT 0; -- when a storefront last asked for our block
CREATE INDEX connections_refreshed ON connections (refreshed_at, refresh_tried_at) WHERE refresh_expires_at > 0 AND closed_at = 0;

-- What happened before an install, read once.
CREATE TABLE backfills (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  epoch BIGINT NOT NULL, -- of the connection: another install asks anew
  state TEXT NOT NULL, -- asked, running, reading, done, failed
  operation TEXT NOT NULL DEFAULT '', -- the platform's id of the export
  url BLOB NOT NULL, -- sealed: where its file is
  position BIGINT NOT NULL DEFAULT 0, -- bytes of the file that are merged
  size BIGINT NOT NULL DEFAULT 0, -- bytes of the file; 0 = not known yet
  orders BIGINT NOT NULL DEFAULT 0, -- merged
  expected BIGINT NOT NULL DEFAULT 0, -- orders in all; 0 = not known yet
  refused BIGINT NOT NULL DEFAULT 0, -- orders that could not be read
  note TEXT NOT NULL DEFAULT '',
  tries BIGINT NOT NULL DEFAULT 0, -- failures since it last came on
  polls BIGINT NOT NULL DEFAULT 0, -- times the platform was asked about this export
  next_at BIGINT NOT NULL, -- real time; 0 = nothing more to do
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  asked_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, connection_id)
);
CREATE INDEX backfills_next ON backfills (next_at) WHERE next_at > 0;

-- The look for what webhooks did not bring.
CREATE TABLE reconciliations (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  watermark BIGINT NOT NULL, -- changes up to here are known
  cursor TEXT NOT NULL DEFAULT '', -- the platform's, within a look that is under way
  bound BIGINT NOT NULL DEFAULT 0, -- up to which change that look goes; 0 = none is under way
  next_at BIGINT NOT NULL, -- 0 = it rests, since nobody can be asked
  tries BIGINT NOT NULL DEFAULT 0,
  looked BIGINT NOT NULL DEFAULT 0, -- orders looked at so far
  found BIGINT NOT NULL DEFAULT 0, -- that no webhook had brought
  note TEXT NOT NULL DEFAULT '',
  looked_at BIGINT NOT NULL DEFAULT 0,
  stuck TEXT NOT NULL DEFAULT '', -- the order at which it failed last
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  PRIMARY KEY (shop_id, connection_id)
);
CREATE INDEX reconciliations_next ON reconciliations (next_at);
CREATE INDEX findings_about ON findings (shop_id, kind, subject);

-- What a platform is told of a customer: so far, that they want no marketing at all.
CREATE TABLE writebacks (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  platform TEXT NOT NULL,
  kind TEXT NOT NULL, -- unsubscribe
  person_id TEXT NOT NULL,
  said_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL, -- 0 = done or given up
  tries BIGINT NOT NULL DEFAULT 0,
  done_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, platform, kind, person_id, said_at)
);
CREATE INDEX writebacks_next ON writebacks (next_at) WHERE next_at > 0;

-- When a customer's consent was last read at the platform.
CREATE TABLE consent_reads (
  shop_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, platform, customer_id)
);
CREATE INDEX consent_reads_at ON consent_reads (read_at);

ALTER TABLE privacy_requests ADD COLUMN platform TEXT NOT NULL DEFAULT ''; -- that made it; '' = an operator did
ALTER TABLE privacy_requests ADD COLUMN request_id TEXT NOT NULL DEFAULT ''; -- the platform's
ALTER TABLE privacy_requests ADD COLUMN export_id TEXT NOT NULL DEFAULT '';
ALTER TABLE privacy_requests ADD COLUMN report TEXT NOT NULL DEFAULT ''; -- what was done, in figures, as JSON
ALTER TABLE privacy_requests ADD COLUMN persons TEXT NOT NULL DEFAULT ''; -- whom it named of those we knew, as a JSON list of ids

-- What is kept of a customer, for the merchant to hand over.
CREATE TABLE exports (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  body BLOB NOT NULL, -- sealed JSON; the readable form is made of it
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX exports_expiry ON exports (expires_at);

-- Who was erased, by keyed hash: what comes of them later is dropped.
CREATE TABLE tombstones (
  shop_id TEXT NOT NULL,
  mark TEXT NOT NULL, -- keyed hash of an address, or of a platform's customer (c:) or order (o:) id
  person_id TEXT NOT NULL, -- the erased person to whom what comes later belongs; '' = none has come yet
  erased_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, mark)
);

-- Every erasure with its proof. It stands outside the shops since it outlives them, and holds nobody's data.
CREATE TABLE erasures (
  id TEXT NOT NULL PRIMARY KEY,
  shop_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- customer, shop
  marks TEXT NOT NULL, -- JSON list
  report TEXT NOT NULL, -- rows removed by table, as JSON
  erased_at BIGINT NOT NULL
);
CREATE INDEX erasures_shop ON erasures (shop_id, erased_at);

-- What a shop pays for, as the platform says.
CREATE TABLE entitlements (
  shop_id TEXT NOT NULL PRIMARY KEY,
  plan TEXT NOT NULL,
  state TEXT NOT NULL, -- none, trial, active, cancelling, pending, declined, frozen, cancelled
  pending_plan TEXT NOT NULL DEFAULT '',
  trial_ends_at BIGINT NOT NULL DEFAULT 0,
  period_from BIGINT NOT NULL DEFAULT 0,
  period_until BIGINT NOT NULL DEFAULT 0,
  checked_at BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL DEFAULT 0,
  holds_from BIGINT NOT NULL DEFAULT 0, -- the shop is over its plan, and from then on asks are held; 0 = it is not
  epoch BIGINT NOT NULL DEFAULT 0, -- of the connection when the platform was last asked: another install asks anew
  next_at BIGINT NOT NULL
);
CREATE INDEX entitlements_next ON entitlements (next_at);

-- Orders that were paid, and those of them that went back whole, by day of payment.
CREATE TABLE usage_days (
  shop_id TEXT NOT NULL,
  day BIGINT NOT NULL, -- days since 1970, UTC
  paid BIGINT NOT NULL DEFAULT 0,
  refunded BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, day)
);

-- What is in usage_days of an order, so that it can be taken back whatever has changed since.
ALTER TABLE orders ADD COLUMN billed_since BIGINT NOT NULL DEFAULT 0; -- from when on payments counted when it was first seen as paid; 0 = it was not yet
ALTER TABLE orders ADD COLUMN billed_day BIGINT NOT NULL DEFAULT 0; -- the day it counts on; 0 = it does not count
ALTER TABLE orders ADD COLUMN billed_back BIGINT NOT NULL DEFAULT 0; -- 1 = it went back whole

-- +goose Down
ALTER TABLE orders DROP COLUMN billed_back;
ALTER TABLE orders DROP COLUMN billed_day;
ALTER TABLE orders DROP COLUMN billed_since;
DROP TABLE usage_days;
DROP TABLE entitlements;
DROP TABLE erasures;
DROP TABLE tombstones;
DROP TABLE exports;
ALTER TABLE privacy_requests DROP COLUMN persons;
ALTER TABLE privacy_requests DROP COLUMN report;
ALTER TABLE privacy_requests DROP COLUMN export_id;
ALTER TABLE privacy_requests DROP COLUMN request_id;
ALTER TABLE privacy_requests DROP COLUMN platform;
DROP TABLE consent_reads;
DROP TABLE writebacks;
DROP INDEX findings_about;
DROP TABLE reconciliations;
DROP TABLE backfills;
DROP INDEX connections_refreshed;
ALTER TABLE connections DROP COLUMN storefront_seen_at;
ALTER TABLE connections DROP COLUMN refresh_until;
ALTER TABLE connections DROP COLUMN refresh_owner;
ALTER TABLE connections DROP COLUMN scopes;
ALTER TABLE connections DROP COLUMN token_state;
ALTER TABLE connections DROP COLUMN token_at;
ALTER TABLE connections DROP COLUMN refresh_tried_at;
ALTER TABLE connections DROP COLUMN refreshed_at;
ALTER TABLE connections DROP COLUMN refresh_expires_at;
ALTER TABLE connections DROP COLUMN token_expires_at;
ALTER TABLE connections DROP COLUMN refresh_token;
ALTER TABLE connections DROP COLUMN platform_id;
