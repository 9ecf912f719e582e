package main

import (
	"crypto/md5"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"flywheel/commerce"
)

// Names as customers write them, those that many have first. Arabic and Persian
// ones stand beside how their bearers write them in an address; | is a joiner that shows nothing.
var (
	latinFirst = strings.Fields(`Maria Anna John James Sarah Emma David Laura Michael Sofia Thomas Julia Daniel Lena Paul Zoë Lucas Chloé Max Elif
		Peter Ada José Inês Marek Łukasz Björn Åsa Søren İnci Oğuz Noor Grace Henry Oliver Amélie Finn Ruth Hugo Nele Ivan Olga Mateo Lucía Enzo Mila Jan Eva Leo Ida`)
	latinLast = strings.Fields(`Smith Müller García Jones Schmidt Brown Martin Silva Rossi Kowalski Johnson Weber Dubois Yılmaz Novák Jensen Andersson Taylor
		Fischer Lopez Murphy Bernard Costa Ferrari Nowak Wagner Becker Moreau Khan Ali Kaya Dvořák Nielsen Berg Evans Walker Wright Hughes Green Strauß`)
	latinStart = strings.Fields(`Al Ber Car Dor El Far Gar Hal In Jor Kal Lor Mar Nor Ol Par Quin Ros Sal Tor Ur Val Wen Yor Zel Bran Crom Dun Fen Hart`)
	latinEnd   = strings.Fields(`son ley ford wood mann berg stein field well ton ham worth croft more land ing ward ner sen ski dale brook gate hurst shaw combe`)
	arabFirst  = strings.Fields(`محمد:mohammed أحمد:ahmed فاطمة:fatima علي:ali سارة:sara نورة:noura احمد:ahmad عبدالله:abdullah خالد:khaled مريم:maryam
		على:aly يوسف:yousef فاطمه:fatma هند:hind عمر:omar ليلى:layla إبراهيم:ibrahim رائد:raed مؤمن:momen سماء:samaa`)
	arabLast = strings.Fields(`العتيبي:alotaibi الشمري:alshammari القحطاني:alqahtani حسن:hassan إبراهيم:ibrahim المطيري:almutairi الغامدي:alghamdi السيد:elsayed
		منصور:mansour الزهراني:alzahrani خليل:khalil عبدالرحمن:abdulrahman الحربي:alharbi مصطفى:mostafa`)
	persianFirst = strings.Fields(`محمد:mohammad علی:ali زهرا:zahra فاطمه:fatemeh رضا:reza مریم:maryam حسین:hossein سارا:sara علی|رضا:alireza مهدی:mahdi
		نرگس:narges امیر:amir یاسمن:yasaman کیان:kian آرش:arash شیرین:shirin`)
	persianLast = strings.Fields(`محمدی:mohammadi حسینی:hosseini احمدی:ahmadi کریمی:karimi موسوی:mousavi رضایی:rezaei جعفری:jafari قاسمی:ghasemi
		هاشمی:hashemi صادقی:sadeghi کاظمی:kazemi اکبری:akbari`)
	mailHosts = strings.Fields(`gmail.com gmail.com gmail.com gmail.com gmail.com hotmail.com yahoo.com icloud.com outlook.com yahoo.co.uk gmx.de mail.example.com`)
)

// somebody is one customer of a filled shop, always the same by number.
type somebody struct {
	commerce.Person
	shopify string
	at      int64
}

// person makes customer n of all, of whom ever more come in over two years.
func (f *filling) person(n int) somebody {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	pick := func(list []string) string {
		return list[int(float64(len(list))*math.Pow(r.Float64(), 2))] // few names are frequent
	}
	p := somebody{shopify: fmt.Sprint(7_000_000_000_000 + n), at: f.from + int64(float64(f.now-f.from)*math.Pow(float64(n)/float64(f.persons+1), 0.8))}
	var one, two string
	switch script := r.Float64(); {
	case script < 0.6:
		p.FirstName, p.LastName, p.Language, p.Country = pick(latinFirst), pick(latinLast), "en", "GB"
		if r.Float64() < 0.4 {
			p.LastName = pick(latinStart) + latinEnd[r.IntN(len(latinEnd))]
		}
		one, two = plainLetters(p.FirstName), plainLetters(p.LastName)
	case script < 0.85:
		p.FirstName, one, _ = strings.Cut(pick(arabFirst), ":")
		p.LastName, two, _ = strings.Cut(pick(arabLast), ":")
		p.Language, p.Country = "ar", "SA"
	default:
		p.FirstName, one, _ = strings.Cut(strings.ReplaceAll(pick(persianFirst), "|", "\u200c"), ":")
		p.LastName, two, _ = strings.Cut(pick(persianLast), ":")
		p.Language, p.Country = "fa", "IR"
	}
	p.Email = fmt.Sprintf("%s.%s%d@%s", one, two, n, mailHosts[r.IntN(len(mailHosts))])
	if r.Float64() < 0.2 {
		p.Phone = fmt.Sprintf("+44%d", 7_100_000_000+n*389%899_999_999)
	}
	p.ID = commerce.PersonID(idAt(p.at, uint64(n)))
	return p
}

// plainLetters is how a Latin name is written in an address.
func plainLetters(name string) string { return strings.ReplaceAll(commerce.Fold(name), "'", "") }

var idLetters = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// idAt is an id as the store would have made it at a moment.
func idAt(ms int64, n uint64) string {
	id := md5.Sum(binary.BigEndian.AppendUint64(nil, n))
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return idLetters.EncodeToString(id[:])
}
