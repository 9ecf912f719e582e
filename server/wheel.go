package server

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"time"

	"flywheel/delight/measure"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// wheelAge is how old the measured wheel may be before it is measured anew.
	wheelAge = 6 * time.Hour
	// lossesShown is how many reasons of friction the home names.
	lossesShown = 5
)

// fillWheel shows the wheel as it was last measured. One that is old is measured
// anew by a worker meanwhile: that changes nothing but how fresh the figures are.
func (s *Server) fillWheel(ctx context.Context, v visit, h *templates.Home) error {
	e, found, err := s.Store.LastEstimate(ctx, v.Shop.ID, store.EstimateWheel, "", nil)
	if err != nil {
		return err
	}
	stale := !found || !e.State.Open() && e.AskedAt.Add(wheelAge) < s.Store.Now()
	if stale {
		if _, err := s.Store.AskEstimate(ctx, v.Shop.ID, store.Estimate{Kind: store.EstimateWheel, Question: json.RawMessage(`{}`)}); err != nil {
			return err
		}
	}
	var wheel measure.Wheel
	if found {
		if err := json.Unmarshal(e.Answer, &wheel); err != nil {
			return err
		}
	}
	h.Wheel = wheelView(wheel, v)
	h.Wheel.Working = stale || e.State.Open()
	if found {
		h.Wheel.At = e.AskedAt.Time()
	}
	return nil
}

// wheelView is what the home shows of it.
func wheelView(w measure.Wheel, v visit) *templates.Wheel {
	out := &templates.Wheel{Empty: w.Now.All() == 0 && w.Before.All() == 0, Turning: turning(w)}
	out.Stages = templates.Ring([]templates.WheelStage{
		{Key: "attract", Count: w.Now.New, Change: w.Now.New - w.Before.New},
		{Key: "engage", Count: w.Now.Once, Change: w.Now.Once - w.Before.Once},
		{Key: "delight", Count: w.Now.Back, Change: w.Now.Back - w.Before.Back},
	})
	n := gaugeWriter{v.lang, v.Shop.Country}
	out.Gauges = []templates.WheelGauge{
		n.days("second", w.Second), n.days("delivery", w.Delivery), n.days("first", w.First), n.share("back", w.Second),
		{Key: "friends", Why: "later"},
		{Key: "source", Why: "later"},
	}
	lost, _ := w.Friction()
	for i, part := range lost[:min(len(lost), lossesShown)] {
		percent := 100 * part.Share
		out.Friction = append(out.Friction, templates.WheelLoss{
			Reason: string(part.Reason), Share: n.percent(percent), Width: int(math.Round(percent)), Count: w.Lost[i].Count,
		})
	}
	return out
}

// turning compares the wheel with a month ago: by how many came back.
func turning(w measure.Wheel) string {
	switch c := cmp.Compare(w.Now.Back, w.Before.Back); {
	case c > 0:
		return "faster"
	case c < 0:
		return "slower"
	}
	return "steady"
}

// gaugeWriter writes figures in the reader's language and digits.
type gaugeWriter struct{ lang, country string }

func (g gaugeWriter) days(key string, c measure.Curve) templates.WheelGauge {
	days, known := c.Median()
	if !known {
		return templates.WheelGauge{Key: key, Why: why(c)}
	}
	return templates.WheelGauge{Key: key, Value: templates.Count(g.lang, g.country, "wheel_days", int64(days), nil)}
}

// share is how many come back within half a year.
func (g gaugeWriter) share(key string, c measure.Curve) templates.WheelGauge {
	share, known := c.Share(180)
	if !known {
		return templates.WheelGauge{Key: key, Why: why(c)}
	}
	return templates.WheelGauge{Key: key, Value: g.percent(100 * share)}
}

func (g gaugeWriter) percent(p float64) string {
	return templates.Say(g.lang, "wheel_percent", map[string]string{"Number": templates.Number(g.lang, g.country, int64(math.Round(p)))})
}

// why says why a curve has no figure: too few are counted, or less than half have got that far.
func why(c measure.Curve) string {
	if _, enough := c.Share(0); enough {
		return "half"
	}
	return "few"
}
