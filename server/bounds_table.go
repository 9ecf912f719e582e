package server

import "time"

// why some routes need no bound.
const (
	whyStatic  = "the same for everybody, and made once"
	whyIndexed = "who is let in reads what an index carries, a page at a time"
	whyHere    = "about the browser alone: nothing is read or kept"
	whyToken   = "a platform's signature is checked without asking anything; what costs stands behind it, with bounds of its own"
)

// bounds are those of routes that are about no one shop.
var bounds = map[string]bound{
	// Platforms and mail providers send as much as happens; what is not signed is theirs not.
	"POST /webhooks/shopify":                  {miss: signed},
	"POST /webhooks/shopify/:connection":      {miss: signed},
	"POST /webhooks/stripe":                   {miss: signed},
	"POST /webhooks/stripe/:connection":       {miss: signed},
	"POST /webhooks/mail/:provider":           {miss: signed},
	"POST /webhooks/mail/:provider/:endpoint": {miss: signed},
	"GET /proxy/shopify":                      {miss: signed},
	"GET /proxy/shopify/*":                    {miss: signed},
	"GET /proxy/shopify/loyalty":              {miss: signed},
	"POST /proxy/shopify/loyalty":             {miss: signed},

	"GET /install/shopify":          {by: byAddress, n: 60, per: 10 * time.Minute, miss: begun60},
	"GET /install/shopify/callback": {by: byAddress, n: 60, per: 10 * time.Minute, miss: begun60},
	"GET /install/stripe":           {by: byAddress, n: 60, per: 10 * time.Minute, miss: begun60},
	"GET /install/stripe/callback":  {by: byAddress, n: 60, per: 10 * time.Minute, miss: begun60},

	// Customers: who has a good link is never turned away for what others have tried.
	"GET /u/:token":        {miss: linked},
	"POST /u/:token":       {by: byLink, n: 60, per: time.Minute, miss: linked},
	"GET /confirm/:token":  {miss: linked},
	"POST /confirm/:token": {by: byLink, n: 60, per: time.Minute, miss: linked},
	// Their own page; mailing its link is bounded by mailbox as well (account.go).
	"GET /account/:token":           {miss: linked},
	"POST /account/:token":          {by: byLink, n: 20, per: 15 * time.Minute, miss: linked},
	"GET /account/in/:shop":         {miss: linked},
	"POST /account/in/:shop":        {by: byAddress, n: 120, per: 15 * time.Minute, miss: linked},
	"GET /account/in/:shop/:token":  {miss: linked},
	"POST /account/in/:shop/:token": {by: byLink, n: 20, per: 15 * time.Minute, miss: linked},

	"GET /c/:token":  {miss: linked},
	"HEAD /c/:token": {miss: linked},
	"GET /o/:token":  {miss: linked},

	// Friends: the address of the network counts, for each form may be a mail to somebody.
	"GET /r/:code":         {miss: linked},
	"POST /r/:code":        {by: byAddress, n: 30, per: time.Hour, miss: linked},
	"GET /r/:code/:token":  {miss: linked},
	"POST /r/:code/:token": {by: byLink, n: 20, per: 15 * time.Minute, miss: linked},

	// Programs: each token has 20 requests a second (api_rate.go).
	"POST /api/v1/touches":     {miss: tokens60},
	"POST /api/v1/events":      {miss: tokens60},
	"PUT /api/v1/products":     {miss: tokens60},
	"GET /api/v1/openapi.json": {why: whyStatic},

	// Signing in: package account counts by address and by mailbox.
	"GET /login":                 {why: whyHere},
	"POST /login":                {why: "package account: 20 an hour by address, 5 in a quarter of an hour by mailbox"},
	"GET /login/sent":            {why: whyHere},
	"POST /login/code":           {why: "package account: 5 by link, 30 an hour by address"},
	"POST /login/passkey/begin":  {why: "package account: 60 an hour by address"},
	"POST /login/passkey/finish": {miss: signs60},
	"GET /login/:token":          {miss: signs60},
	"POST /login/:token":         {miss: signs60},
	"POST /logout":               {why: whyHere},
	"GET /join":                  {why: whyHere},
	"POST /join":                 {why: "package account: 60 an hour by address, as for the page below"},
	"GET /join/:token":           {why: "package account: 60 an hour by address"},
	"POST /join/:token":          {by: byAddress, n: 60, per: time.Hour, miss: signs60},

	// Who is signed in.
	"GET /me":                       {why: whyIndexed},
	"POST /me":                      {by: byUser, n: 120, per: time.Hour},
	"POST /me/sessions/drop":        {by: byUser, n: 120, per: time.Hour},
	"POST /me/sessions/everywhere":  {by: byUser, n: 120, per: time.Hour},
	"POST /me/passkeys/begin":       {by: byUser, n: 60, per: time.Hour},
	"POST /me/passkeys/finish":      {by: byUser, n: 60, per: time.Hour},
	"POST /me/passkeys/drop":        {by: byUser, n: 60, per: time.Hour},
	"GET /shops":                    {why: whyIndexed},
	"POST /shops/pause":             {by: byUser, n: 60, per: time.Minute},
	"POST /shops/resume":            {by: byUser, n: 60, per: time.Minute},
	"GET /accounts":                 {why: whyHere},
	"GET /accounts/:account":        {why: whyIndexed},
	"GET /accounts/:account/invite": {why: whyHere},
	"POST /accounts/:account/invite": {
		by: byUser, n: 60, per: time.Hour, // each is a mail to somebody
	},
	"POST /accounts/:account/name":                         {by: byUser, n: 120, per: time.Hour},
	"POST /accounts/:account/members/:user/role":           {by: byUser, n: 120, per: time.Hour},
	"POST /accounts/:account/members/:user/drop":           {by: byUser, n: 120, per: time.Hour},
	"POST /accounts/:account/invitations/:invitation/drop": {by: byUser, n: 120, per: time.Hour},

	"GET /admin/token":   {why: whyHere},
	"GET /admin/preview": {miss: marks60},
	"POST /look":         {why: whyHere},
	"GET /assets/:file":  {why: whyStatic},
	"GET /licences":      {why: whyStatic},
	"GET /privacy":       {why: whyStatic},
	"GET /terms":         {why: whyStatic},
	"GET /support":       {why: whyStatic},
	"GET /healthz":       {why: whyHere},
	"GET /readyz":        {why: "load balancers ask; two pings of at most two seconds"},
}

