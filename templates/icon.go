package templates

import (
	"html/template"
	"slices"
	"strings"
)

// icons are drawn by strokes on 24 by 24, in the colour of the text around them.
var icons = map[string]string{
	"home":     "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
	"campaign": "M6 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6 7v10M6 17a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM18 9a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6 11c0-2 2-3 4-3M6 15h6c3 0 6 0 6-2",
	"message":  "M4 6h16v12H4zM4 7l8 6 8-6",
	"customer": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c0-3 3-5 7-5s7 2 7 5",
	"people":   "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM3 20c0-3 2.5-5 6-5s6 2 6 5M16 5.5a3.5 3.5 0 0 1 0 6.5M17.5 15.200c2.2.6 3.5 2.2 3.5 4.8",
	"list":     "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
	"settings": "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
	"search":   "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM20 20l-4.8-4.8",
	"plus":     "M12 5v14M5 12h14",
	"up":       "M12 19V5M6 11l6-6 6 6",
	"down":     "M12 5v14M6 13l6 6 6-6",
	"left":     "M19 12H5M11 6l-6 6 6 6",
	"right":    "M5 12h14M13 6l6 6-6 6",
	"next":     "M9 6l6 6-6 6",
	"move":     "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
	"trash":    "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
	"play":     "M7 4.5v15l12-7.5z",
	"pause":    "M7 5h3v14H7zM14 5h3v14h-3z",
	"check":    "M5 12.5l4.5 4.5L19 7",
	"close":    "M6 6l12 12M18 6L6 18",
	"warn":     "M12 4L2.5 20h19zM12 10v4M12 17h.01",
	"clock":    "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
	"mail":     "M4 6h16v12H4zM4 7l8 6 8-6",
	"gift":     "M4 9h16v4H4zM6 13v7h12v-7M12 9v11M12 9C9 9 7 7.5 8 5.5s3.5-.5 4 3.5c.5-4 3-5.5 4-3.5S15 9 12 9z",
	"star":     "M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8z",
	"link":     "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
	"eye":      "M3 12c2.5-4.5 5.5-6.5 9-6.5s6.5 2 9 6.5c-2.5 4.5-5.5 6.5-9 6.5S5.5 16.5 3 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
	"undo":     "M9 14l-5-5 5-5M4 9h10a6 6 0 0 1 0 12h-3",
	"redo":     "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
	"copy":     "M8 8h12v12H8zM16 8V4H4v12h4",
	"download": "M12 4v11M7 11l5 5 5-5M4 20h16",
	"edit":     "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
	"menu":     "M4 7h16M4 12h16M4 17h16",
	"sun":      "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4",
	"moon":     "M12 3.5a8.5 8.5 0 1 0 8.5 9.5A6.5 6.5 0 0 1 12 3.5z",
	"language": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 2.5 3.5 5.5 3.5 8.5s-.5 6-3.5 8.5c-3-2.5-3.5-5.5-3.5-8.5s.5-6 3.5-8.5z",
	"shop":     "M4 9l1.5-5h13L20 9M4 9v2a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 11V9zM6 13.5V20h12v-6.5",
	"help":     "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9.5 9.5c0-3 5-3 5 0 0 2-2.5 2-2.5 4M12 16.5h.01",
}

// turning are the icons that point along the line, and so the other way where
// one reads from the right.
var turning = []string{"left", "right", "next", "undo", "redo", "list"}

// icon is a picture beside words, which say the same: nothing reads it out.
func icon(name string) template.HTML {
	path, ok := icons[name]
	if !ok {
		return ""
	}
	class := "icon"
	if slices.Contains(turning, name) {
		class = "icon icon-turns"
	}
	return template.HTML(strings.Join([]string{ //nolint:gosec // made of what stands above
		`<svg class="`, class, `" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="`, path, `"></path></svg>`,
	}, ""))
}
