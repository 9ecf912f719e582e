-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
-- When events that Stripe could not deliver were last asked for, over all it still has; the look up to the watermark comes each time.
ALTER TABLE reconciliations ADD COLUMN swept_at BIGINT NOT NULL DEFAULT 0;
-- Where that stands: it has a place of its own, so that it never holds up the look.
ALTER TABLE reconciliations ADD COLUMN sweep_cursor TEXT NOT NULL DEFAULT '';
-- Until when a past is to be read of which the platform's events tell no more; 0 = until the install.
ALTER TABLE backfills ADD COLUMN read_until BIGINT NOT NULL DEFAULT 0;

-- When a platform first refused the tokens that a connection has, 0 = it did not; a mark of the key that Stripe
-- refused; and when Stripe was last asked whether it still does. An answer clears all three.
ALTER TABLE connections ADD COLUMN refused_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN refused_key TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;

-- Codes that were made in a merchant's account, once for each cause and rule. The platform's own memory of a call ends after a day.
CREATE TABLE promotions (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  cause TEXT NOT NULL, -- what it is given for, such as an order
  rule TEXT NOT NULL,
  customer_id TEXT NOT NULL DEFAULT '', -- the platform's, of the only one who may use it
  code TEXT NOT NULL,
  coupon_id TEXT NOT NULL DEFAULT '', -- the platform's; '' = not made yet
  promotion_id TEXT NOT NULL DEFAULT '', -- likewise
  state TEXT NOT NULL, -- making, made, ended
  terms TEXT NOT NULL, -- JSON: what it takes off, of what, for how long
  note TEXT NOT NULL DEFAULT '',
  asked_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  look_at BIGINT NOT NULL DEFAULT 0, -- when the platform is looked at, for what became of it; 0 = it has what the row says
  PRIMARY KEY (shop_id, connection_id, cause, rule)
);
CREATE UNIQUE INDEX promotions_code ON promotions (shop_id, connection_id, code);
CREATE INDEX promotions_look ON promotions (look_at) WHERE look_at > 0;

-- Who told of what hangs on no order: when that platform has left, nothing is sent on it. '' = another system, or it came before.
ALTER TABLE events ADD COLUMN platform TEXT NOT NULL DEFAULT '';

-- What was held for lack of consent is counted for the merchant.
CREATE INDEX decisions_consent ON decisions (shop_id, last_at) WHERE reason = 'no_consent';

-- +goose Down
DROP INDEX decisions_consent;
ALTER TABLE events DROP COLUMN platform;
DROP TABLE promotions;
ALTER TABLE connections DROP COLUMN asked_at;
ALTER TABLE connections DROP COLUMN refused_key;
ALTER TABLE connections DROP COLUMN refused_at;
ALTER TABLE backfills DROP COLUMN read_until;
ALTER TABLE reconciliations DROP COLUMN sweep_cursor;
ALTER TABLE reconciliations DROP COLUMN swept_at;
