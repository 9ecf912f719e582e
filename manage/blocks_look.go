package manage

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/message"
)

// ErrUnread answers a look at a draft whose text cannot be read yet.
var ErrUnread = fault.New(fault.Invalid, "the text cannot be shown while something in it cannot be read")

// sampled is the campaign as a sample wants to see it: as it is saved, or as its
// draft has it, with that draft's lock.
func (k Desk) sampled(ctx context.Context, shop commerce.ShopID, s Sample) (campaign.Campaign, int64, error) {
	if !s.Draft {
		c, err := k.Campaign(ctx, shop, s.Campaign)
		return c, 0, err
	}
	d, err := k.Draft(ctx, shop, s.Campaign)
	d.Campaign.Definition = d.Definition
	return d.Campaign, d.Lock, err
}

// readable are the texts that can be shown. A draft may have others beside them,
// which somebody is writing; but the one that is asked for must be there.
func (s Sample) readable(all map[string]campaign.Email) (map[string]campaign.Email, error) {
	if !s.Draft {
		return all, nil
	}
	out := map[string]campaign.Email{}
	for lang, e := range all {
		if _, err := message.Compile(lang, e); err == nil {
			out[lang] = e
		}
	}
	if _, fine := out[s.Lang]; len(out) == 0 || !fine && s.Lang != "" {
		return nil, ErrUnread
	}
	return out, nil
}

// unread says that a message cannot be made: a draft's because it is not ready, a
// version's because of what the shop's settings or somebody's data hold.
func (s Sample) unread(err error) error {
	if s.Draft {
		return ErrUnread
	}
	return fault.Wrap(fault.Invalid, err, "the message cannot be made as things stand")
}

// called finds somebody by their name, as the list of customers does: the one who came last.
func (k Desk) called(ctx context.Context, shop commerce.ShopID, name string) (commerce.PersonID, error) {
	words := commerce.SearchWords(name)
	if len(words) == 0 {
		return "", errNobody(name)
	}
	found, err := k.Store.FindPersons(ctx, shop, words, "", 1)
	if err != nil || len(found.Persons) > 0 {
		return first(found.Persons), err
	}
	return "", errNobody(name)
}

func first(all []commerce.Person) commerce.PersonID {
	if len(all) == 0 {
		return ""
	}
	return all[0].ID
}

func errNobody(name string) error {
	return fault.New(fault.NotFound, "there is no order %q here, nor anybody of that name", strings.TrimSpace(name))
}
