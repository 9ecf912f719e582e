package campaign

import "flywheel/commerce"

// arm is the arm of a split that a person takes. It hangs on the campaign, the
// step and the person alone: a retry and a later version ask again and hear the
// same, and two splits share people out anew. -1 where no arm weighs anything.
func (here *node) arm(campaign string, person commerce.PersonID) int {
	if here.weight == 0 {
		return -1
	}
	left := lot(campaign, here.step.ID, string(person)) % here.weight
	for i := range here.step.Arms {
		weight := uint64(max(0, here.step.Arms[i].Weight))
		if left < weight {
			return i
		}
		left -= weight
	}
	return -1
}

// lot draws a number by name: FNV-1a, with the last mixing step of MurmurHash3
// so that names that differ little land far apart.
func lot(names ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, name := range names {
		for i := range len(name) {
			h = (h ^ uint64(name[i])) * 1099511628211
		}
		h *= 1099511628211 // a zero byte between names
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
