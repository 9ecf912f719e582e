package main

import (
	"fmt"
	"io"
	"os"

	"flywheel/manage"
	"flywheel/timeline"
)

type campaignsPreviewCommand struct{ ofCampaign }

// Run prints who is where, and who would move.
func (c campaignsPreviewCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		version, waiting, err := d.Preview(s.ctx, c.id(), c.campaign())
		if err != nil {
			return err
		}
		w := table("VERSION\tWHERE\tPEOPLE\tIF MOVED")
		var moving int64
		for _, n := range waiting {
			what := "finish theirs: their step is gone"
			switch {
			case n.Version == version:
				what = "in the present version"
			case n.Moves:
				what, moving = "go on in the present version", moving+n.Count
			}
			fmt.Fprintf(w, "%d\t%s\t%d\t%s\n", n.Version, n.Where(), n.Count, what)
		}
		if err := finish(w, min(len(waiting), listed)); err != nil {
			return err
		}
		if moving > 0 {
			fmt.Printf("flywheel campaigns move would give %d people version %d\n", moving, version)
		}
		return nil
	})
}

type campaignsMoveCommand struct{ ofCampaign }

// Run moves them.
func (c campaignsMoveCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		m, err := d.Move(s.ctx, c.id(), c.campaign())
		if err == nil {
			fmt.Printf("%d moved, %d finish their version\n", m.Moved, m.Stayed)
		}
		return err
	})
}

type campaignsFiguresCommand struct{ ofCampaign }

// Run prints what became of people and steps.
func (c campaignsFiguresCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		f, err := d.Figures(s.ctx, c.id(), c.campaign())
		if err != nil {
			return err
		}
		return printFigures(f)
	})
}

func printFigures(f manage.Figures) error {
	if f.Rehearsal {
		fmt.Println("in rehearsal: these reached the team only, and count no more once it is live")
	}
	fmt.Printf("entered %d, on their way %d\n", f.Entered, f.Active)
	printShares(os.Stdout, "ended", f.Ended)
	printShares(os.Stdout, "kept out", f.KeptOut)
	w := table("STEP\tKIND\tNOT DUE YET\tDUE\tSENT\tHELD\tNOT SENT")
	for _, step := range f.Steps {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", step.Step, step.Kind, step.Waiting, step.Due, step.Sent, step.Held, step.Not)
	}
	if err := finish(w, min(len(f.Steps), listed)); err != nil {
		return err
	}
	for _, step := range f.Steps {
		printShares(os.Stdout, step.Step, step.Shares)
	}
	return nil
}

// printShares prints outcomes with their part of the whole and what they mean.
func printShares(w io.Writer, of string, shares []manage.Share) {
	if len(shares) == 0 {
		return
	}
	fmt.Fprintf(w, "%s:\n", of)
	for _, s := range shares {
		fmt.Fprintf(w, "  %3d.%d%%  %d  %s", s.Tenths/10, s.Tenths%10, s.Count, timeline.Outcome(s.What))
		if s.Reason != "" {
			fmt.Fprintf(w, ": %s  [%s]", timeline.Because(s.Reason), s.Reason)
		}
		fmt.Fprintln(w)
	}
}

type campaignsSplitCommand struct{ ofCampaign }

// Run prints each split; before every arm has its sample it says so instead of a result.
func (c campaignsSplitCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		splits, err := d.Splits(s.ctx, c.id(), c.campaign())
		for _, split := range splits {
			if err := printSplit(split); err != nil {
				return err
			}
		}
		return err
	})
}

func printSplit(split manage.Split) error {
	fmt.Printf("split %s, read by %s\n", split.Step, split.Goal)
	if !split.Enough {
		w := table("ARM\tENTERED\tRESULT")
		for _, a := range split.Arms {
			said := "not enough data yet: no sample was stated when it was made"
			if split.Sample > 0 {
				said = fmt.Sprintf("not enough data yet: %d of %d", a.Entered, split.Sample)
			}
			if split.Sample > 0 && a.Entered >= int64(split.Sample) {
				said = "enough, once the others are"
			}
			fmt.Fprintf(w, "%s\t%d\t%s\n", a.Name, a.Entered, said)
		}
		return w.Flush()
	}
	w := table("ARM\tENTERED\tCONVERTED\tSHARE\tBETWEEN (95%)")
	for _, a := range split.Arms {
		share := 0.0
		if a.Entered > 0 {
			share = 100 * float64(a.Converted) / float64(a.Entered)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%.1f%%\t%.1f%% and %.1f%%\n", a.Name, a.Entered, a.Converted, share, 100*a.Low, 100*a.High)
	}
	return w.Flush()
}
