package sender

import (
	"strings"

	"flywheel/fault"
)

// errNoServer is a process without a mail server.
var errNoServer = fault.New(fault.Invalid, "no mail server is set here (SMTP_URL), so nothing can be sent")

// errBusy is a server that takes no more for some seconds.
var errBusy = fault.New(fault.Temporary, "so many mails are under way that the mail server takes no more at the moment: try again in a minute")

// refused is a test mail that a server did not take, with its words.
func refused(answer string) error {
	return fault.New(fault.Temporary, "the mail server did not take the mail: %s", strings.TrimSpace(answer))
}