// What pages and acts of a shop have that are not listed below. An act writes a
// line into the audit, and is what a hand does.
var (
	anyPage = bound{why: whyIndexed + "; inside Shopify: " + whyToken}
	anyAct  = bound{by: byPerson, n: 600, per: time.Minute}
)

// sheet is the bound of a list that can be had as a file, with all that is in it.
var sheet = bound{by: byPerson, n: 60, per: time.Hour, file: true}

// find is that of looking for something by what is typed.
var find = bound{by: byPerson, n: 1200, per: time.Minute}

// shopBounds are those of pages and acts of a shop that cost more than others:
// work for the shop's own workers, mails, questions to other servers, files.
var shopBounds = map[string]bound{
	"GET /search":                          find,
	"GET /customers":                       find,
	"GET /customers/file":                  {by: byPerson, n: 60, per: time.Hour},
	"GET /lists/messages":                  sheet,
	"GET /lists/unknown":                   sheet,
	"GET /lists/webhooks":                  sheet,
	"GET /lists/findings":                  sheet,
	"GET /lists/suppression":               sheet,
	"GET /lists/tasks":                     sheet,
	"GET /lists/walks":                     sheet,
	"GET /lists/held":                      sheet,
	"GET /audit":                           sheet,
	"GET /loyalty/referrals":               sheet,
	"GET /loyalty":                         sheet,
	"GET /loyalty/members":                 find,
	"GET /loyalty/members/file":            {by: byPerson, n: 60, per: time.Hour},
	"POST /loyalty/import":                 {by: byShop, n: 120, per: time.Hour},
	"GET /lists/suppression/file":          {by: byPerson, n: 60, per: time.Hour},
	"GET /lists/webhooks/:delivery/body":   {by: byPerson, n: 600, per: time.Hour},
	"GET /exports/:export":                 {by: byPerson, n: 60, per: time.Hour},
	"GET /campaigns/:campaign/file":        {by: byPerson, n: 600, per: time.Hour},
	"POST /customers/:person/export":       {by: byShop, n: 120, per: time.Hour},
	"POST /customers/:person/erase":        {by: byShop, n: 120, per: time.Hour},
	"POST /settings/data/person":           {by: byShop, n: 120, per: time.Hour},
	"POST /backfill":                       {by: byShop, n: 10, per: time.Hour},
	"POST /setup/:step":                    {by: byShop, n: 300, per: time.Hour}, // one of them sends a mail, one asks the past
	"POST /campaigns/file":                 {by: byShop, n: 120, per: time.Hour},
	"POST /campaigns/:campaign/count":      {by: byShop, n: 240, per: time.Hour},
	"POST /campaigns/:campaign/replay":     {by: byShop, n: 60, per: time.Hour},
	"POST /campaigns/:campaign/rehearse":   {by: byShop, n: 60, per: time.Hour},
	"POST /messages/:campaign/:step/test":  {by: byShop, n: 60, per: time.Hour},
	"POST /lists/suppression/import":       {by: byShop, n: 60, per: time.Hour},
	"POST /lists/webhooks/replay":          {by: byShop, n: 120, per: time.Hour},
	"POST /sender/check":                   {by: byShop, n: 120, per: time.Hour}, // asks name servers
	"POST /sender/domain":                  {by: byShop, n: 60, per: time.Hour},
	"POST /sender/rotate":                  {by: byShop, n: 20, per: time.Hour},
	"POST /sender/smtp":                    {by: byShop, n: 30, per: time.Hour}, // knocks at somebody's mail server
	"POST /sender/test":                    {by: byShop, n: 30, per: time.Hour},
	"POST /team/invite":                    {by: byShop, n: 60, per: time.Hour}, // a mail to somebody
	"POST " + integrationsPath + "/slack":  {by: byShop, n: 30, per: time.Hour},
	"POST " + integrationsPath + "/hooks":  {by: byShop, n: 60, per: time.Hour},
	"POST " + integrationsPath + "/tokens": {by: byShop, n: 60, per: time.Hour},

	"POST " + integrationsPath + "/slack/test":         {by: byShop, n: 30, per: time.Hour},
	"POST " + integrationsPath + "/hooks/:hook/rotate": {by: byShop, n: 60, per: time.Hour},
}
