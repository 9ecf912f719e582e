package templates

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLanguageFallsBackToEnglish(t *testing.T) {
	for tag, want := range map[string]string{
		"": "en", "en": "en", "en-GB": "en", "ar": "ar", "ar-EG": "ar", "AR_sa": "ar", "fa-IR": "fa",
		"fa-Arab-IR": "fa", "fr": "en", "arc": "en", "--": "en", "zh-Hant-TW": "en",
	} {
		require.Equal(t, want, Language(tag), tag)
	}
	for tag, want := range map[string]string{
		"ar-EG": "ar-EG", "AR_arab_eg": "ar-EG", "en": "en", "": "", "ar-u-nu-latn": "ar", "x-klingon": "",
		"ar\r\nBcc: x": "", "ar-E\r": "ar", "<script>": "", "english": "", "es-419": "es",
	} {
		require.Equal(t, want, Tag(tag), "%q", tag)
	}
	require.Equal(t, "rtl", Dir("ar-EG"))
	require.Equal(t, "rtl", Dir("fa"))
	require.Equal(t, "rtl", Dir("he"))
	require.Equal(t, "ltr", Dir("en"))
	require.Equal(t, "ltr", Dir(""))
}
