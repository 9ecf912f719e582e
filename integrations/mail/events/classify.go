package events

import (
	"strings"
)

// Classify judges a refusal by its RFC 3463 code and the server's words. sure is
// what the teller itself calls it, for codes that say nothing: Hard or Soft.
// Whoever refuses a mail for its sender or content says nothing about the
// address, so that is never Hard.
func Classify(code, words string, sure Kind) Kind {
	class, rest, _ := strings.Cut(code, ".")
	switch {
	case class == "4" && strings.HasPrefix(rest, "7."):
		return Block
	case class == "4":
		return Soft
	case class == "5":
		if kind, known := permanent[rest]; known {
			return kind
		}
		subject, _, _ := strings.Cut(rest, ".")
		switch subject {
		case "6", "7": // content; policy
			return Block
		case "2", "3", "4", "5": // mailbox, system, network, protocol
			return Soft
		}
	}
	return byWords(words, sure)
}

// permanent are the codes whose detail matters, from the registry of RFC 5248:
// the address is wrong, moved or refuses all mail (RFC 7505), or its mailbox is closed.
var permanent = map[string]Kind{
	"1.1": Hard, "1.2": Hard, "1.3": Hard, "1.6": Hard, "1.10": Hard, "2.1": Hard,
	"1.4": Soft, "1.5": Soft, "1.7": Block, "1.8": Block, "1.9": Block, // about the sender's address
}

var (
	blockWords = []string{
		"spam", "policy", "blocked", "blocklist", "blacklist", "denylist", "reputation", "dmarc", "spf ", "dkim", "content rejected", "prohibited", "listed at", "spamhaus",
	}
	hardWords = []string{
		"user unknown", "unknown user", "no such user", "does not exist", "doesn't exist", "no such mailbox", "no mailbox here", "invalid recipient", "unknown recipient",
		"recipient not found", "user not found", "mailbox not found", "no such recipient", "address rejected", "invalid mailbox", "unrouteable address", "account has been disabled",
		"account is disabled", "mailbox disabled", "no longer valid", "not a known user", "no such address", "invalid address",
	}
	softWords = []string{"is full", "mailbox full", "quota", "try again", "temporar", "timed out", "timeout", "too large", "greylist", "graylist", "rate limit", "too many"}
)

// byWords is for servers that give no code. Blame of the mail goes before blame of
// the address: texts such as "spam: recipient address rejected" are the former.
func byWords(words string, sure Kind) Kind {
	words = strings.ToLower(head(words, 2000))
	for _, list := range []struct {
		kind  Kind
		words []string
	}{{Block, blockWords}, {Soft, softWords}, {Hard, hardWords}} {
		for _, w := range list.words {
			if strings.Contains(words, w) {
				return list.kind
			}
		}
	}
	return sure
}
