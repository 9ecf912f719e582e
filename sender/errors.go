package sender

import (
	"strings"

	"flywheel/fault"
)

// errNoServer is a process without a mail server.
var errNoServer = fault.New(fault.Invalid, "no mail server is set here (SMTP_URL), so nothing can be sent")

// refused is a test mail that a server did not take, with its words.
func refused(answer string) error {
	return fault.New(fault.Temporary, "the mail server did not take the mail: %s", strings.TrimSpace(answer))
}
