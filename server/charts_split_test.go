package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/manage"
	"flywheel/templates"
)

// A split is drawn with what each share lies between; a way that nobody took has none.
func TestASplitIsDrawnWithItsIntervals(t *testing.T) {
	c := speaker{lang: "en"}.splitChart(manage.Split{Step: "which", Enough: true, Arms: []manage.Arm{{Name: "short", Entered: 50, Converted: 20, Low: 0.276, High: 0.538}, {Name: "none"}}})
	require.Len(t, c.Rows, 1)
	require.Equal(t, templates.ChartRow{Label: "short", Cells: []templates.ChartCell{{Value: "40.0", Text: "40% (27% – 53%)", Low: "27.6", Up: "53.8"}}}, c.Rows[0])
}
