-- Oldest binary that may run on this schema: 1. It only adds.
-- +goose Up
-- The rules by which a shop gives points, a row for each change; what was given follows those of its day.
CREATE TABLE loyalty_programs (
  shop_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL, -- JSON: loyalty.Program
  active_from BIGINT NOT NULL,
  by_whom TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, version)
);

-- Whether a shop gives points, and since when.
CREATE TABLE loyalty (
  shop_id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL, -- draft, live, paused
  version BIGINT NOT NULL DEFAULT 0,
  live_at BIGINT NOT NULL DEFAULT 0,
  pauses TEXT NOT NULL DEFAULT '', -- JSON: from when until when it gave nothing
  nth BIGINT NOT NULL DEFAULT 0, -- the greatest place of an order that a rule of any version asks for
  rev BIGINT NOT NULL DEFAULT 1
);

-- Who has points, or waits for some. All but the membership is what the ledger comes to, and can be made anew from it.
CREATE TABLE loyalty_members (
  shop_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'guest', -- guest, member, left, blocked
  how TEXT NOT NULL DEFAULT '', -- signup, account, checkout, automatic, staff, import
  joined_at BIGINT NOT NULL DEFAULT 0,
  left_at BIGINT NOT NULL DEFAULT 0,
  terms BIGINT NOT NULL DEFAULT 0, -- the version they took
  birthday BIGINT NOT NULL DEFAULT 0, -- month * 100 + day, below 0 while they are one with somebody
  note TEXT NOT NULL DEFAULT '', -- why blocked
  blocked_by TEXT NOT NULL DEFAULT '',
  seq BIGINT NOT NULL DEFAULT 0, -- of their last row
  pending BIGINT NOT NULL DEFAULT 0,
  points BIGINT NOT NULL DEFAULT 0,
  earned BIGINT NOT NULL DEFAULT 0,
  active_at BIGINT NOT NULL DEFAULT 0,
  ends_at BIGINT NOT NULL DEFAULT 0, -- of the next lot
  ending BIGINT NOT NULL DEFAULT 0, -- its points
  tier TEXT NOT NULL DEFAULT '',
  tier_since BIGINT NOT NULL DEFAULT 0,
  tier_below BIGINT NOT NULL DEFAULT 0,
  tier_look_at BIGINT NOT NULL DEFAULT 0,
  places_at BIGINT NOT NULL DEFAULT 0, -- when the places of their orders are looked at, since they became one with somebody, and when points end, since the rules of that changed; 0 = they were
  notice_at BIGINT NOT NULL DEFAULT 0, -- when they are told that their next lot ends; 0 = they were, or none does
  noticed BIGINT NOT NULL DEFAULT 0, -- the end of the lot of which they were told
  birthday_at BIGINT NOT NULL DEFAULT 0, -- when it comes next; 0 = to be found out
  tag TEXT NOT NULL DEFAULT '', -- of their tier, which they are to have at Shopify
  tagged TEXT NOT NULL DEFAULT '', -- JSON: of tiers, which they may have there
  tag_at BIGINT NOT NULL DEFAULT 0, -- when Shopify is told next; 0 = it was
  tag_tries BIGINT NOT NULL DEFAULT 0,
  look_after BIGINT NOT NULL DEFAULT 0, -- nobody looks before: the last look failed
  made_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, person_id)
);
-- By shop: those of one that has very many due wait for nobody else's, and the others for none of theirs.
CREATE INDEX loyalty_members_ends ON loyalty_members (shop_id, ends_at) WHERE ends_at > 0;
CREATE INDEX loyalty_members_places ON loyalty_members (shop_id, places_at) WHERE places_at > 0;
CREATE INDEX loyalty_members_notice ON loyalty_members (shop_id, notice_at) WHERE notice_at > 0;
CREATE INDEX loyalty_members_birthday ON loyalty_members (shop_id, birthday_at) WHERE birthday > 0;
CREATE INDEX loyalty_members_tag ON loyalty_members (tag_at) WHERE tag_at > 0;
CREATE INDEX loyalty_members_tier ON loyalty_members (shop_id, tier_look_at) WHERE tier_look_at > 0;
CREATE INDEX loyalty_members_points ON loyalty_members (shop_id, points, person_id);

-- Rows are only added. seq rises for each person under the lock of their row.
CREATE TABLE ledger (
  shop_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL, -- pending, earn, release, redeem, expire, clawback, adjust
  cause_kind TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  rule TEXT NOT NULL DEFAULT '',
  ordinal BIGINT NOT NULL, -- among rows of this kind, cause and rule
  pending BIGINT NOT NULL,
  points BIGINT NOT NULL,
  forgiven BIGINT NOT NULL DEFAULT 0,
  terms TEXT NOT NULL DEFAULT '', -- JSON: loyalty.Terms, in the first row of an award
  at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL DEFAULT 0,
  by_whom TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  balance BIGINT NOT NULL, -- points to spend behind this row
  PRIMARY KEY (shop_id, person_id, seq, id)
);
CREATE UNIQUE INDEX ledger_once ON ledger (shop_id, cause_kind, cause_id, rule, kind, ordinal);
CREATE INDEX ledger_at ON ledger (shop_id, at, kind, cause_kind, points); -- what moved within a month

