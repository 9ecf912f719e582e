-- Oldest binary that may run on this schema: 1. It only adds.
-- +goose Up
-- Who may send friends: a code that their link ends with, over all shops one. It takes nothing off at a checkout;
-- an order that tells it, as one typed at a till, counts like the link.
CREATE TABLE advocates (
  shop_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  code TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  visits BIGINT NOT NULL DEFAULT 0, -- how often the page of the link was opened
  banned_at BIGINT NOT NULL DEFAULT 0,
  banned_by TEXT NOT NULL DEFAULT '',
  ban_note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, person_id)
);
CREATE UNIQUE INDEX advocates_code ON advocates (code);
CREATE INDEX advocates_banned ON advocates (shop_id, banned_at) WHERE banned_at > 0;

-- Signs that an advocate sent somebody: an address left on the page of a link.
CREATE TABLE referral_touches (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  advocate_id TEXT NOT NULL,
  person_id TEXT NOT NULL DEFAULT '', -- who left it, where a reward was given to them
  via TEXT NOT NULL, -- link, touch
  email_hash TEXT NOT NULL, -- of the address as it was typed, by which it is erased and shown
  mailbox_hash TEXT NOT NULL, -- of where its mail arrives, by which it is found: tags and dots make no new friend
  net_hash TEXT NOT NULL DEFAULT '', -- of where they came from, keyed by the shop
  language TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  keep_until BIGINT NOT NULL,
  reward_id TEXT NOT NULL DEFAULT '', -- the friend's offer
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX referral_touches_email ON referral_touches (shop_id, email_hash);
CREATE INDEX referral_touches_mailbox ON referral_touches (shop_id, mailbox_hash);
CREATE UNIQUE INDEX referral_touches_once ON referral_touches (shop_id, mailbox_hash) WHERE reward_id <> ''; -- one offer a mailbox
CREATE INDEX referral_touches_advocate ON referral_touches (shop_id, advocate_id, at);
CREATE INDEX referral_touches_person ON referral_touches (shop_id, person_id) WHERE person_id <> '';
CREATE INDEX referral_touches_keep ON referral_touches (keep_until);

-- What an advocate gets for a friend, once for each friend.
CREATE TABLE referrals (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  advocate_id TEXT NOT NULL,
  friend_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  via TEXT NOT NULL, -- code, link, touch
  code TEXT NOT NULL DEFAULT '', -- that they used
  touched_at BIGINT NOT NULL,
  verdict TEXT NOT NULL, -- JSON: referral.Verdict
  state TEXT NOT NULL, -- waiting, flagged, paid, reversed, refused
  reason TEXT NOT NULL,
  decision TEXT NOT NULL DEFAULT '', -- let, refuse
  decided_by TEXT NOT NULL DEFAULT '',
  decided_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  sale_at BIGINT NOT NULL,
  counts BIGINT NOT NULL DEFAULT 0, -- what is left of the order, minor units of the reporting currency
  opens_at BIGINT NOT NULL DEFAULT 0, -- the end of its return window; 0 = not known
  payouts BIGINT NOT NULL DEFAULT 0, -- how often it was paid, each time after the one before was taken back
  reward_id TEXT NOT NULL DEFAULT '', -- of the last payout
  paid_at BIGINT NOT NULL DEFAULT 0, -- of the last payout
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX referrals_friend ON referrals (shop_id, friend_id);
CREATE INDEX referrals_advocate ON referrals (shop_id, advocate_id, sale_at);
CREATE INDEX referrals_state ON referrals (shop_id, state, id);

-- Friends who are to be looked at, each once.
CREATE TABLE referral_looks (
  shop_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  look_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 1, -- rises with each wish, so that none is lost while another is met
  PRIMARY KEY (shop_id, person_id)
);
CREATE INDEX referral_looks_due ON referral_looks (shop_id, look_at); -- by shop: one with very many holds up no other

-- Customers by mailbox: without the tag behind a plus, and without dots, which say nothing at Google
-- (referral.Mailbox; of others the code looks again).
CREATE INDEX persons_mailbox ON persons (shop_id, (replace(split_part(replace(email, '@', '+'), '+', 1), '.', '') || '@' || split_part(email, '@', 2))) WHERE email <> '';
-- What friends' offers take of a month's budget.
CREATE INDEX rewards_referral ON rewards (shop_id, month) WHERE cause_kind = 'referral';

-- +goose Down
DROP INDEX rewards_referral;
DROP INDEX persons_mailbox;
DROP TABLE referral_looks;
DROP TABLE referrals;
DROP TABLE referral_touches;
DROP TABLE advocates;
