package hook_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/fault"
	"flywheel/integrations/hook"
)

const notPublic = "the address is not public"

func TestCheckURL(t *testing.T) {
	for raw, want := range map[string]struct{ public, private string }{ // "" = taken
		"https://example.com":                              {},
		"https://example.com/hooks?key=1&to=%2F":           {},
		"https://EXAMPLE.com.:443/":                        {},
		"https://example.com:8443/":                        {},
		"https://example.com:":                             {},
		"https://مثال.إختبار/":                             {},
		"https://93.184.216.34/":                           {},
		"https://[2606:2800:220:1::1]/":                    {},
		"https://a_b.example.com/":                         {},
		"http://example.com/":                              {public: "must start with https://"},
		"https://example.com:8080/":                        {public: "port must be"},
		"https://example.com:25/":                          {public: "port must be"},
		"https://localhost/":                               {public: notPublic},
		"https://LOCALHOST./":                              {public: notPublic},
		"https://shop.localhost/":                          {public: notPublic},
		"https://redis/":                                   {public: notPublic},
		"https://metadata.google.internal/":                {public: notPublic},
		"https://printer.local/":                           {public: notPublic},
		"https://127.0.0.1/":                               {public: notPublic},
		"https://127.0.0.1./":                              {public: notPublic},
		"https://[::1]/":                                   {public: notPublic},
		"https://10.1.2.3/":                                {public: notPublic},
		"https://172.31.0.1/":                              {public: notPublic},
		"https://192.168.1.1/":                             {public: notPublic},
		"https://100.64.0.1/":                              {public: notPublic},
		"https://[fd12:3456::1]/":                          {public: notPublic},
		"https://[fdaa::3]/":                               {public: notPublic},
		"https://①②⑦.⓪.⓪.①/":                               {public: notPublic},
		"https://169.254.169.254/":                         {notPublic, notPublic},
		"https://[fd00:ec2::254]/":                         {notPublic, notPublic},
		"https://100.100.100.200/":                         {notPublic, notPublic},
		"https://168.63.129.16/":                           {notPublic, notPublic},
		"https://[::ffff:168.63.129.16]/":                  {notPublic, notPublic},
		"https://0.0.0.0/":                                 {notPublic, notPublic},
		"https://[::]/":                                    {notPublic, notPublic},
		"https://[::ffff:127.0.0.1]/":                      {notPublic, notPublic},
		"https://[::ffff:a9fe:a9fe]/":                      {notPublic, notPublic},
		"https://[64:ff9b::7f00:1]/":                       {notPublic, notPublic},
		"https://[64:ff9b:1::7f00:1]/":                     {notPublic, notPublic},
		"https://[2002:7f00:1::]/":                         {notPublic, notPublic},
		"https://[fe80::1]/":                               {notPublic, notPublic},
		"https://[fe80::1%25eth0]/":                        {notPublic, notPublic},
		"https://[2606:2800:220:1::1%25eth0]/":             {notPublic, notPublic},
		"https://224.0.0.1/":                               {notPublic, notPublic},
		"https://2130706433/":                              {"plain address", "plain address"},
		"https://0x7f000001/":                              {"plain address", "plain address"},
		"https://0x7f.1/":                                  {"plain address", "plain address"},
		"https://0X7F.0.0.0X1/":                            {"plain address", "plain address"},
		"https://127.1/":                                   {"plain address", "plain address"},
		"https://0177.0.0.01/":                             {"plain address", "plain address"},
		"https://example.com.1./":                          {"plain address", "plain address"},
		"https://127.0.0.1%2f@example.com/":                {"user name", "user name"},
		"https://user:s3cret@example.com/":                 {"user name", "user name"},
		"https://user@example.com/":                        {"user name", "user name"},
		"https://127.0.0.1%2f.example.com/":                {"cannot be read", "cannot be read"},
		"https://127.0.0.1\\.example.com/":                 {"cannot be read", "cannot be read"},
		"https://example.com@127.0.0.1/":                   {"user name", "user name"},
		"https://example.com/#top":                         {"hold a #", "hold a #"},
		"https://example.com/#":                            {"hold a #", "hold a #"},
		"https://":                                         {"names no host", "names no host"},
		"https:///hooks":                                   {"names no host", "names no host"},
		"https:example.com":                                {"names no host", "names no host"},
		"https://:443/":                                    {"names no host", "names no host"},
		"https://./":                                       {"cannot be read", "cannot be read"},
		"https://a..example.com/":                          {"cannot be read", "cannot be read"},
		"https://example.com:0/":                           {"port must be a number", "port must be a number"},
		"https://example.com:65536/":                       {"port must be a number", "port must be a number"},
		"https://example.com:x/":                           {"cannot be read", "cannot be read"},
		"https://exa mple.com/":                            {"space", "space"},
		" https://example.com/":                            {"space", "space"},
		"https://example.com/\r\nHost: x":                  {"space", "space"},
		"https://example.com/\x00":                         {"space", "space"},
		"https://example.com/\u202etxt":                    {"space", "space"},
		"https://example.com/\xff":                         {"space", "space"},
		"https://example.com/" + strings.Repeat("a", 2048): {"longer than", "longer than"},
		"ftp://example.com/":                               {"must start with https://", "must start with https://"},
		"file:///etc/passwd":                               {"must start with https://", "must start with https://"},
		"example.com":                                      {"must start with https://", "must start with https://"},
		"//example.com":                                    {"must start with https://", "must start with https://"},
		"":                                                 {"must start with https://", "must start with https://"},
	} {
		for allowPrivate, want := range map[bool]string{false: want.public, true: want.private} {
			err := hook.CheckURL(raw, allowPrivate)
			if want == "" {
				require.NoError(t, err, "%q %v", raw, allowPrivate)
				continue
			}
			require.True(t, fault.Is(err, fault.Invalid), "%q %v", raw, allowPrivate)
			require.ErrorContains(t, err, want, "%q %v", raw, allowPrivate)
			require.NotContains(t, err.Error(), "s3cret")
		}
	}
}

