package mail

import (
	"bufio"
	"bytes"
	"io"
)

var (
	cr, lf    = []byte("\r"), []byte("\n")
	crlf      = []byte("\r\n")
	lineDot   = []byte("\r\n.")
	lineDots  = []byte("\r\n..")
	singleDot = []byte(".")
)

// writeDotted writes a mail between DATA and the final dot: straight to the
// connection and in one go, since the dot writer, which would mend bare line
// ends, looks at every byte. What needs mending goes through it. The last line
// end comes with the final dot.
func writeDotted(straight *bufio.Writer, dots io.Writer, mail []byte) error {
	ends := bytes.Count(mail, crlf)
	if ends != bytes.Count(mail, lf) || ends != bytes.Count(mail, cr) || bytes.HasPrefix(mail, singleDot) {
		_, err := dots.Write(mail)
		return err
	}
	mail = bytes.TrimSuffix(mail, crlf)
	if bytes.Contains(mail, lineDot) {
		mail = bytes.ReplaceAll(mail, lineDot, lineDots)
	}
	_, err := straight.Write(mail)
	return err
}
