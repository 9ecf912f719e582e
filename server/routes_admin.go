package server

import "flywheel/commerce"

// adminRoutes is the table of contents of a shop's pages. Each stands twice:
// below /admin, where the ID token of the Shopify admin is the login and names
// the shop, and below /shops/ID for who signed in with us and may see that shop.
// A page needs the role that may look, an act the least that may do it.
func (s *Server) adminRoutes(w *ways) {
	// The wheel, what needs somebody, and Pause all.
	w.page("", commerce.RoleViewer, s.showHome)
	w.page("/now", commerce.RoleViewer, s.showNow)
	w.act("/pause", commerce.RolePublisher, s.pauseAll)
	w.act("/resume", commerce.RolePublisher, s.resumeAll)
	w.act("/backfill", commerce.RoleBuilder, s.backfillAgain)

	// Setting up: onboarding*.go.
	w.page("/setup", commerce.RoleViewer, s.showSetup)
	w.page("/setup/:step", commerce.RoleViewer, s.showSetupStep)
	w.act("/setup/:step", commerce.RoleBuilder, s.saveSetupStep)

	// Campaigns: campaigns*.go, editor*.go.
	w.page("/campaigns", commerce.RoleViewer, s.showCampaigns)
	w.page("/campaigns/new", commerce.RoleBuilder, s.showNewCampaign)
	w.act("/campaigns/new", commerce.RoleBuilder, s.takePlaybook)
	w.act("/campaigns/file", commerce.RoleBuilder, s.readCampaign)
	w.act("/campaigns/blank", commerce.RoleBuilder, s.beginBlank)
	w.page("/campaigns/:campaign", commerce.RoleViewer, s.showCampaign)
	w.page("/campaigns/:campaign/file", commerce.RoleViewer, s.saveCampaignFile)
	w.act("/campaigns/:campaign/rename", commerce.RoleBuilder, s.renameCampaign)
	w.page("/campaigns/:campaign/versions", commerce.RoleViewer, s.showVersions)
	w.act("/campaigns/:campaign/versions", commerce.RoleBuilder, s.backToVersion)
	w.page("/campaigns/:campaign/edit", commerce.RoleBuilder, s.showEditor)
	w.act("/campaigns/:campaign/edit", commerce.RoleBuilder, s.changeDraft)
	w.act("/campaigns/:campaign/save", commerce.RoleBuilder, s.saveDraft)
	w.act("/campaigns/:campaign/count", commerce.RoleBuilder, s.askCount)
	w.act("/campaigns/:campaign/replay", commerce.RoleBuilder, s.askCampaignReplay)
	w.act("/campaigns/:campaign/rehearse", commerce.RoleBuilder, s.rehearseCampaign)
	w.page("/campaigns/:campaign/live", commerce.RoleViewer, s.showLive)
	w.act("/campaigns/:campaign/live", commerce.RolePublisher, s.startCampaign)
	w.act("/campaigns/:campaign/pause", commerce.RolePublisher, s.pauseCampaign)
	w.act("/campaigns/:campaign/resume", commerce.RolePublisher, s.resumeCampaign)
	w.act("/campaigns/:campaign/move", commerce.RolePublisher, s.moveCampaign)
	w.act("/campaigns/:campaign/archive", commerce.RolePublisher, s.archiveCampaign)

	// Their messages: preview*.go, blocks*.go.
	w.page("/messages", commerce.RoleViewer, s.showMessages)
	w.page("/messages/:campaign", commerce.RoleViewer, s.showMessage)
	w.page("/messages/:campaign/:step", commerce.RoleViewer, s.showMessage)
	w.page("/messages/:campaign/:step/now", commerce.RoleViewer, s.showMessageNow)
	w.act("/messages/:campaign/:step/test", commerce.RoleBuilder, s.sendTrial)
	w.page("/messages/:campaign/:step"+writePath, commerce.RoleBuilder, s.showBlocks)
	w.act("/messages/:campaign/:step"+writePath, commerce.RoleBuilder, s.changeMessage)

	// Customers: customers*.go.
	w.page("/search", commerce.RoleViewer, s.search)
	w.page("/customers", commerce.RoleViewer, s.showCustomers)
	w.page("/customers/file", commerce.RoleOwner, s.saveCustomers)
	w.page("/customers/:person", commerce.RoleViewer, s.showCustomer)
	w.act("/customers/:person/walks/:walk/skip", commerce.RolePublisher, s.skipWalk)
	w.act("/customers/:person/walks/:walk/stop", commerce.RolePublisher, s.stopWalk)
	w.act("/customers/:person/walks/:walk/now", commerce.RolePublisher, s.hurryWalk)
	w.act("/customers/:person/effects/:effect/resend", commerce.RolePublisher, s.resendParked)
	w.act("/customers/:person/effects/:effect/sent", commerce.RolePublisher, s.closeParked)
	w.act("/customers/:person/pause", commerce.RolePublisher, s.pauseCustomer)
	w.act("/customers/:person/stop", commerce.RolePublisher, s.stopCustomer)
	w.act("/customers/:person/unstop", commerce.RolePublisher, s.unstopCustomer)
	w.act("/customers/:person/consent", commerce.RolePublisher, s.saveConsent)
	w.act("/customers/:person/merged/:from/split", commerce.RolePublisher, s.splitCustomer)
	w.act("/customers/:person/export", commerce.RoleOwner, s.exportCustomer)
	w.page("/customers/:person/erase", commerce.RoleOwner, s.showErase)
	w.act("/customers/:person/erase", commerce.RoleOwner, s.eraseCustomer)

	// Lists: list_*.go.
	w.page("/lists/messages", commerce.RoleViewer, s.showOutwards)
	w.page("/lists/walks", commerce.RoleViewer, s.showWalks)
	w.page("/lists/held", commerce.RoleViewer, s.showHelds)
	w.page("/lists/unknown", commerce.RoleViewer, s.showUnknown)
	w.act("/lists/unknown/resend", commerce.RolePublisher, s.resendUnknown)
	w.act("/lists/unknown/sent", commerce.RolePublisher, s.closeUnknown)
	w.page("/lists/webhooks", commerce.RoleViewer, s.showReceiveds)
	w.act("/lists/webhooks/replay", commerce.RolePublisher, s.replaySome)
	w.page("/lists/webhooks/:delivery", commerce.RoleViewer, s.showReceived)
	w.page("/lists/webhooks/:delivery/body", commerce.RoleOwner, s.showBody)
	w.act("/lists/webhooks/:delivery/replay", commerce.RolePublisher, s.replayOne)
	w.page("/lists/findings", commerce.RoleViewer, s.showFindings)
	w.page("/lists/suppression", commerce.RoleViewer, s.showStops)
	w.page("/lists/suppression/file", commerce.RoleOwner, s.saveStops)
	w.act("/lists/suppression/add", commerce.RolePublisher, s.addStop)
	w.act("/lists/suppression/drop", commerce.RolePublisher, s.liftStops)
	w.act("/lists/suppression/import", commerce.RolePublisher, s.importStops)
	w.page("/lists/tasks", commerce.RoleViewer, s.showTasks)
	w.page("/lists/tasks/:task", commerce.RoleViewer, s.showTask)
	w.act("/lists/tasks/:task/done", commerce.RolePublisher, s.finishTask)
	w.act("/lists/tasks/:task/reopen", commerce.RolePublisher, s.reopenTask)

	// Settings: settings*.go, sender.go, plan.go.
	w.page("/settings", commerce.RoleViewer, s.showSettings)
	for _, t := range topics {
		w.page("/settings/"+t.key, commerce.RoleViewer, s.showTopic(t))
		w.act("/settings/"+t.key, t.needs, s.saveTopic(t))
	}
	w.act("/settings/data/person", commerce.RoleOwner, s.dataOfPerson)
	w.page("/settings/danger", commerce.RoleViewer, s.showDanger)
	w.page(integrationsPath, commerce.RoleViewer, s.showIntegrations)
	w.act(integrationsPath+"/hooks", commerce.RoleOwner, s.addHook)
	w.act(integrationsPath+"/hooks/:hook/rotate", commerce.RoleOwner, s.rotateHook)
	w.act(integrationsPath+"/hooks/:hook/drop", commerce.RoleOwner, s.dropHook)
	w.act(integrationsPath+"/hooks/:hook/on", commerce.RoleOwner, s.useHook)
	w.act(integrationsPath+"/tokens", commerce.RoleOwner, s.addToken)
	w.act(integrationsPath+"/tokens/:token/revoke", commerce.RoleOwner, s.revokeToken)
	w.act(integrationsPath+"/slack", commerce.RoleOwner, s.setSlack)
	w.act(integrationsPath+"/slack/drop", commerce.RoleOwner, s.dropSlack)
	w.act(integrationsPath+"/slack/test", commerce.RoleOwner, s.testSlack)
	w.page("/plan", commerce.RoleViewer, s.showPlan)
	w.act("/scopes", commerce.RoleOwner, s.scopesGranted)
	w.act("/stripe/disconnect", commerce.RoleOwner, s.leaveStripe)
	w.page("/exports/:export", commerce.RoleOwner, s.saveExport)
	w.page("/sender", commerce.RoleViewer, s.showSender)
	w.act("/sender/check", commerce.RoleBuilder, s.checkSender)
	w.act("/sender/rotate", commerce.RoleOwner, s.rotateSender)
	w.act("/sender/shared", commerce.RoleOwner, s.shareSender)
	w.act("/sender/domain", commerce.RoleOwner, s.domainSender)
	w.act("/sender/smtp", commerce.RoleOwner, s.accountSender)
	w.act("/sender/test", commerce.RoleBuilder, s.testSender)

	// Who may come in, and who did what: team.go, audit_list.go.
	w.page("/team", commerce.RoleViewer, s.showTeam)
	w.page("/team/invite", commerce.RoleOwner, s.showInvite)
	w.act("/team/invite", commerce.RoleOwner, s.invite)
	w.act("/team/members/:user/role", commerce.RoleOwner, s.setTeamRole)
	w.act("/team/members/:user/drop", commerce.RoleOwner, s.dropTeamMember)
	w.act("/team/invitations/:invitation/drop", commerce.RoleOwner, s.dropTeamOffer)
	w.act("/team/accounts/:account/revoke", commerce.RoleOwner, s.revokeGrant)
	w.page("/audit", commerce.RoleViewer, s.showAudit)
}
