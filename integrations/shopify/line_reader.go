package shopify

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// lineReader reads a file of JSON lines, holding no more than one of them.
type lineReader struct {
	r   *bufio.Reader
	buf []byte // of a line that is longer than r's buffer
	at  int64  // bytes read, with the ends of lines
}

// next returns a line without its end; it is good until the next call. One that
// is too long comes cut, a byte longer than maxLine. Where a file stops in the
// middle of a line the error is io.ErrUnexpectedEOF, at its end io.EOF.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.at += int64(len(part))
		if err == nil && len(l.buf) == 0 {
			return part[:len(part)-1], nil
		}
		l.buf = append(l.buf, part[:min(len(part), maxLine+1-len(l.buf))]...)
		switch {
		case err == nil && l.buf[len(l.buf)-1] == '\n':
			return l.buf[:len(l.buf)-1], nil
		case err == nil:
			return l.buf, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(l.buf) == 0:
			return nil, io.EOF
		case err == io.EOF && json.Valid(l.buf): // the last line need not end
			return l.buf, nil
		case err == io.EOF:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
