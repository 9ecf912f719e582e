package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// draftsKept is how many changes of a draft can be undone.
const draftsKept = 100

// Draft is what the editor of a campaign holds before it is saved as a version.
// The zero one, of Lock 0, says that there is none.
type Draft struct {
	Campaign   campaign.CampaignID
	Definition campaign.Definition // it need not be right yet
	Base       int                 // the version it began from
	Lock       int64               // rises with each change; whoever changes it names the one they saw
	Undo, Redo bool                // there is a step back, a step forward
	// Said, By and At are the last change, also an undo: a key, a name, a moment.
	Said, By string
	At       commerce.Instant
}

// DraftChange is one change of a draft.
type DraftChange struct {
	Lock int64               // of the draft as it was seen; 0 = there was none
	Base int                 // of a new draft: the version it begins from
	From campaign.Definition // of a new draft: that version, so that the first change can be undone
	Said string              // what was done, a key
	By   string
}

// ErrDraftMoved answers a change of a draft that somebody else has changed,
// saved or put away meanwhile. Nothing is lost but that change.
var ErrDraftMoved = fault.New(fault.Conflict, "somebody else has changed this draft meanwhile; nothing of theirs was touched, and yours was not made")

// ErrNoFurther answers an undo, or a redo, where there is none.
var ErrNoFurther = fault.New(fault.Conflict, "there is nothing further to undo or to do again")

type draftRow struct {
	Body string `db:"body"`
	Base int    `db:"base"`
	Lock int64  `db:"lock"`
	Said string `db:"said"`
	By   string `db:"by_whom"`
	At   int64  `db:"at"`
	Undo int64  `db:"undo"`
	Redo int64  `db:"redo"`
}

// Draft reads a campaign's draft as it stands; the zero one where there is none.
func (s *Store) Draft(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (Draft, error) {
	return s.query(ctx).draft(shop, id)
}

func (q *query) draft(shop commerce.ShopID, id campaign.CampaignID) (Draft, error) {
	var rows []draftRow
	err := q.all(&rows, `SELECT d.body, h.base, h.lock, h.said, h.by_whom, h.at,
			(SELECT COUNT(*) FROM drafts b WHERE b.shop_id = $1 AND b.campaign_id = $2 AND b.rev = h.rev - 1) AS undo,
			(SELECT COUNT(*) FROM drafts a WHERE a.shop_id = $1 AND a.campaign_id = $2 AND a.rev = h.rev + 1) AS redo
		FROM draft_heads h JOIN drafts d ON d.shop_id = $1 AND d.campaign_id = $2 AND d.rev = h.rev WHERE h.shop_id = $1 AND h.campaign_id = $2`, shop, id)
	if err != nil || len(rows) == 0 {
		return Draft{}, err
	}
	r := rows[0]
	out := Draft{Campaign: id, Base: r.Base, Lock: r.Lock, Undo: r.Undo > 0, Redo: r.Redo > 0, Said: r.Said, By: r.By, At: commerce.Instant(r.At)}
	if err := json.Unmarshal([]byte(r.Body), &out.Definition); err != nil {
		return Draft{}, fmt.Errorf("draft of campaign %s: %w", id, err)
	}
	return out, nil
}

// SaveDraft keeps d as the draft's next state; what was undone before it is gone.
// Where somebody else was faster it is ErrDraftMoved.
func (s *Store) SaveDraft(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition, c DraftChange) (out Draft, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		rev := int64(2)
		if c.Lock == 0 {
			err = tx.beginDraft(shop, id, c)
		} else {
			rev, err = tx.moveHead(shop, id, c, 1, "")
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM drafts WHERE shop_id = $1 AND campaign_id = $2 AND (rev >= $3 OR rev < $4)`, shop, id, rev, rev-draftsKept); err != nil {
			return err
		}
		if err := tx.addDraft(shop, id, rev, d, c.Said, c.By); err != nil {
			return err
		}
		out, err = tx.draft(shop, id)
		return err
	})
	return out, err
}

// beginDraft makes the head and the state before the first change.
func (tx *Tx) beginDraft(shop commerce.ShopID, id campaign.CampaignID, c DraftChange) error {
	n, err := tx.exec(`INSERT INTO draft_heads (shop_id, campaign_id, rev, base, lock, said, by_whom, at) VALUES ($1, $2, 2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop_id, campaign_id) DO NOTHING`, shop, id, c.Base, realNow(), c.Said, c.By, tx.Now())
	if err == nil && n == 0 {
		err = ErrDraftMoved
	}
	if err != nil {
		return err
	}
	return tx.addDraft(shop, id, 1, c.From, "begun", c.By)
}

func (tx *Tx) addDraft(shop commerce.ShopID, id campaign.CampaignID, rev int64, d campaign.Definition, said, by string) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO drafts (shop_id, campaign_id, rev, body, said, by_whom, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		shop, id, rev, string(body), said, by, tx.Now())
	return err
}

// moveHead has the head show another state, by compare-and-set; more is a further condition.
func (tx *Tx) moveHead(shop commerce.ShopID, id campaign.CampaignID, c DraftChange, by int, more string) (rev int64, err error) {
	found, err := tx.one([]any{&rev}, `UPDATE draft_heads SET rev = rev + $4, lock = lock + 1, said = $5, by_whom = $6, at = $7
		WHERE shop_id = $1 AND campaign_id = $2 AND lock = $3`+more+` RETURNING rev`, shop, id, c.Lock, by, c.Said, c.By, tx.Now())
	if err == nil && !found {
		err = ErrDraftMoved
	}
	return rev, err
}

// MoveDraft goes one change back (by = -1) or forward again (1). Where there is
// none it is fault.Conflict, where somebody else was faster ErrDraftMoved.
func (s *Store) MoveDraft(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, by int, c DraftChange) (out Draft, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		if out, err = tx.draft(shop, id); err != nil {
			return err
		}
		if by = min(1, max(-1, by)); out.Lock == c.Lock && (by < 0 && !out.Undo || by > 0 && !out.Redo || by == 0) {
			return ErrNoFurther
		}
		_, err := tx.moveHead(shop, id, c, by, ` AND EXISTS (SELECT 1 FROM drafts d WHERE d.shop_id = $1 AND d.campaign_id = $2 AND d.rev = draft_heads.rev + $4)`)
		if err != nil {
			return err
		}
		out, err = tx.draft(shop, id)
		return err
	})
	return out, err
}

// DropDraft puts a draft away with all its steps, after it was saved or since
// nobody wants it; where somebody else has changed it meanwhile it is ErrDraftMoved.
func (s *Store) DropDraft(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lock int64) error {
	return s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`DELETE FROM draft_heads WHERE shop_id = $1 AND campaign_id = $2 AND lock = $3`, shop, id, lock)
		if err == nil && n == 0 {
			err = ErrDraftMoved
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(`DELETE FROM drafts WHERE shop_id = $1 AND campaign_id = $2`, shop, id)
		return err
	})
}

// Drafts names the campaigns of a shop that somebody is working on.
func (s *Store) Drafts(ctx context.Context, shop commerce.ShopID) (map[campaign.CampaignID]bool, error) {
	ids, err := s.query(ctx).scalars(`SELECT campaign_id FROM draft_heads WHERE shop_id = $1`, shop)
	out := map[campaign.CampaignID]bool{}
	for _, id := range ids {
		out[campaign.CampaignID(id)] = true
	}
	return out, err
}
