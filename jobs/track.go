package jobs

import (
	"flywheel/commerce"
	"flywheel/links"
	"flywheel/store"
)

// tracking returns what turns an address into one that counts a click on it, and
// the address of the picture that counts an opening; nil and "" where the shop
// has not turned them on. An address that cannot be counted stays as it is.
func (w *Worker) tracking(shop commerce.Shop, effect store.EffectID) (track func(string) string, pixel string) {
	if w.Marks == nil {
		return nil, ""
	}
	mark, on := links.Mark{Shop: string(shop.ID), Effect: string(effect)}, shop.Settings.Tracking
	if on.Opens {
		pixel = w.BaseURL + "/o/" + w.Marks.Sign(links.Open, mark) + ".gif"
	}
	if !on.Clicks {
		return nil, pixel
	}
	return func(address string) string {
		to := mark
		to.Target = address
		if token := w.Marks.Sign(links.Click, to); token != "" {
			return w.BaseURL + "/c/" + token
		}
		return address
	}, pixel
}
