-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
-- People who sign in. What they may do stands in members and account_shops.
CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE, -- as commerce.NormalEmail writes it
  name TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL DEFAULT '', -- '' = the browser's
  theme TEXT NOT NULL DEFAULT '', -- light, dark; '' = the system's
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL DEFAULT 0,
  rev BIGINT NOT NULL DEFAULT 1 -- rises when what they may do changes: sessions get another token then
);

CREATE TABLE members (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL, -- viewer, builder, publisher, owner
  since BIGINT NOT NULL,
  PRIMARY KEY (account_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

CREATE TABLE passkeys (
  id TEXT NOT NULL PRIMARY KEY, -- the credential's, base64url
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  credential TEXT NOT NULL, -- JSON: public key, sign count, flags
  made_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- When somebody of an account was last in a shop, to the hour.
ALTER TABLE account_shops ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;

-- Browsers that are signed in, or about to be. Times are real ones.
CREATE TABLE sessions (
  hash TEXT NOT NULL PRIMARY KEY, -- of the token, which only the browser has
  user_id TEXT NOT NULL DEFAULT '', -- '' = not signed in yet
  data BYTEA NOT NULL,
  agent TEXT NOT NULL DEFAULT '',
  begun_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Links mailed to sign in by, good once and for minutes.
CREATE TABLE sign_ins (
  hash TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  browser TEXT NOT NULL, -- hash of what the browser that asked holds
  code TEXT NOT NULL, -- hash of the code that may be typed there instead, and of browser
  tries BIGINT NOT NULL DEFAULT 0, -- codes typed in vain
  back TEXT NOT NULL DEFAULT '',
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sign_ins_browser ON sign_ins (browser, made_at);
CREATE INDEX sign_ins_expires ON sign_ins (expires_at);

-- Offers of access: of a place in an account (account_id <> ''), or of a shop to another account.
CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE, -- of the link's token or the code
  account_id TEXT NOT NULL DEFAULT '',
  shop_id TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '', -- '' = whoever holds the code
  role TEXT NOT NULL,
  until_at BIGINT NOT NULL DEFAULT 0, -- when the access ends; 0 = never
  made_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL DEFAULT 0,
  used_by TEXT NOT NULL DEFAULT '', -- an account
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX invitations_account ON invitations (account_id) WHERE account_id <> '';
CREATE INDEX invitations_shop ON invitations (shop_id) WHERE shop_id <> '';

-- Who changed what. A row is written before the change and marked after it.
CREATE TABLE audit (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  user_id TEXT NOT NULL, -- '' = not one of ours: staff inside Shopify, the command line
  who TEXT NOT NULL, -- as it is shown
  account_id TEXT NOT NULL DEFAULT '', -- by whose access they did it; '' = not one of ours
  via TEXT NOT NULL, -- shopify, web, cli
  act TEXT NOT NULL, -- the route
  subject TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '{}', -- JSON: the form, without secrets
  done BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX audit_who ON audit (shop_id, who, id);
CREATE INDEX audit_act ON audit (shop_id, act, id);
CREATE INDEX audit_account ON audit (shop_id, account_id, id) WHERE account_id <> '';
CREATE TABLE account_audit (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  who TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (account_id, id)
);

-- What a campaign's editor holds before it is saved as a version, step by step so that it can be undone.
CREATE TABLE drafts (
  shop_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  rev BIGINT NOT NULL, -- of the draft, from 1
  body TEXT NOT NULL, -- JSON of campaign.Definition; it need not be right yet
  said TEXT NOT NULL, -- what was done, a key
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, campaign_id, rev)
);
CREATE TABLE draft_heads (
  shop_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  rev BIGINT NOT NULL, -- shown now; lower than the last after an undo
  base BIGINT NOT NULL, -- the version it began from; 0 = a new campaign
  lock BIGINT NOT NULL DEFAULT 0, -- rises with each change; begins at the moment, so that no former draft's is met again
  said TEXT NOT NULL DEFAULT '', -- the last change, also an undo: what it was, by whom and when
  by_whom TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, campaign_id)
);

-- How far a shop has come in setting up. A step that was passed by is not done.
CREATE TABLE setups (
  shop_id TEXT NOT NULL,
  step TEXT NOT NULL,
  state TEXT NOT NULL, -- done, skipped
  answer TEXT NOT NULL DEFAULT '{}',
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, step)
);

-- Questions whose answer takes a while: who would have got a campaign in the last days, how many a condition holds for.
CREATE TABLE estimates (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL, -- replay, condition
  campaign_id TEXT NOT NULL DEFAULT '',
  question TEXT NOT NULL, -- JSON: the definition or condition, and the days
  state TEXT NOT NULL, -- asked, running, done, failed
  position TEXT NOT NULL DEFAULT '', -- where to go on
  seen BIGINT NOT NULL DEFAULT 0,
  expected BIGINT NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '{}', -- JSON, so far
  note TEXT NOT NULL DEFAULT '',
  asked_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0, -- real time
  done_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX estimates_open ON estimates (asked_at) WHERE state = 'asked' OR state = 'running';
CREATE INDEX estimates_campaign ON estimates (shop_id, campaign_id, asked_at);

-- The words by which a person is found: folded, so that spellings meet.
CREATE TABLE person_words (
  shop_id TEXT NOT NULL,
  word TEXT COLLATE "C" NOT NULL, -- a beginning is a range, whatever the language of the database
  person_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, word, person_id)
);
CREATE INDEX person_words_person ON person_words (shop_id, person_id, word);
ALTER TABLE persons ADD COLUMN worded BIGINT NOT NULL DEFAULT 0; -- 1 while its words are as it is
CREATE INDEX persons_unworded ON persons (shop_id, id) WHERE worded = 0;

-- The home page of the shop as its platform tells it: no setting changes it, so links of the shared sender may lead there.
ALTER TABLE shops ADD COLUMN site TEXT NOT NULL DEFAULT '';

CREATE INDEX soft_runs_last ON soft_runs (last_at); -- old ones are deleted

-- Lists that people page through.
CREATE INDEX decisions_held ON decisions (shop_id, last_at) WHERE answer = 'hold';
CREATE INDEX effects_state ON effects (shop_id, campaign_id, id);
CREATE INDEX orders_name ON orders (shop_id, name);
CREATE INDEX suppressions_at ON suppressions (shop_id, at, address_hash, scope);

-- +goose Down
DROP INDEX soft_runs_last;
DROP INDEX suppressions_at;
DROP INDEX decisions_held;
ALTER TABLE account_shops DROP COLUMN seen_at;
DROP INDEX orders_name;
DROP INDEX effects_state;
DROP INDEX persons_unworded;
ALTER TABLE shops DROP COLUMN site;
ALTER TABLE persons DROP COLUMN worded;
DROP TABLE person_words;
DROP TABLE estimates;
DROP TABLE setups;
DROP TABLE draft_heads;
DROP TABLE drafts;
DROP TABLE account_audit;
DROP TABLE audit;
DROP TABLE invitations;
DROP TABLE sign_ins;
DROP TABLE sessions;
DROP TABLE passkeys;
DROP TABLE members;
DROP TABLE users;