// What is refused at save is refused at the attempt, without a connection.
func TestInnerAddressesAreNotCalled(t *testing.T) {
	s := hook.New(hook.Options{})
	t.Cleanup(s.Close)
	for _, host := range []string{"127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "100.64.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost", "①②⑦.0.0.1"} {
		require.Equal(t, hook.Outcome{State: hook.Failed, Detail: notPublic}, send(t, s, thanked("https://"+host)), host)
	}
	for _, host := range []string{"2130706433", "0x7f000001", "127.1", "017700000001"} {
		require.Equal(t, hook.Failed, send(t, s, thanked("https://"+host)).State, host)
	}
}

// Go's own idea of a private address is never taken, however it is written.
func TestNoInnerAddressIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")
		start := rapid.SampledFrom([][]byte{nil, {127}, {10}, {192, 168}, {169, 254}, {172, 16}, {0}}).Draw(t, "start")
		copy(raw, start)
		ip := netip.AddrFrom4([4]byte(raw))
		inner := ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()
		if hook.CheckURL("https://"+ip.String()+"/", false) == nil {
			require.False(t, inner, ip)
		}
		require.Error(t, hook.CheckURL("https://["+netip.AddrFrom16(ip.As16()).String()+"]/", false), "mapped into IPv6: %s", ip)
	})
}

// No text makes it panic, its errors are always sentences, and allowing more refuses nothing.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://example.com/a?b=c", "https://[::1]:443/", "https://①②⑦.1/", "https://a@b:c#d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if err := hook.CheckURL(raw, false); err != nil {
			require.True(t, fault.Is(err, fault.Invalid))
			return
		}
		require.NoError(t, hook.CheckURL(raw, true), "who may go inside may also go outside")
	})
}
