package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/api"
	"flywheel/integrations/shopify"
	"flywheel/store"
	"flywheel/templates"
)

const integrationsPath = "/settings/integrations"

// showIntegrations tells of everything the shop is tied to.
func (s *Server) showIntegrations(c echo.Context, v visit) error {
	return s.integrationsPage(c, v, http.StatusOK, func(*templates.SettingsIntegrations) {})
}

func (s *Server) integrationsPage(c echo.Context, v visit, code int, fill func(*templates.SettingsIntegrations)) error {
	ctx := c.Request().Context()
	page := templates.SettingsIntegrations{Admin: s.frameOf(c, v), Since: v.Connection.InstalledAt.Time(), Chosen: string(commerce.RoleBuilder)}
	page.Here = "settings"
	for _, part := range []func(context.Context, visit, *templates.SettingsIntegrations) error{s.fillBlock, s.fillAccounts, s.fillHooks, s.fillTokens, s.fillSlack, s.fillEvents} {
		if err := part(ctx, v, &page); err != nil {
			return err
		}
	}
	fill(&page)
	return s.adminPage(c, code, "settings_integrations", v.lang, page)
}

// fillBlock says whether a storefront has asked for our block, and where it is added.
func (s *Server) fillBlock(ctx context.Context, v visit, p *templates.SettingsIntegrations) error {
	if v.Connection.Platform != commerce.Shopify {
		p.Domain = ""
		return nil
	}
	seen, err := s.Store.StorefrontSeen(ctx, v.Shop.ID, v.Connection.ID)
	p.BlockSeen, p.BlockEditor = seen != 0, shopify.ThemeEditor(v.Connection.ExternalID, s.ShopifyKey)
	return err
}

func (s *Server) fillAccounts(ctx context.Context, v visit, p *templates.SettingsIntegrations) (err error) {
	p.Stripe, _, err = s.stripeCard(ctx, v)
	return err
}

func (s *Server) fillHooks(ctx context.Context, v visit, p *templates.SettingsIntegrations) error {
	all, err := s.Store.ListEndpoints(ctx, v.Shop.ID)
	for _, e := range all {
		shown := e.URL
		if u, err := url.Parse(e.URL); err == nil && !v.Who.Role.Allows(commerce.RoleOwner) {
			shown = u.Host // a path may hold a secret
		}
		p.Hooks = append(p.Hooks, templates.SettingsHook{Name: e.Name, URL: shown, Since: e.AddedAt.Time(), Fell: timeOr(e.DisabledAt)})
	}
	return err
}

func (s *Server) fillTokens(ctx context.Context, v visit, p *templates.SettingsIntegrations) error {
	all, err := s.Store.ListTokens(ctx, v.Shop.ID)
	for _, t := range all {
		p.Tokens = append(p.Tokens, templates.SettingsToken{ID: t.ID, Name: t.Name, Role: string(t.Role), Since: t.AddedAt.Time(), Used: timeOr(t.LastUsed), RevokedAt: timeOr(t.Revoked)})
	}
	return err
}

func (s *Server) fillSlack(ctx context.Context, v visit, p *templates.SettingsIntegrations) error {
	channel, err := s.Store.TeamChannel(ctx, v.Shop.ID, store.NoticeSlack)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	p.Slack = &templates.SettingsSlack{Since: channel.MadeAt.Time(), Fell: timeOr(channel.FailedAt), Note: channel.Note}
	return err
}

func (s *Server) fillEvents(ctx context.Context, v visit, p *templates.SettingsIntegrations) error {
	if s.Senders == nil {
		return nil
	}
	view, err := s.Senders.Show(ctx, v.Shop.ID)
	p.Events = view.Events
	return err
}

// refusedTie shows the page with a form as it was typed, but for what is
// secret, and why it was not taken.
func (s *Server) refusedTie(c echo.Context, v visit, form string, err error) error {
	refusal, ok := refusalOf(err, v.lang)
	if !ok {
		return err
	}
	return s.integrationsPage(c, v, http.StatusUnprocessableEntity, func(p *templates.SettingsIntegrations) {
		p.Wrong, p.Wrong.Form = refusal, form
		switch form {
		case "hook":
			p.HookName, p.HookURL = c.FormValue("name"), c.FormValue("url")
		case "token":
			p.Name, p.Chosen = c.FormValue("name"), c.FormValue("role")
		}
	})
}