-- What each rule has given for each cause so far: what the ledger's rows of them come to.
CREATE TABLE loyalty_awards (
  shop_id TEXT NOT NULL,
  cause_kind TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  person_id TEXT NOT NULL,
  terms TEXT NOT NULL,
  pending BIGINT NOT NULL,
  spendable BIGINT NOT NULL,
  forgiven BIGINT NOT NULL,
  expired BIGINT NOT NULL,
  released BIGINT NOT NULL,
  lapsed BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  opens_at BIGINT NOT NULL DEFAULT 0, -- when what waits is looked at; 0 = when its cause changes
  look_after BIGINT NOT NULL DEFAULT 0, -- nobody looks before: the last look failed
  made_at BIGINT NOT NULL, -- when its cause came, as an order's sale
  PRIMARY KEY (shop_id, cause_kind, cause_id, rule)
);
CREATE INDEX loyalty_awards_open ON loyalty_awards (shop_id, opens_at) WHERE opens_at > 0 AND pending > 0;
CREATE INDEX loyalty_awards_person ON loyalty_awards (shop_id, person_id, made_at);

-- What a shop may give away in rewards, by month of its clocks. Whoever issues one locks the row.
CREATE TABLE reward_budgets (
  shop_id TEXT NOT NULL,
  month BIGINT NOT NULL, -- year * 100 + month
  bound BIGINT NOT NULL, -- minor units of the reporting currency; negative = none
  reserved BIGINT NOT NULL DEFAULT 0,
  settled BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, month)
);

-- Rewards that somebody was given, once for each cause. What was reserved stays so until it is known whether there is a code.
CREATE TABLE rewards (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  cause_kind TEXT NOT NULL, -- redeem, tier, referral, campaign, staff
  cause_id TEXT NOT NULL,
  reward TEXT NOT NULL,
  offer TEXT NOT NULL, -- JSON: loyalty.Offer
  month BIGINT NOT NULL, -- of its budget
  worth BIGINT NOT NULL,
  state TEXT NOT NULL, -- making, made, failed, unknown, used, expired, revoked
  code TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '', -- why it is not made yet, or failed
  asked_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  look_at BIGINT NOT NULL DEFAULT 0, -- when somebody looks after it; 0 = never
  lease BIGINT NOT NULL DEFAULT 0, -- look_at as the last who took it has set it: while both are one, it is in their hands
  notice_at BIGINT NOT NULL DEFAULT 0, -- when its owner is told that it ends; 0 = they were, or are not
  doubts BIGINT NOT NULL DEFAULT 0, -- how often its platform was asked without an answer that was kept
  tried_at BIGINT NOT NULL DEFAULT 0, -- when it was asked last
  connection_id TEXT NOT NULL DEFAULT '', -- where its code is made; none = it is the shop's own
  platform_id TEXT NOT NULL DEFAULT '', -- of the discount there
  recall_at BIGINT NOT NULL DEFAULT 0, -- when it was asked to be taken back
  recalled_by TEXT NOT NULL DEFAULT '',
  recall_note TEXT NOT NULL DEFAULT '',
  order_id TEXT NOT NULL DEFAULT '', -- it was used on
  depth BIGINT NOT NULL DEFAULT 0, -- of what led to it
  by_whom TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '', -- staff gave it
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX rewards_once ON rewards (shop_id, cause_kind, cause_id, reward);
CREATE INDEX rewards_person ON rewards (shop_id, person_id, id);
CREATE INDEX rewards_look ON rewards (shop_id, look_at) WHERE look_at > 0; -- by shop: one with very many holds up no other
CREATE UNIQUE INDEX rewards_code ON rewards (shop_id, code) WHERE code <> '';
-- Those that wait for their platform.
CREATE INDEX rewards_open ON rewards (shop_id, asked_at) WHERE state IN ('making', 'unknown');
-- Stripe tells of an order by which promotion, not by which code, it came.
CREATE INDEX promotions_platform ON promotions (shop_id, promotion_id) WHERE promotion_id <> '';

-- JSON: how the two stood in the program, to stand so again if they are parted.
ALTER TABLE person_merges ADD COLUMN stood TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE person_merges DROP COLUMN stood;
DROP INDEX promotions_platform;
DROP TABLE rewards;
DROP TABLE reward_budgets;
DROP TABLE loyalty_awards;
DROP TABLE ledger;
DROP TABLE loyalty_members;
DROP TABLE loyalty;
DROP TABLE loyalty_programs;
