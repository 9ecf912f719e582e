package campaign

// The kinds of triggers. What each means stands in the registry.
const (
	OnOrderPlaced       TriggerKind = "order_placed"
	OnOrderPaid         TriggerKind = "order_paid" // or placed, where the customer pays the courier
	OnOrderFulfilled    TriggerKind = "order_fulfilled"
	OnOrderArrived      TriggerKind = "order_arrived" // delivered, or assumed to be there
	OnOrderCancelled    TriggerKind = "order_cancelled"
	OnOrderEdited       TriggerKind = "order_edited"
	OnDeliveryDelayed   TriggerKind = "delivery_delayed"
	OnDeliveryFailed    TriggerKind = "delivery_failed"
	OnNotDelivered      TriggerKind = "not_delivered" // After behind shipping
	OnRefundFull        TriggerKind = "refund_full"
	OnRefundPartial     TriggerKind = "refund_partial"
	OnReturnProcessed   TriggerKind = "return_processed"
	OnDisputeOpened     TriggerKind = "dispute_opened"
	OnDisputeWon        TriggerKind = "dispute_won"
	OnDisputeLost       TriggerKind = "dispute_lost"
	OnTrialEnding       TriggerKind = "subscription_trial_ending"
	OnRenewed           TriggerKind = "subscription_renewed"
	OnPaymentFailed     TriggerKind = "subscription_payment_failed"
	OnSubscriptionEnded TriggerKind = "subscription_cancelled"
	OnFirstOrder        TriggerKind = "first_order"
	OnNthOrder          TriggerKind = "nth_order"
	OnSpendThreshold    TriggerKind = "spend_threshold"
	OnCustomerCreated   TriggerKind = "customer_created"
	OnConsentAsked      TriggerKind = "consent_asked"
	OnLapsed            TriggerKind = "lapsed"
	OnReplenishment     TriggerKind = "replenishment"
	OnNewProduct        TriggerKind = "new_product"
	OnAnniversary       TriggerKind = "anniversary" // of the first order
	OnMemberJoined      TriggerKind = "member_joined"
	OnPointsEarned      TriggerKind = "points_earned"
	OnPointsExpiring    TriggerKind = "points_expiring"
	OnTierReached       TriggerKind = "tier_reached"
	OnTierEnding        TriggerKind = "tier_ending"
	OnRewardReady       TriggerKind = "reward_ready"
	OnRewardExpiring    TriggerKind = "reward_expiring"
	OnBirthday          TriggerKind = "birthday"
	OnFriendBought      TriggerKind = "friend_bought"
	OnReferralPaid      TriggerKind = "referral_paid"
	OnCustomEvent       TriggerKind = "custom_event"
)