// secretPage shows a secret, once: it is kept nowhere that it could be read from again.
func (s *Server) secretPage(c echo.Context, v visit, kind, name, secret string) error {
	page := templates.SettingsSecret{Admin: s.frameOf(c, v), Kind: kind, Name: name, Secret: secret}
	page.Here = "settings"
	s.Log.Info("a secret was made", "shop", v.Shop.ID, "kind", kind, "user", v.Who.Name)
	return s.adminPage(c, http.StatusOK, "settings_secret", v.lang, page)
}

// addHook has a program told of what steps name it for.
func (s *Server) addHook(c echo.Context, v visit) error {
	name := strings.TrimSpace(c.FormValue("name"))
	secret, err := s.desk().AddHook(c.Request().Context(), v.Shop.ID, name, strings.TrimSpace(c.FormValue("url")))
	if err != nil {
		return s.refusedTie(c, v, "hook", err)
	}
	return s.secretPage(c, v, "hook", name, secret)
}

// rotateHook makes a new secret; the former one counts for another day.
func (s *Server) rotateHook(c echo.Context, v visit) error {
	secret, err := s.desk().RotateHook(c.Request().Context(), v.Shop.ID, c.Param("hook"))
	if err != nil {
		return err
	}
	return s.secretPage(c, v, "hook", c.Param("hook"), secret)
}

// dropHook forgets an endpoint, unless something live tells it.
func (s *Server) dropHook(c echo.Context, v visit) error {
	if err := s.desk().RemoveHook(c.Request().Context(), v.Shop.ID, c.Param("hook")); err != nil {
		return s.refusedTie(c, v, "hook", err)
	}
	return s.done(c, v, integrationsPath, "settings_hook_dropped")
}

// useHook takes one into use again that said it was gone.
func (s *Server) useHook(c echo.Context, v visit) error {
	if err := s.Store.DisableEndpoint(c.Request().Context(), v.Shop.ID, c.Param("hook"), false); err != nil {
		return err
	}
	return s.done(c, v, integrationsPath, "settings_hook_on")
}

// addToken lets a program in, by a key that is shown once.
func (s *Server) addToken(c echo.Context, v visit) error {
	name, role := templates.Clean(c.FormValue("name"), 100), commerce.Role(c.FormValue("role"))
	switch {
	case name == "":
		return s.refusedTie(c, v, "token", fault.New(fault.Invalid, "say which program uses it"))
	case !slices.Contains(commerce.Roles(), role):
		return s.refusedTie(c, v, "token", fault.New(fault.Invalid, "choose what it may do"))
	}
	token, hash := api.NewToken()
	if _, err := s.Store.AddToken(c.Request().Context(), v.Shop.ID, name, store.Role(role), hash); err != nil {
		return s.refusedTie(c, v, "token", err)
	}
	return s.secretPage(c, v, "token", name, token)
}

func (s *Server) revokeToken(c echo.Context, v visit) error {
	if err := s.Store.RevokeToken(c.Request().Context(), v.Shop.ID, c.Param("token")); err != nil {
		return err
	}
	return s.done(c, v, integrationsPath, "settings_token_revoked")
}

// setSlack has the team told there as well; its address is never shown again.
func (s *Server) setSlack(c echo.Context, v visit) error {
	if err := s.desk().SetSlack(c.Request().Context(), v.Shop.ID, strings.TrimSpace(c.FormValue("address"))); err != nil {
		return s.refusedTie(c, v, "slack", err)
	}
	return s.done(c, v, integrationsPath, "settings_slack_set")
}

func (s *Server) dropSlack(c echo.Context, v visit) error {
	if err := s.desk().DropSlack(c.Request().Context(), v.Shop.ID); err != nil {
		return err
	}
	return s.done(c, v, integrationsPath, "settings_slack_dropped")
}

// testSlack has the team told that this is a test, by all its channels.
func (s *Server) testSlack(c echo.Context, v visit) error {
	if err := s.desk().TestTeam(c.Request().Context(), v.Shop.ID); err != nil {
		return err
	}
	return s.done(c, v, integrationsPath, "settings_slack_tested")
}

// personWith is the customer who is known by an address; fault.NotFound where nobody is.
func (s *Server) personWith(c echo.Context, v visit, email string) (person commerce.PersonID, err error) {
	identity := commerce.Identity{Kind: commerce.ByEmail, Value: email}
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		found, err := tx.PersonsByIdentity(v.Shop.ID, []commerce.Identity{identity})
		if person = found[identity]; err == nil && person == "" {
			err = fault.New(fault.NotFound, "nobody is known by this address")
		}
		return err
	})
	return person, err
}
