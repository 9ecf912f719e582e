package apptest

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/templates"
)

// spamLimit is the score below which every mail of ours stays; filters begin to sort out at 5.
const spamLimit = 1.0

// SpamAssassin reads every mail of every playbook in every language as a mail
// server would get it. -L: it asks nobody, since there is no network here.
func TestSpamAssassinTakesEveryMail(t *testing.T) {
	program, err := exec.LookPath("spamassassin")
	require.NoError(t, err, "apt-get install spamassassin; make test does it")
	var box bytes.Buffer
	var names []string
	for _, name := range templates.Playbooks() {
		source, err := templates.Playbook(name)
		require.NoError(t, err)
		definition, err := campaign.Parse(source)
		require.NoError(t, err)
		for step := range definition.AllSteps() {
			if step.Kind != campaign.SendEmail {
				continue
			}
			set, err := message.CompileAll(step.Email)
			require.NoError(t, err)
			for _, lang := range templates.Languages() {
				m, err := set.Render(spamFacts(definition, lang))
				require.NoError(t, err)
				names = append(names, fmt.Sprintf("%s/%s/%s", name, step.ID, lang))
				box.WriteString(arrived(t, m))
			}
		}
	}
	require.Greater(t, len(names), 50)
	scan := exec.CommandContext(t.Context(), program, "-L", "--mbox", "-p", "/dev/null")
	scan.Env = append(os.Environ(), "HOME="+t.TempDir())
	scan.Stdin = &box
	out, err := scan.Output()
	require.NoError(t, err)
	scores := regexp.MustCompile(`(?m)^X-Spam-Status: .*score=(-?[\d.]+)[^\n]*\n(?:[ \t][^\n]*\n)*`).FindAllStringSubmatch(string(out), -1)
	require.Len(t, scores, len(names), "a score for each mail")
	for i, s := range scores {
		score, err := strconv.ParseFloat(s[1], 64)
		require.NoError(t, err)
		if score >= spamLimit {
			t.Errorf("%s: %s", names[i], strings.Join(strings.Fields(s[0]), " "))
		}
	}
}

// spamFacts are those of an ordinary shop that writes in lang.
func spamFacts(d campaign.Definition, lang string) message.Facts {
	country := map[string]string{"en": "GB", "ar": "SA", "fa": "IR"}[lang]
	currency := map[string]string{"GB": "GBP", "SA": "SAR", "IR": "IRR"}[country]
	line := commerce.Line{ID: "1", Title: "Linen shirt", Variant: "Blue / M", Quantity: 2, Current: 2, Price: commerce.Money{Amount: 4900, Currency: currency}, Image: "https://cdn.shopify.com/s/files/1/shirt.jpg"}
	order := &commerce.Order{ID: "0ORDER", Detail: commerce.Detail{
		Platform: commerce.Shopify, Name: "#1001", Language: lang, Total: commerce.Money{Amount: 9800, Currency: currency}, Lines: []commerce.Line{line},
	}}
	return message.Facts{
		Shop: commerce.Shop{
			ID: "0SHOP", Name: "Harbour", Email: "hello@harbour.example", Locale: lang, Country: country,
			Settings: commerce.Settings{PostalAddress: "Harbour Ltd\n1 Quay Street\nBristol", StoreURL: "https://harbour.example", ReviewURL: "https://harbour.example/reviews"},
		},
		Person: commerce.Person{ID: "0PERSON", Email: "ada@customer.example", FirstName: "Ada", LastName: "Byron", Language: lang},
		Order:  order, Product: &commerce.Product{Title: "Wool scarf", Handle: "scarf"},
		Class: d.Class, Topic: cmp.Or(d.Topic, "orders"), EffectID: "0EFFECT",
		UnsubscribeURL: "https://flywheel.example/u/AAAAAAAAAAAAAAAAAAAAAA", ConfirmURL: "https://flywheel.example/u/confirm/AAAAAAAAAAAAAAAAAAAAAA",
	}
}

// arrived is a mail as it lies in a mailbox: built by the real sender, with the
// line that the receiving server puts on top.
func arrived(t *testing.T, m message.Message) string {
	dir := t.TempDir()
	at := time.Now()
	sender, err := mail.Open("file:"+dir, mail.Options{Now: func() time.Time { return at }})
	require.NoError(t, err)
	outcome := sender.Send(t.Context(), []mail.Message{{
		To: m.To, ToName: m.ToName, From: m.From, FromName: m.FromName, ReplyTo: m.ReplyTo, Subject: m.Subject, HTML: m.HTML, Text: m.Text, Headers: m.Headers,
	}}, nil)
	require.Equal(t, mail.Sent, outcome[0].State, outcome[0].Detail)
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "From ") {
			lines[i] = ">" + l
		}
	}
	received := "Received: from mail.harbour.example (mail.harbour.example [159.135.228.7]) by mx.customer.example with ESMTPS; " + at.Format(time.RFC1123Z)
	return strings.Join(slices.Concat([]string{"From hello@harbour.example " + at.Format(time.ANSIC), received}, lines), "\n") + "\n\n"
}
