package manage

import (
	"context"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// Stop ends one person's walk; what is being sent at this very moment still
// goes. One that has ended is fault.Conflict.
func (k Desk) Stop(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) error {
	return k.Store.StopEnrollment(ctx, shop, id)
}

// SendNow has the next step of a walk done without its wait. The gate is asked
// as always: a refund, a stop or a cap still counts. A campaign that is not
// live, or has nothing more to send, is fault.Conflict.
func (k Desk) SendNow(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) error {
	_, step, err := k.next(ctx, shop, id)
	if err != nil {
		return err
	}
	if step.Kind == campaign.WaitForEvent {
		return fault.New(fault.Conflict, "it waits for %s at the step %s, and that is not ours to make happen", step.Event, step.ID)
	}
	return k.Store.GoNow(ctx, shop, id)
}

// SkipNext leaves out the next step of a walk that reaches out, and says which.
// Where the walk branches first there is no telling which that will be: fault.Conflict.
func (k Desk) SkipNext(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) (step string, err error) {
	_, next, err := k.next(ctx, shop, id)
	if err != nil {
		return "", err
	}
	if spec := campaign.StepOf(next.Kind); spec == nil || !spec.Outward {
		return "", fault.New(fault.Conflict, "the next step, %s, sends nothing but decides the way; there is nothing to skip before it has", next.ID)
	}
	return next.ID, k.Store.SkipStep(ctx, shop, id, next.ID)
}

// next reads a walk that goes on and the step ahead of it.
func (k Desk) next(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) (campaign.Enrollment, *campaign.Step, error) {
	e, err := k.Store.Enrollment(ctx, shop, id)
	if err != nil {
		return e, nil, err
	}
	c, err := k.Campaign(ctx, shop, e.Campaign)
	if err != nil {
		return e, nil, err
	}
	switch {
	case e.Ended:
		return e, nil, fault.New(fault.Conflict, "this person's way through %s has ended already (%s)", e.Campaign, e.Reason)
	case c.State != campaign.Live && c.State != campaign.Rehearsal:
		return e, nil, fault.New(fault.Conflict, "%s is %s, so nothing of it goes out; %s", c.ID, c.State, instead[c.State])
	}
	d, err := k.Store.CampaignVersion(ctx, shop, e.Campaign, e.Version)
	if err != nil {
		return e, nil, err
	}
	step := ahead(d, e.Position)
	if step == nil || step.Kind == campaign.End {
		return e, nil, fault.New(fault.Conflict, "there is nothing more to send in %s for this person", e.Campaign)
	}
	return e, step, nil
}

// WalkOf finds the walk of a person in a campaign: the one that hangs on the
// order named by the platform's id, else the only one that goes on. None is
// fault.NotFound, several are fault.Conflict.
func (k Desk) WalkOf(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, email, order string) (campaign.EnrollmentID, error) {
	if _, err := k.Campaign(ctx, shop, id); err != nil {
		return "", err
	}
	person, err := k.Store.WhoIs(ctx, shop, email, order)
	if err != nil {
		return "", err
	}
	walks, err := k.Store.WalksOf(ctx, shop, person, id)
	if err != nil {
		return "", err
	}
	own, err := k.OrderOf(ctx, shop, person, order)
	if err != nil {
		return "", err
	}
	walks = slices.DeleteFunc(walks, func(e campaign.Enrollment) bool { return own != "" && e.Order != own || own == "" && e.Ended })
	switch len(walks) {
	case 0:
		return "", fault.New(fault.NotFound, "nobody known by that is on their way through %s; flywheel why tells more", id)
	case 1:
		return walks[0].ID, nil
	}
	ids := make([]string, len(walks))
	for i, e := range walks {
		ids[i] = string(e.ID)
	}
	return "", fault.New(fault.Conflict, "they are on several ways through %s: name one by --order or --enrollment (%s)", id, strings.Join(ids, ", "))
}

// OrderOf is our id of an order of a person by the platform's id; "" of "".
func (k Desk) OrderOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, order string) (commerce.OrderID, error) {
	if order == "" {
		return "", nil
	}
	all, err := k.Store.OrdersOf(ctx, shop, person)
	for _, o := range all {
		if slices.ContainsFunc(o.Keys, func(key commerce.SourceKey) bool { return key.ID == order }) {
			return o.ID, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "there is no order %s of theirs", order)
	}
	return "", err
}
