package shopify

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// What Shopify takes as tags of a customer (shopify.dev, tagsAdd and Customer.tags).
const (
	maxTags      = 250
	maxTagLength = 40
)

// AddTags gives a customer tags; those it has already do no harm. A customer the
// shop does not have is fault.NotFound, tags that Shopify would not take are
// fault.Invalid; other errors are those of Order.
func (c *Client) AddTags(ctx context.Context, a Access, customerID string, tags []string) error {
	tags, err := cleanTags(customerID, tags)
	if err != nil || len(tags) == 0 {
		return err
	}
	data, err := gql.AddTags(ctx, c.graph(a), gid("Customer", customerID), tags)
	if err != nil {
		return fmt.Errorf("tags of customer %s of %s: %w", customerID, a.Shop, err)
	}
	if data.TagsAdd == nil {
		return nobody(customerID)
	}
	return tagged(customerID, data.TagsAdd.UserErrors)
}

// RemoveTags takes tags from a customer; those it does not have do no harm.
// Errors are those of AddTags.
func (c *Client) RemoveTags(ctx context.Context, a Access, customerID string, tags []string) error {
	tags, err := cleanTags(customerID, tags)
	if err != nil || len(tags) == 0 {
		return err
	}
	data, err := gql.RemoveTags(ctx, c.graph(a), gid("Customer", customerID), tags)
	if err != nil {
		return fmt.Errorf("tags of customer %s of %s: %w", customerID, a.Shop, err)
	}
	if data.TagsRemove == nil {
		return nobody(customerID)
	}
	return tagged(customerID, data.TagsRemove.UserErrors)
}

func tagged(customer string, errors []*gql.TagError) error {
	if len(errors) == 0 {
		return nil
	}
	return refused(customer, errors[0].Field, errors[0].Message)
}

// cleanTags trims tags and leaves out empty ones. A comma would make two of one.
func cleanTags(customer string, tags []string) ([]string, error) {
	if !isID(customer) {
		return nil, fault.New(fault.Invalid, "%q is not the id of a customer", short(customer))
	}
	clean := texts(tags)
	for _, t := range clean {
		if utf8.RuneCountInString(t) > maxTagLength || strings.Contains(t, ",") {
			return nil, fault.New(fault.Invalid, "%q is no tag: at most %d characters, no comma", short(t), maxTagLength)
		}
	}
	if len(clean) > maxTags {
		return nil, fault.New(fault.Invalid, "a customer has at most %d tags", maxTags)
	}
	return clean, nil
}
