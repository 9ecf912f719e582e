-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
-- Who a shop writes as. No row: by the shared sender.
CREATE TABLE senders (
  shop_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL, -- shared, domain, smtp
  state TEXT NOT NULL, -- checking, ready, stopped; while it is checked the shared sender goes on
  address TEXT NOT NULL DEFAULT '', -- From; '' = the shared one
  name TEXT NOT NULL DEFAULT '', -- From name; '' = the shop's
  reply_to TEXT NOT NULL DEFAULT '', -- '' = the shop's address
  domain TEXT NOT NULL DEFAULT '', -- that of address
  provider TEXT NOT NULL DEFAULT '', -- of an own account: ses, postmark, sendgrid, mailgun, resend, other
  sealed BLOB, -- the account's server, user and password, and the secret of its events
  endpoint TEXT NOT NULL DEFAULT '', -- the last part of the address at which its provider tells what became of mails
  looked TEXT NOT NULL DEFAULT '{}', -- JSON: what the last look at the domain or account found
  looked_at BIGINT NOT NULL DEFAULT 0,
  ready_since BIGINT NOT NULL DEFAULT 0, -- warm-up counts from here
  stopped_reason TEXT NOT NULL DEFAULT '',
  changed_at BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX senders_endpoint ON senders (endpoint) WHERE endpoint <> '';
CREATE INDEX senders_look ON senders (looked_at) WHERE kind = 'domain';

-- The keys that sign a shop's mails from its own domain. The private half is sealed.
CREATE TABLE sender_keys (
  shop_id TEXT NOT NULL,
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  kind TEXT NOT NULL, -- rsa, ed25519
  state TEXT NOT NULL, -- next, active, old
  public TEXT NOT NULL, -- what the DNS record says
  sealed BLOB NOT NULL,
  made_at BIGINT NOT NULL,
  since BIGINT NOT NULL, -- of the state
  PRIMARY KEY (shop_id, domain, selector)
);

-- The keys of our own domain, for the shared sender: no shop's.
CREATE TABLE platform_keys (
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  public TEXT NOT NULL,
  sealed BLOB NOT NULL, -- by SECRET_KEY itself
  made_at BIGINT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (domain, selector)
);

-- How many mails a sender with a daily limit has taken on.
CREATE TABLE sender_days (
  shop_id TEXT NOT NULL,
  sender TEXT NOT NULL, -- shared, or the domain
  day BIGINT NOT NULL, -- its first instant, UTC
  taken BIGINT NOT NULL,
  PRIMARY KEY (shop_id, sender, day)
);

-- What providers and mail servers told of mails after they had taken them.
CREATE TABLE bounces (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  event_key TEXT NOT NULL, -- the teller's own id: a repeat changes nothing
  kind TEXT NOT NULL, -- hard, soft, block, complaint
  effect_id TEXT NOT NULL, -- '' = not known
  address_hash TEXT NOT NULL,
  source TEXT NOT NULL, -- ses, postmark, sendgrid, mailgun, resend, dsn, arf
  code TEXT NOT NULL DEFAULT '', -- RFC 3463, such as 5.1.1
  note TEXT NOT NULL DEFAULT '', -- the server's words without addresses
  at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, event_key)
);
CREATE INDEX bounces_address ON bounces (shop_id, address_hash);
CREATE INDEX bounces_time ON bounces (received_at);

-- How many soft bounces in a row an address has had.
CREATE TABLE soft_runs (
  shop_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  run BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, address_hash)
);

-- What was done with a message, where the shop has turned tracking on.
CREATE TABLE message_acts (
  shop_id TEXT NOT NULL,
  effect_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- open, click
  person_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  times BIGINT NOT NULL,
  PRIMARY KEY (shop_id, effect_id, kind)
);

-- What the team is told, once for each cause and channel.
CREATE TABLE notices (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL, -- fuse, sender_stopped, ...
  subject TEXT NOT NULL, -- what it is about, such as a campaign and the instant it stopped
  channel TEXT NOT NULL, -- mail, slack
  data TEXT NOT NULL, -- JSON: the values of its sentences
  state TEXT NOT NULL, -- due, sending, sent, failed, unknown
  tries BIGINT NOT NULL DEFAULT 0,
  made_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, kind, subject, channel)
);
CREATE INDEX notices_due ON notices (due_at) WHERE state = 'due' OR state = 'sending';

-- Where the team is told beside mail.
CREATE TABLE team_channels (
  shop_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- slack
  sealed BLOB NOT NULL, -- the address, which is a secret
  made_at BIGINT NOT NULL,
  failed_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, kind)
);

-- Until when it stops; 0 = until somebody takes it back.
ALTER TABLE suppressions ADD COLUMN until_at BIGINT NOT NULL DEFAULT 0;
-- The address itself, sealed, where no person of the shop has it: lists are exported with addresses.
ALTER TABLE suppressions ADD COLUMN sealed BLOB;
-- What somebody was shown when they said it, with its language in front: "en: Yes, send me ...".
ALTER TABLE consents ADD COLUMN wording TEXT NOT NULL DEFAULT '';
-- The language somebody chose on their own page; it goes before all others.
ALTER TABLE persons ADD COLUMN language_choice TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE persons DROP COLUMN language_choice;
ALTER TABLE consents DROP COLUMN wording;
ALTER TABLE suppressions DROP COLUMN sealed;
ALTER TABLE suppressions DROP COLUMN until_at;
DROP TABLE team_channels;
DROP TABLE notices;
DROP TABLE message_acts;
DROP TABLE soft_runs;
DROP TABLE bounces;
DROP TABLE sender_days;
DROP TABLE platform_keys;
DROP TABLE sender_keys;
DROP TABLE senders;
