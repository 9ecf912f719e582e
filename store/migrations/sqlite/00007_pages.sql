-- Oldest binary that may run on this schema: 1. It only adds; each new column has a default that the older binary leaves.
-- +goose Up
-- What became of a shop's campaigns day by day, as a worker has counted it.
CREATE TABLE day_figures (
  shop_id TEXT NOT NULL,
  day BIGINT NOT NULL, -- since 1970, by the shop's clocks
  campaign_id TEXT NOT NULL, -- '' = all of them: each day that was counted has this row
  entered BIGINT NOT NULL,
  sent BIGINT NOT NULL,
  held BIGINT NOT NULL,
  counted_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, day, campaign_id)
);

-- A line of what somebody does again and again stands for all of it: how often, and when last.
ALTER TABLE audit ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;

-- Who is in a campaign now, by version and place. Shop and campaign are one word, so that no planner takes it for an index of a shop's open walks.
CREATE INDEX enrollments_inside ON enrollments ((shop_id || ' ' || campaign_id), version, step_id) WHERE state = 'active';

-- +goose Down
DROP INDEX enrollments_inside;
ALTER TABLE audit DROP COLUMN last_at;
ALTER TABLE audit DROP COLUMN times;
DROP TABLE day_figures;
