package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

// Pages are packed for browsers that take that, and say so to what keeps copies.
func TestPagesArePacked(t *testing.T) {
	row := strings.Repeat("<tr><td>one</td></tr>", 500)
	get := func(page, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		rec := httptest.NewRecorder()
		require.NoError(t, htmlBlob(echo.New().NewContext(r, rec), http.StatusUnprocessableEntity, []byte(page)))
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Equal(t, "Accept-Encoding", rec.Header().Get("Vary"))
		return rec
	}
	for range 2 { // the second takes over what the first has used
		packed := get(row, "gzip, deflate, br")
		require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
		require.Less(t, packed.Body.Len(), len(row)/20)
		r, err := gzip.NewReader(packed.Body)
		require.NoError(t, err)
		opened, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, row, string(opened))
	}
	require.Equal(t, row, get(row, "").Body.String(), "as it is for who cannot read it")
	require.Empty(t, get("<p>short", "gzip").Header().Get("Content-Encoding"), "it would not be fewer packets")
}
