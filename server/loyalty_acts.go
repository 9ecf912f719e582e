package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/fault"
	"flywheel/templates"
)

// onMember does something with somebody's points. What stands in its way is said on their page, which keeps what was typed.
func (s *Server) onMember(c echo.Context, v visit, form, said string, do func(context.Context, club.Desk, customer) error) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	err = do(c.Request().Context(), s.staff(), p)
	if refusal, refused := refusalOf(err, v.lang); refused {
		refusal.Form = form
		return s.memberPage(c, p, http.StatusUnprocessableEntity, func(page *templates.LoyaltyMember) {
			page.Wrong, page.Points, page.Note, page.Reward = refusal, c.FormValue("points"), c.FormValue("note"), c.FormValue("reward")
			if form == "birthday" {
				page.Day = c.FormValue("day")
			}
			for i := range page.Offers {
				page.Offers[i].On = page.Offers[i].Value == page.Reward
			}
		})
	}
	if err != nil {
		return err
	}
	return s.done(c, v, memberPath(p.ID, ""), said)
}

// adjustPoints gives or takes points by hand, for a reason.
func (s *Server) adjustPoints(c echo.Context, v visit) error {
	return s.onMember(c, v, "adjust", "club_adjusted", func(ctx context.Context, d club.Desk, p customer) error {
		text := strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(templates.Western(c.FormValue("points"))), ",", ""), "+")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fault.New(fault.Invalid, "write a whole number of points, such as 50 or -50")
		}
		return d.Adjust(ctx, p.Shop, p.ID, n, c.FormValue("act"), v.Who.Name, strings.TrimSpace(c.FormValue("note")))
	})
}

// giveReward gives a reward by hand, which costs no points.
func (s *Server) giveReward(c echo.Context, v visit) error {
	return s.onMember(c, v, "reward", "club_given", func(ctx context.Context, d club.Desk, p customer) error {
		_, err := d.GiveByStaff(ctx, p.Shop, p.ID, c.FormValue("reward"), c.FormValue("act"), v.Who.Name, strings.TrimSpace(c.FormValue("note")))
		return err
	})
}

// revokeReward takes a reward back of this member; another's is none of theirs.
func (s *Server) revokeReward(c echo.Context, v visit) error {
	return s.onReward(c, v, "revoke", "club_revoked", func(ctx context.Context, d club.Desk, p customer, reward string) error {
		return d.Revoke(ctx, p.Shop, reward, strings.TrimSpace(c.FormValue("note")), v.Who.Name)
	})
}

// settleReward says by hand what became of a reward that is stuck.
func (s *Server) settleReward(c echo.Context, v visit) error {
	return s.onReward(c, v, "settle", "club_settled", func(ctx context.Context, d club.Desk, p customer, reward string) error {
		is := c.FormValue("is")
		if is != "there" && is != "none" {
			return errUnknownAct
		}
		return d.Settle(ctx, p.Shop, reward, is == "there", strings.TrimSpace(c.FormValue("note")), v.Who.Name)
	})
}

func (s *Server) onReward(c echo.Context, v visit, form, said string, do func(context.Context, club.Desk, customer, string) error) error {
	return s.onMember(c, v, form, said, func(ctx context.Context, d club.Desk, p customer) error {
		r, err := s.Store.Reward(ctx, v.Shop.ID, c.Param("reward"))
		if err == nil {
			err = s.isTheirs(ctx, p, r.Person)
		}
		if err != nil {
			return err
		}
		return do(ctx, d, p, r.ID)
	})
}

// blockMember takes somebody out of the program for a reason, unblockMember lets them in again.
func (s *Server) blockMember(c echo.Context, v visit) error {
	return s.onMember(c, v, "block", "club_blocked", func(ctx context.Context, d club.Desk, p customer) error {
		return d.Block(ctx, p.Shop, p.ID, strings.TrimSpace(c.FormValue("note")), v.Who.Name)
	})
}

func (s *Server) unblockMember(c echo.Context, v visit) error {
	return s.onMember(c, v, "unblock", "club_unblocked", func(ctx context.Context, d club.Desk, p customer) error {
		return d.Unblock(ctx, p.Shop, p.ID, v.Who.Name)
	})
}

// joinMember makes somebody a member who has said so to staff, leaveMember ends that.
func (s *Server) joinMember(c echo.Context, v visit) error {
	return s.onMember(c, v, "join", "club_joined", func(ctx context.Context, d club.Desk, p customer) error {
		return d.Join(ctx, p.Shop, p.ID, "staff")
	})
}

func (s *Server) leaveMember(c echo.Context, v visit) error {
	return s.onMember(c, v, "leave", "club_left", func(ctx context.Context, d club.Desk, p customer) error {
		return d.Leave(ctx, p.Shop, p.ID)
	})
}

// setBirthday keeps the day of a birthday; none forgets it.
func (s *Server) setBirthday(c echo.Context, v visit) error {
	return s.onMember(c, v, "birthday", "club_birthday", func(ctx context.Context, d club.Desk, p customer) error {
		month := numberOf(c.FormValue("month"))
		day := numberOf(strings.TrimSpace(templates.Western(c.FormValue("day"))))
		if month == 0 {
			day = 0
		}
		return d.SetBirthday(ctx, p.Shop, p.ID, month, day)
	})
}
