//! Every mistake: what it is chosen by, what it does, the checks that name it and the scenarios in which it shows.
//!
//! Most ids are those of a catalogue of bugs that real connectors had, sorted by what goes wrong: the stack's own sign-in,
//! paging, time, limits, transport, payload, state, webhooks, detection, governance, several instances, secrets, users.

use super::PlantedBug;

macro_rules! catalogue {
    ($($bug:ident $id:literal $does:literal by [$($check:literal),+] in [$($scenario:literal),+];)+) => {
        /// One mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(not(feature = "planted-bugs"), expect(dead_code, reason = "an ordinary build makes none of them"))]
        pub(crate) enum Bug {
            $(#[doc = $does] $bug,)+
        }

        /// All of them.
        #[cfg(feature = "planted-bugs")]
        pub(super) const ALL: &[(Bug, PlantedBug)] = &[
            $((Bug::$bug, PlantedBug { id: $id, does: $does, checks: &[$($check),+], scenarios: &[$($scenario),+] }),)+
        ];
    };
}

/// None: an ordinary build has no mistakes to offer.
#[cfg(not(feature = "planted-bugs"))]
pub(super) const ALL: &[(Bug, PlantedBug)] = &[];

catalogue! {
    // Sign-in of the stack itself
    AuthExpiryMidPage "auth-expiry-mid-page" "A token that dies in mid-walk is not renewed; the walk ends there."
        by ["ingest/late-event", "ingest/lost-event", "page/walk-abandoned"] in ["faults/auth/expiry-mid-page"];
    AuthRefreshTokenRotationLost "auth-refresh-token-rotation-lost" "A rotated refresh token is not kept."
        by ["auth/refresh-reused"] in ["tokens/rotated-then-killed"];
    AuthRefreshRace "auth-refresh-race" "Users and log are read side by side, and each renews with the one single-use refresh token."
        by ["auth/refresh-reused"] in ["tokens/refreshed-by-two-at-once"];
    Auth401RetryForever "auth-401-retry-forever" "A grant that was withdrawn is renewed again and again, and nobody is asked for another."
        by ["auth/retry-permanent"] in ["tokens/revoked-by-the-administrator"];
    AuthStopOnTransient "auth-stop-on-transient" "A token endpoint that is down for a minute is taken for bad credentials, for good."
        by ["ingest/lost-event"] in ["faults/auth/stop-on-transient"];
    Auth403ScopeSilent "auth-403-scope-silent" "A scope that is missing is taken for a log that is empty."
        by ["report/trouble-missing"] in ["tokens/scope-missing"];
    Auth404AsEmpty "auth-404-as-empty" "What is hidden behind a 404 is taken for a log that is empty."
        by ["report/trouble-missing", "ingest/lost-event"] in ["faults/auth/404-as-empty"];
    AuthClockSkewAssertion "auth-clock-skew-assertion" "A signed token begins at this very moment, by our own clock."
        by ["ingest/lost-event", "ingest/late-event"] in ["faults/auth/assertion-by-another-clock"];
    AuthCodeWindowMissed "auth-code-window-missed" "A code that comes a second time is kept beside good tokens, and used when they end."
        by ["consent/foreign-code"] in ["faults/auth/redirect-loaded-twice"];
    AuthStateParameterUnchecked "auth-state-parameter-unchecked" "Whoever comes back from the consent page is taken for whom was sent there."
        by ["consent/foreign-code"] in ["faults/auth/redirect-of-a-stranger"];
    AuthExpiresInMisread "auth-expires-in-misread" "A token whose life is told oddly is taken for none."
        by ["ingest/lost-event", "ingest/late-event"] in ["tokens/odd-expiry"];

    // Paging
    PageFirstOnly "page-first-only" "Only the first page is read."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/ties-at-a-page-boundary"];
    PageLastLost "page-last-lost" "Of several pages the last is thrown away."
        by ["ingest/lost-event"] in ["paging/ties-at-a-page-boundary"];
    PageShortNotLast "page-short-not-last" "A page shorter than it might be is taken for the last."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/github-ties-at-a-page-boundary"];
    PageEmptyNotLast "page-empty-not-last" "An empty page is taken for the last, though a next one is named."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["faults/page/empty-pages"];
    PageEmptyStringCursor "page-empty-string-cursor" "An empty cursor is sent back as if it were one."
        by ["report/forbidden", "page/cursor-loop"] in ["paging/empty-cursor-at-the-end"];
    PageCursorLoop "page-cursor-loop" "A cursor that leads to itself is followed for ever."
        by ["page/cursor-loop"] in ["paging/cursor-repeated"];
    PageCursorCycle "page-cursor-cycle" "Only the cursor right before is remembered, so that two which lead to each other are followed for ever."
        by ["page/cursor-loop"] in ["paging/cursors-in-a-circle"];
    PageCursorReencoded "page-cursor-reencoded" "A cursor is sent back in lower case."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/ties-at-a-page-boundary"];
    PageNextUrlRebuilt "page-next-url-rebuilt" "The second page is asked for without the window of the first."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/ties-at-a-page-boundary", "paging/github-ties-at-a-page-boundary"];
    PageOffsetShift "page-offset-shift" "Activities are counted off from the newest while more arrive."
        by ["usage/lost-row", "usage/wrong-activity"] in ["usage/activities-arrive-in-mid-walk"];
    PageCursorExpired "page-cursor-expired" "A cursor that was refused is sent again and again, and no walk begins anew."
        by ["ingest/late-event", "ingest/lost-event"] in ["paging/cursor-expired"];
    PagePoisonPage "page-poison-page" "A page that cannot be had is left out, and the log is taken for read."
        by ["ingest/lost-event", "page/walk-abandoned"] in ["faults/page/poison-page"];
    PageBothEndsCursors "page-both-ends-cursors" "The page before is taken for the next."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/github-ties-at-a-page-boundary"];
    PageFiltersLost "page-filters-lost" "The second page of a scan is asked for without any filters."
        by ["usage/invented-row"] in ["usage/filters-lost-on-page-two"];
    PageChildFailureSkipsParent "page-child-failure-skips-parent" "A person whose apps could not be had is left out, and the session is taken for whole."
        by ["usage/lost-row", "usage/wrong-count"] in ["faults/page/child-failure"];
    AuditsFirstPage "page-second-log-first-only" "Of the directory's two logs the sign-ins are read to their end, and of the audits the first page."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["entra/granted-before-a-dozen-deeds"];

    PageMemoryAll "page-memory-all" "All pages of all windows are held until the last has come."
        by ["ingest/late-event", "ingest/lost-event"] in ["faults/state/killed-while-catching-up"];

    // Time
    TimeExclusiveBoundaryLoss "time-exclusive-boundary-loss" "The next poll begins after the second of the newest event."
        by ["ingest/lost-event"] in ["travel/older-shown-last"];
    TimePlusOneUnit "time-plus-one-unit" "The next poll starts a millisecond after the newest event."
        by ["ingest/lost-event"] in ["travel/older-shown-last"];
    TimeInclusiveBoundaryDuplicates "time-inclusive-boundary-duplicates" "Records seen before are taken for new."
        by ["ingest/duplicate-event"] in ["travel/london-madrid-84m"];
    TimeSameStampPageSplit "time-same-stamp-page-split" "The next page begins after the time of the last record."
        by ["ingest/lost-event"] in ["paging/ties-at-a-page-boundary"];
    TimePrecisionTruncated "time-precision-truncated" "Times are kept to the minute."
        by ["ingest/altered-event"] in ["travel/london-madrid-84m"];
    TimeLateArrival "time-late-arrival" "The next poll begins at the newest event, so what comes late is never asked for."
        by ["ingest/lost-event"] in ["travel/older-shown-last"];
    TimeWrongTimeField "time-wrong-time-field" "The time of reading stands in place of the time of the event."
        by ["ingest/altered-event"] in ["travel/london-madrid-84m"];
    TimeNewestFirst "time-newest-first" "A log that comes newest first is left at the first record that must be known."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["paging/newest-first-with-ties"];
    TimeEmptyPollMoves "time-empty-poll-moves" "Each poll begins where the last one ended, so what comes late is never asked for."
        by ["ingest/lost-event"] in ["travel/older-shown-last"];
    TimeErrorPollMoves "time-error-poll-moves" "A poll that failed counts as one that read."
        by ["ingest/lost-event"] in ["faults/time/error-poll-moves"];
    TimeDayExclusiveEnd "time-day-exclusive-end" "The day that is not over is left for tomorrow."
        by ["ingest/late-event", "ingest/lost-event"] in ["travel/london-madrid-84m"];
    TimeNaiveLocal "time-naive-local" "Times are read as the process's own."
        by ["ingest/altered-event"] in ["time/summer-time-begins"];
    TimeDstFold "time-dst-fold" "Windows are asked for in the time of New York."
        by ["ingest/lost-event", "ingest/late-event"] in ["time/summer-time-begins"];
    TimeOffsetFormat "time-offset-format" "A time that does not end in Z is thrown away with its record."
        by ["ingest/lost-event"] in ["travel/london-madrid-84m", "faults/time/offset-format"];
    TimeEpochUnit "time-epoch-unit" "Milliseconds are taken for seconds, and all happened in 1970."
        by ["ingest/altered-event"] in ["travel/london-madrid-84m"];
    TimeEpochUnitAsked "time-epoch-unit-asked" "A window is asked for in milliseconds where the vendor means seconds."
        by ["ingest/lost-event"] in ["travel/admin-center-london-madrid"];
    TimeLookbackOverRetention "time-lookback-over-retention" "After a long stop more is asked for than the vendor keeps, and nobody is told."
        by ["report/gap-missing", "ingest/lost-event"] in ["faults/time/lookback-over-retention"];
    TimeFutureEvent "time-future-event" "The next poll begins six hours before the newest event, whenever that says it was."
        by ["ingest/lost-event", "ingest/late-event"] in ["faults/time/future-event"];
    TimeWindowTooWide "time-window-too-wide" "Whatever was missed is asked for in one window."
        by ["ingest/lost-event", "ingest/late-event"] in ["faults/time/wide-windows-take-long"];
    WindowsWithoutEnds "time-windows-without-ends" "Windows of the directory's audits leave out what happened at the moments where they begin and end."
        by ["ingest/lost-event", "alert/missing"] in ["entra/granted-at-the-edge-of-a-window"];
    TimeOutOfOrderDetection "time-out-of-order-detection" "The time between two sign-ins has a sign, so what comes late is never fast."
        by ["alert/missing"] in ["travel/older-shown-last"];
    TimeOldContentRedelivered "time-old-content-redelivered" "What was seen yesterday is forgotten, and new when it is shown again."
        by ["ingest/duplicate-event"] in ["faults/time/old-content-redelivered"];

    // Limits and retries
    RateRetryAfterIgnored "rate-retry-after-ignored" "The vendor's waiting time is not read."
        by ["rate/retry-after-ignored"] in ["faults/rate/retry-after-as-a-date", "limits/github-primary"];
    RateRetryAfterUnbounded "rate-retry-after-unbounded" "Seconds are taken for minutes, and the log waits for hours."
        by ["ingest/late-event"] in ["limits/github-primary"];
    RateRetryAfterOn503 "rate-retry-after-on-503" "The vendor's waiting time is read only where it throttles."
        by ["rate/retry-after-ignored"] in ["governance/directory-busy", "tokens/expires-in-a-retry-loop"];
    RateResetHeaderMisread "rate-reset-header-misread" "The moment of a reset is taken for a span, and thrown away as too long."
        by ["ingest/late-event"] in ["faults/rate/github-primary"];
    RateLimitNot429 "rate-limit-not-429" "A limit that is told by another status than 429 is taken for a refusal for good."
        by ["ingest/late-event"] in ["faults/rate/github-primary"];
    Rate429AsEnd "rate-429-as-end" "A throttled page is taken for the end of the log."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["faults/rate/429-as-end"];
    Rate5xxAsEnd "rate-5xx-as-end" "A page that failed is taken for the end of the log."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["faults/rate/5xx-as-end"];
    RateRetryStorm "rate-retry-storm" "What failed is asked for again every second, without end."
        by ["rate/retry-storm"] in ["faults/rate/retry-storm"];
    RateNestedRetries "rate-nested-retries" "Each retry is itself retried."
        by ["rate/retry-storm"] in ["faults/rate/retry-storm"];
    RateRetryPermanent "rate-retry-permanent" "What is refused for good is asked for again like what passes."
        by ["auth/retry-permanent", "rate/retry-storm"] in ["tokens/scope-missing"];
    RateNoJitter "rate-no-jitter" "All who are refused come back after the very same wait."
        by ["rate/lockstep"] in ["faults/rate/no-jitter"];
    RateDegradePageSizeStuck "rate-degrade-page-size-stuck" "Pages that were too large once are asked for in small ones for ever."
        by ["rate/page-size-stuck"] in ["faults/rate/degrade-page-size-stuck"];
    RateNoRetryTransient "rate-no-retry-transient" "One failed request ends the poll."
        by ["ingest/late-event", "governance/missing"] in ["faults/rate/no-retry-transient"];
    RateStaleWindowAfterWait "rate-stale-window-after-wait" "A poll reads the last hour only, however long it was kept waiting."
        by ["ingest/lost-event"] in ["travel/older-shown-last"];

    // Transport
    HttpNoTimeout "http-no-timeout" "A request that is never answered is waited for without end."
        by ["live/stuck", "ingest/late-event", "ingest/lost-event"] in ["faults/http/no-answer"];
    HttpSlowDrip "http-slow-drip" "An answer may take ten hours."
        by ["ingest/late-event", "live/stuck"] in ["faults/http/drips-for-hours"];
    HttpTruncatedBody "http-truncated-body" "A page that broke off is taken for the last."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["transport/body-cut-short"];
    HttpKeepaliveStale "http-keepalive-stale" "A request that found its connection closed is not made on another."
        by ["ingest/late-event", "ingest/lost-event"] in ["faults/http/idle-connections-closed"];
    HttpGzip "http-gzip" "A packed body is asked for, and not unpacked."
        by ["ingest/late-event", "ingest/lost-event"] in ["faults/http/packed"];
    HttpRedirectLeaksAuth "http-redirect-leaks-auth" "What has moved is followed to whichever host, with the token."
        by ["secret/leaked"] in ["faults/http/redirected-elsewhere"];
    HttpTlsNotVerified "http-tls-not-verified" "Any certificate will do."
        by ["tls/not-verified"] in ["faults/http/bad-certificates"];
    HttpRedirectDropsAuth "http-redirect-drops-auth" "What has moved within the host is not followed."
        by ["ingest/lost-event"] in ["tenants/github-renamed"];
    HttpRedirectMethodChange "http-redirect-method-change" "A deed that is redirected becomes a question."
        by ["governance/claimed-not-done", "governance/missing"] in ["governance/github-member-of-a-renamed-organisation"];
    HttpRedirectQueryLost "http-redirect-query-lost" "What has moved is asked for without its query."
        by ["ingest/lost-event", "page/walk-abandoned"] in ["tenants/github-renamed"];
    HttpTokenEndpointDiffers "http-token-endpoint-differs" "The token endpoint is asked once, whatever is retried elsewhere."
        by ["ingest/late-event", "ingest/lost-event"] in ["faults/http/token-endpoint-busy"];
    HttpConcurrentLimit "http-concurrent-limit" "Users and log are asked for at once, and at once again when that is too much."
        by ["rate/retry-after-ignored"] in ["faults/http/too-many-at-once"];
    HttpUserAgentMissing "http-user-agent-missing" "Requests do not say what sends them."
        by ["ingest/lost-event", "capability/missing"] in ["paging/github-ties-at-a-page-boundary"];

    // Payload
    DataHtmlErrorPage "data-html-error-page" "An answer in HTML ends the process."
        by ["live/crashed"] in ["governance/github-credentials-revoked"];
    Data200ErrorBody "data-200-error-body" "An error that comes as a success is taken for an empty page."
        by ["page/walk-abandoned", "ingest/lost-event", "ingest/late-event"] in ["faults/data/200-error-body"];
    DataMissingListKey "data-missing-list-key" "An answer without a list ends the process."
        by ["live/crashed"] in ["faults/data/200-error-body"];
    DataEmptyListBecomesEvent "data-empty-list-becomes-event" "An empty page becomes an event."
        by ["ingest/invented-event"] in ["travel/london-madrid-84m"];
    DataNullActor "data-null-actor" "A record without an actor is thrown away."
        by ["ingest/lost-event"] in ["payload/nulls-and-missing-fields"];
    DataOneBadEventKillsBatch "data-one-bad-event-kills-batch" "One record that cannot be read takes the rest of its page with it."
        by ["ingest/lost-event"] in ["payload/nulls-and-missing-fields"];
    DataUnknownEventType "data-unknown-event-type" "A kind of event that nobody has written down is thrown away."
        by ["ingest/lost-event"] in ["administration/made-a-member"];
    DataSchemaDrift "data-schema-drift" "A record one of whose fields has another type is thrown away."
        by ["ingest/lost-event"] in ["payload/fields-of-another-type"];
    DataBadIp "data-bad-ip" "A record whose address is none is thrown away."
        by ["ingest/lost-event"] in ["payload/nulls-and-missing-fields"];
    DataBigInteger "data-big-integer" "Whole numbers are read as floating point ones."
        by ["ingest/altered-event"] in ["faults/data/big-integer"];
    DataHugeEvent "data-huge-event" "A record of more than a megabyte is thrown away."
        by ["ingest/lost-event"] in ["faults/data/huge-event"];
    DataDuplicateKeysIdCollision "data-duplicate-keys-id-collision" "Events of one moment and kind are taken for one."
        by ["ingest/lost-event"] in ["paging/ties-at-a-page-boundary"];
    DataDedupeTooStrong "data-dedupe-too-strong" "The moment of reading is part of what tells events apart."
        by ["ingest/duplicate-event"] in ["travel/london-madrid-84m"];
    DataDedupeWindowTooSmall "data-dedupe-window-too-small" "Events are remembered for two hours, and looked for over six."
        by ["ingest/duplicate-event"] in ["travel/london-madrid-84m"];

    // State and restart
    StateCheckpointBeforeWrite "state-checkpoint-before-write" "The checkpoint moves with the first page of a walk."
        by ["ingest/lost-event"] in ["faults/state/checkpoint-before-write"];
    OneCheckpointForBothLogs "state-one-checkpoint" "The logs of an app share one checkpoint, and the one that could not be read is taken to be as far as the other."
        by ["ingest/lost-event", "alert/missing"] in ["entra/granted-while-audits-are-down"];
    StateCheckpointNever "state-checkpoint-never" "Each poll looks back from now, whatever was read before."
        by ["ingest/lost-event"] in ["faults/state/checkpoint-before-write"];
    StateInMemoryDedupe "state-in-memory-dedupe" "A process that starts anew remembers no event."
        by ["ingest/duplicate-event"] in ["webhooks/replayed-after-a-restart", "process/killed-and-restarted"];
    StateShutdownLosesBuffer "state-shutdown-loses-buffer" "What is reported last waits in memory for what comes next."
        by ["ingest/lost-event", "live/not-ready", "ingest/late-event"] in ["process/killed-and-restarted"];
    StateResetRefetchAll "state-reset-refetch-all" "Without a state everything is read from long ago, alerted on and acted upon anew."
        by ["governance/repeated", "alert/duplicate"] in ["faults/state/wiped"];
    StateTwoReplicas "state-two-replicas" "A second copy works beside the first, on the same state."
        by ["live/second-copy"] in ["faults/state/second-copy"];
    StateTornWrite "state-torn-write" "A state that was cut short is a reason to end."
        by ["live/cut-state"] in ["faults/state/cut-short"];
    StateDiskFull "state-disk-full" "Where no state can be kept one in memory takes its place, and nobody is told."
        by ["live/unwritable-state"] in ["faults/state/unwritable"];
    StateOneStreamKillsAll "state-one-stream-kills-all" "Where the user list fails the log is not read either."
        by ["ingest/lost-event", "ingest/late-event"] in ["faults/state/one-stream"];
    EndPolling "state-dead-but-green" "A connector's loop ends at the first poll that fails; the process lives on."
        by ["live/polling-stopped"] in ["connect/down-for-six-hours"];
    StateIgnoresTerm "state-ignores-term" "Told to stop, the process goes on."
        by ["live/no-drain"] in ["travel/london-madrid-84m"];
    StateCryWolf "state-cry-wolf" "A gap is told of whenever an app is connected."
        by ["report/forbidden"] in ["faults/state/no-gap"];
    CountEventTwice "state-event-reported-twice" "Every event is reported twice."
        by ["ingest/duplicate-event"] in ["travel/london-madrid-84m"];
    Idle "state-idle" "Nothing is ever asked of any app."
        by ["alert/missing", "capability/missing", "ingest/lost-event"] in ["travel/london-madrid-84m"];
    ReportNoTime "state-report-without-time" "Events are reported without their time."
        by ["contract/malformed-line"] in ["travel/london-madrid-84m"];

    // Webhooks
    HookSignatureNotChecked "hook-signature-not-checked" "What is not signed is taken in like what is."
        by ["hook/forged-accepted"] in ["webhooks/forged"];
    HookSignatureMissingOk "hook-signature-missing-ok" "A signature is checked where there is one."
        by ["hook/forged-accepted"] in ["webhooks/forged"];
    HookSignatureOnReserialised "hook-signature-on-reserialised" "The signature is held against the body as written anew."
        by ["hook/answered-with-error"] in ["webhooks/delivered-twice", "webhooks/batch-of-many-entries"];
    HookSignatureAnyTenant "hook-signature-any-tenant" "The key of any connected tenant fits."
        by ["hook/forged-accepted"] in ["webhooks/other-tenants-key"];
    HookSignatureLegacyOnly "hook-signature-legacy-only" "Only the older of two signatures is looked at."
        by ["ingest/lost-event"] in ["faults/hook/newest-signature-alone"];
    HookLostWhileDown "hook-lost-while-down" "What the vendor has given up sending is not told of."
        by ["report/gap-missing"] in ["faults/hook/off-longer-than-retries"];
    HookSubscriptionExpiry "hook-subscription-expiry" "A subscription is made once and never looked after."
        by ["report/gap-missing", "ingest/lost-event"] in ["faults/hook/subscription-ended"];
    HookStealsSubscription "hook-steals-subscription" "Whoever else has subscribed to a topic is put out of his place."
        by ["hook/subscription-taken"] in ["faults/hook/steals-subscription"];
    HookReplay "hook-replay" "What comes an hour after its time is taken for new."
        by ["ingest/duplicate-event"] in ["webhooks/replayed-after-hours"];
    HookDuplicateDelivery "hook-duplicate-delivery" "A delivery that is made twice is taken in twice."
        by ["ingest/duplicate-event"] in ["webhooks/delivered-twice"];
    HookAckBeforeStore "hook-ack-before-store" "A delivery is acknowledged a minute before it is stored."
        by ["ingest/lost-event"] in ["webhooks/killed-after-the-acknowledgement"];
    HookBatchFirstOnly "hook-batch-first-only" "Of a delivery only the first change is read."
        by ["ingest/lost-event"] in ["webhooks/batch-of-many-entries"];
    HookChallengeEcho "hook-challenge-echo" "The vendor's question is answered with more than its challenge."
        by ["hook/handshake-failed"] in ["webhooks/delivered-twice"];
    HookHugeBody "hook-huge-body" "A delivery of more than a megabyte is refused."
        by ["hook/answered-with-error"] in ["faults/hook/huge-body"];
    StateGapUntold "state-gap-untold" "A gap is found, and not told of."
        by ["report/gap-missing"] in ["faults/time/lookback-over-retention"];

    // Detection
    AlertOnEverything "det-alert-on-everything" "Every sign-in raises an alert of every policy."
        by ["alert/false-alarm"] in ["travel/london-madrid-85m"];
    DetAlertPerPage "det-alert-per-page" "Events are weighed only against those of their own page."
        by ["alert/missing"] in ["travel/older-shown-last"];
    DetAlertPerTrigger "det-alert-per-trigger" "Everything that goes on with an alert is a new one."
        by ["alert/duplicate"] in ["addresses/tor-exit", "logins/eleven-in-five-minutes"];
    DetFixedBins "det-fixed-bins" "Attempts are counted in bins of five minutes."
        by ["alert/missing"] in ["logins/astride-a-bin-edge"];
    DetVpnAndMobileFalsePositive "det-vpn-and-mobile-false-positive" "A VPN that people buy counts as an anonymous proxy."
        by ["alert/false-alarm"] in ["addresses/consumer-vpn"];
    DetUserMerge "det-user-merge" "An alert names somebody else."
        by ["alert/wrong-actor"] in ["travel/london-madrid-84m"];
    DetEvidenceMissing "det-evidence-missing" "An alert cites the first of its events."
        by ["alert/wrong-evidence"] in ["travel/london-madrid-84m"];
    DetWrongTechnique "det-wrong-technique" "Every alert is called a denial of service."
        by ["alert/wrong-technique"] in ["travel/london-madrid-84m"];
    DetAlertUpdateAsNew "det-alert-update-as-new" "What is added to an alert is told as another."
        by ["alert/duplicate"] in ["faults/det/goes-on"];
    DetJoinByAddress "det-join-by-address" "People are told apart by the address in the record."
        by ["alert/missing"] in ["identity/renamed-in-mid-attack"];
    DetNeverJoined "det-never-joined" "Accounts of two apps are never found to be one person's."
        by ["alert/missing", "governance/missing"] in ["travel/miro-then-github-older-shown-last", "travel/london-madrid-84m"];
    DetFailedLoginShapes "det-failed-login-shapes" "A wrong code is no failed sign-in."
        by ["alert/missing"] in ["logins/workplace-codes-and-passwords"];
    DetTravelSlow "det-travel-slow" "A speed that can be flown is called impossible."
        by ["alert/false-alarm"] in ["travel/london-madrid-85m"];
    DetTravelFast "det-travel-fast" "A speed that nobody flies is called possible."
        by ["alert/missing"] in ["travel/london-madrid-84m"];
    DetTravelFar "det-travel-far" "A journey of a thousand kilometres is called short."
        by ["alert/missing"] in ["travel/london-madrid-84m"];
    DetFailedLoginsEarly "det-failed-logins-early" "Ten failed sign-ins are called too many."
        by ["alert/false-alarm"] in ["logins/ten-in-five-minutes"];
    DetFailedLoginsLate "det-failed-logins-late" "Eleven failed sign-ins are not called too many."
        by ["alert/missing"] in ["logins/eleven-in-five-minutes"];
    DetFailedLoginsShortWindow "det-failed-logins-short-window" "Failed sign-ins are counted over four minutes."
        by ["alert/missing"] in ["logins/eleven-in-five-minutes"];
    DetFatigueEarly "det-fatigue-early" "Four denied prompts are called too many."
        by ["alert/false-alarm"] in ["logins/four-prompts-denied"];
    DetFatigueLate "det-fatigue-late" "Five denied prompts are not called too many."
        by ["alert/missing"] in ["logins/five-prompts-denied"];
    DetDownloadEarly "det-download-early" "Fifty files are called too many."
        by ["alert/false-alarm"] in ["exfiltration/fifty-files-in-a-minute"];
    DetDownloadLate "det-download-late" "Fifty-one files are not called too many."
        by ["alert/missing"] in ["exfiltration/fifty-one-files-in-a-minute"];
    DetDeletionEarly "det-deletion-early" "Thirty deletions are called too many."
        by ["alert/false-alarm"] in ["destruction/thirty-boards-deleted"];
    DetDeletionLate "det-deletion-late" "Thirty-one deletions are not called too many."
        by ["alert/missing"] in ["destruction/thirty-one-boards-deleted"];
    DetSharingForgets "det-sharing-forgets" "A domain is forgotten after a minute."
        by ["alert/false-alarm"] in ["exfiltration/shared-with-a-partner"];
    DetSharingLate "det-sharing-late" "Ten things shared with a stranger are not called too many."
        by ["alert/missing"] in ["exfiltration/shared-with-a-stranger"];
    DetAdministrationLongWindow "det-administration-long-window" "An administrator's day is weighed as if it were an hour."
        by ["alert/false-alarm"] in ["administration/twenty-made-guests-in-a-day"];
    DetAdministrationLate "det-administration-late" "Forty changes in a quarter of an hour are not called many."
        by ["alert/missing"] in ["administration/twenty-made-guests"];
    DetCountryNeverLearns "det-country-never-learns" "A country is forgotten after a day."
        by ["alert/false-alarm"] in ["countries/learned-in-the-first-week"];
    DetCountryLearnsForEver "det-country-learns-for-ever" "Somebody is learned for a month, and nothing is new meanwhile."
        by ["alert/missing"] in ["countries/first-seen-after-a-week"];
    DetCountryNoLearning "det-country-no-learning" "What somebody does in their first week is new already."
        by ["alert/false-alarm"] in ["countries/learned-in-the-first-week"];
    DetCountryBySubstring "det-country-by-substring" "A country is known if its code stands anywhere in the codes of the others."
        by ["alert/missing"] in ["countries/letters-of-two-others"];
    DetFailuresTeach "det-failures-teach" "A country is learned from sign-ins that were refused."
        by ["alert/missing"] in ["countries/refused-and-then-let-in"];
    DetSuspiciousEarly "det-suspicious-early" "Nineteen wrong passwords make an address suspicious."
        by ["alert/false-alarm"] in ["addresses/nineteen-mistakes"];
    DetSuspiciousLate "det-suspicious-late" "Twenty wrong passwords make no address suspicious."
        by ["alert/missing"] in ["addresses/twenty-guesses-then-in"];
    DetTerminatedUserRace "det-terminated-user-race" "Who leaves has ten minutes to close up."
        by ["alert/false-alarm"] in ["leavers/closes-up-while-leaving"];
    DetTerminatedUserLate "det-terminated-user-late" "Who has left may go on for twenty minutes."
        by ["alert/missing"] in ["leavers/works-on-after-leaving"];
    DetSeverityLow "det-severity-or-policy-off" "A grave alert is called a small one."
        by ["alert/low-severity"] in ["addresses/bad-machine"];

    // Governance
    GovDuplicateCall "gov-duplicate-call" "An action whose answer was lost is done again without a look."
        by ["governance/repeated", "governance/done-not-claimed"] in ["governance/github-member-removed"];
    GovLostCall "gov-lost-call" "An action that could not be done for now is given up."
        by ["governance/missing"] in ["governance/account-changes-down-for-90m"];
    GovReportedDoneButNot "gov-reported-done-but-not" "An action that failed is reported as done."
        by ["governance/claimed-not-done"] in ["governance/account-changes-down-for-90m"];
    GovAnswerBelieved "gov-answer-believed" "An account action that is answered as done is reported as done, without a look."
        by ["governance/claimed-not-done", "governance/missing"] in ["faults/gov/suspension-without-effect"];
    GovClaimedWithoutCall "gov-claimed-without-call" "Actions are reported as done without a call."
        by ["governance/claimed-not-done"] in ["governance/suspended-in-mid-attack"];
    GovWrongUserNameMatch "gov-wrong-user-name-match" "Somebody else is suspended."
        by ["governance/wrong-user"] in ["governance/suspended-in-mid-attack"];
    GovWrongUserAfterRename "gov-wrong-user-after-rename" "Whoever has the address now is acted upon."
        by ["governance/wrong-user"] in ["faults/gov/address-passed-on"];
    GovUnasked "gov-unasked" "Every alert suspends, whatever the policy says."
        by ["governance/unexpected"] in ["travel/london-madrid-84m"];
    GovPartialChain "gov-partial-chain" "Of several actions only the first is done."
        by ["governance/missing"] in ["governance/suspended-in-mid-attack"];
    GovLate "gov-late" "Actions wait for the next full hour."
        by ["governance/late", "contain/late"] in ["governance/suspended-in-mid-attack"];
    GovNoAudit "gov-no-audit" "What was done is not reported."
        by ["governance/done-not-claimed"] in ["travel/london-madrid-84m"];
    GovOnEveryUpdate "gov-on-every-update" "What is added to an alert sets off its actions again."
        by ["governance/repeated"] in ["faults/det/goes-on"];

    // Several instances
    MultiStateKeyCollision "multi-state-key-collision" "Two instances share one checkpoint."
        by ["ingest/lost-event"] in ["faults/multi/one-instance-down"];
    MultiTokenCacheCollision "multi-token-cache-collision" "Two instances share one token."
        by ["ingest/lost-event", "secret/leaked"] in ["tenants/two-github-organisations", "travel/two-miro-instances"];
    MultiDedupeCollision "multi-dedupe-collision" "An event is known by its id alone, whichever instance it is of."
        by ["ingest/lost-event"] in ["faults/multi/one-id-in-two-instances"];
    MultiEventUntagged "multi-event-untagged" "Events carry the name of another instance."
        by ["ingest/wrong-instance"] in ["travel/two-miro-instances"];

    // The stack's own secrets
    SecStateWorldReadable "sec-state-world-readable" "The database that holds the tokens can be read by everybody on the machine."
        by ["secret/state-readable"] in ["faults/sec/state-kept-private"];
    SecSecretsInLogs "sec-secrets-in-logs" "The access token is written to the log."
        by ["secret/leaked"] in ["travel/london-madrid-84m"];
    SecTokenInQuery "sec-token-in-query" "The access token stands in the address as well."
        by ["secret/leaked"] in ["travel/london-madrid-84m"];
    SecNextLinkHost "sec-next-link-host" "A next link is followed wherever it leads."
        by ["secret/leaked"] in ["paging/next-link-elsewhere"];
    SecNextLinkDowngrade "sec-next-link-downgrade" "A next link to the same host is followed without encryption."
        by ["secret/leaked"] in ["faults/sec/next-link-in-the-clear"];
    SecSecretInStatus "sec-secret-in-report" "A failure is reported with the token that met it."
        by ["secret/leaked"] in ["tokens/scope-missing"];

    // Connectors' health, files, grants, posture
    HealthUntold "health-untold" "No health alert is ever raised."
        by ["health/silent"] in ["connect/down-for-six-hours"];
    HealthAtEveryPoll "health-at-every-poll" "A health alert is raised again by each poll that fails."
        by ["health/repeated"] in ["connect/down-for-six-hours"];
    HealthNeverCleared "health-never-cleared" "A health alert that is over is not cleared."
        by ["health/not-cleared"] in ["connect/down-for-six-hours"];
    QuietIsSick "health-quiet-is-sick" "A log that brings nothing new is taken for a connector that does not work."
        by ["health/false-alarm"] in ["connect/quiet-weekend"];
    SecondDirectory "multi-second-directory" "A second directory is connected like any other app."
        by ["connector/second-instance"] in ["connect/second-directory-refused"];
    LoseFilePolicy "gov-every-file" "Every file is taken for one that a policy has matched."
        by ["governance/wrong-file"] in ["content/file-in-quarantine"];
    RevokeWrongGrant "gov-wrong-grant" "What a user granted to some other application is taken away."
        by ["governance/wrong-grant"] in ["consent/one-grant-of-several"];
    CloseOnlyOpen "gov-close-only-open" "An alert that is closed already is waited for as if there were none."
        by ["governance/done-not-claimed"] in ["governance/defender-alert-closed-answer-lost"];
    CloseEveryAlert "gov-wrong-alert" "Whatever is open about a person at Defender is closed, and not the one alert."
        by ["governance/wrong-alert"] in ["governance/defender-one-alert-of-several"];
    GrantsStandForEver "sync-grants-stale" "An app that was taken out is told of as if it were still let in."
        by ["permissions/stale"] in ["consent/let-in-and-taken-out"];
    ReadPostureOnce "sync-posture-stale" "The secure score is read once and never again."
        by ["posture/stale"] in ["posture/single-sign-on-switched-off"];

    // Users and the use of apps
    SyncGoneServiceGreen "sync-gone-service-green" "Trouble is not told of."
        by ["report/trouble-missing"] in ["tenants/workplace-retired"];
    SyncLookbackWindowEdge "sync-lookback-window-edge" "Whoever was last active exactly as long ago as counts is taken for inactive."
        by ["usage/wrong-activity"] in ["usage/sixty-days-ago"];
    SyncFirstMonthOnly "sync-first-month-only" "The first session reads a month, and not three."
        by ["usage/lost-row"] in ["usage/three-months-ago"];
    SyncFirstTooFar "sync-first-too-far" "The first session reads four months, and not three."
        by ["usage/invented-row"] in ["usage/three-months-ago"];
    SyncInstanceIgnored "sync-instance-ignored" "Two instances of an app are taken for one."
        by ["usage/lost-row", "usage/wrong-count", "usage/invented-row"] in ["usage/two-miro-instances"];
    SyncToldAgain "sync-told-again" "Whoever was told of is told of again under another number."
        by ["usage/doubled-row", "usage/invented-row"] in ["usage/two-miro-instances"];
    SyncContactsUntold "sync-contacts-untold" "The contacts are not told of trouble."
        by ["usage/contacts-untold"] in ["usage/token-without-permission"];
    SyncActiveShort "sync-active-short" "Thirty days without activity are too many."
        by ["usage/wrong-activity", "usage/wrong-count"] in ["usage/sixty-days-ago"];

    SyncMergedStays "sync-merged-app-stays" "Users of a discovered app that became part of another are users of both."
        by ["usage/doubled-row"] in ["usage/discovered-app-merged"];
    SyncOldName "sync-old-app-name" "Another name of a discovered app is no news."
        by ["usage/old-name"] in ["usage/discovered-app-renamed"];

    // Further detections, policies of one's own, and what holds actions back
    SprayOffByOne "det-spray-off-by-one" "A spray needs one more person than the policy says."
        by ["alert/missing"] in ["sprays/ten-people-from-one-address"];
    SprayOfEachPerson "det-spray-of-each" "A spray is one for each person who is guessed at."
        by ["alert/duplicate"] in ["sprays/ten-people-at-workplace"];
    SprayBehindNat "det-spray-behind-nat" "Who is let in from an address does not matter to a spray."
        by ["alert/false-alarm"] in ["look-alikes/forty-people-behind-one-address"];
    BypassIsNothing "det-bypass-is-nothing" "A bypass of push protection is no news."
        by ["alert/missing"] in ["secrets/bypassed-in-two-repositories"];
    BypassesTogether "det-bypasses-together" "Bypasses of one person are one, in whichever repository."
        by ["alert/missing"] in ["secrets/bypassed-in-two-repositories"];
    RotationIsAnEnd "det-rotation-is-an-end" "A stream's end is told of at once, and nobody waits for the new one."
        by ["alert/false-alarm"] in ["streaming/rotated"];
    AnySinkWillDo "det-any-sink" "A new stream is the old one, wherever it leads."
        by ["alert/missing"] in ["streaming/led-elsewhere"];
    DormantAnywhere "det-dormant-anywhere" "What somebody does in one app keeps them awake in all."
        by ["alert/missing"] in ["dormant/after-a-week"];
    DormantADayMore "det-dormant-a-day-more" "It takes a day more to be dormant."
        by ["alert/missing"] in ["dormant/after-a-week"];
    NoWarmUp "det-no-warm-up" "Only the very first thing that a dormant user does counts."
        by ["alert/missing"] in ["dormant/warmed-up-the-day-before"];
    ReplayByAddressAlone "det-replay-by-address" "A session that has moved is stolen, whatever the client."
        by ["alert/false-alarm"] in ["look-alikes/two-addresses-by-turns"];
    ReplayByRawAgent "det-replay-by-raw-agent" "Clients are told apart by the whole text of their agents."
        by ["alert/false-alarm"] in ["look-alikes/browser-brought-up-to-date"];
    AgentChangeAtAnyTime "det-agent-at-any-time" "An agent may change whenever it wants, and is told of."
        by ["alert/false-alarm"] in ["sessions/another-system-an-hour-later"];
    NoAgentIsAnother "det-no-agent-is-another" "A request without an agent is one of another machine."
        by ["alert/false-alarm"] in ["sessions/a-browser-says-nothing"];
    ChainOfOnePolicy "det-chain-of-one" "Two alerts of one policy make an incident."
        by ["alert/false-alarm"] in ["chain/one-policy-twice"];
    ChainForAWeek "det-chain-for-a-week" "Alerts make an incident that lie days apart."
        by ["alert/false-alarm"] in ["chain/two-policies-two-days-apart"];
    GuessesAreEnough "det-guesses-are-enough" "Guesses make an incident though nobody was let in."
        by ["alert/false-alarm"] in ["chain/prompts-denied-and-consent"];
    CustomCountsAll "det-custom-counts-all" "A policy that counts objects counts each activity."
        by ["alert/false-alarm"] in ["policy/one-board-forty-times"];
    TumblingWindow "det-tumbling-window" "Windows of custom policies stand still."
        by ["alert/missing"] in ["policy/exports-astride-the-clock"];
    DryRunActs "gov-dry-run-leak" "A policy that only tries its actions takes them."
        by ["governance/unexpected"] in ["governance/dry-run", "content/file-left-in-a-dry-run"];
    ActOnTheExcepted "gov-protects-nobody" "Actions are taken on people whom the policy excepts."
        by ["governance/wrong-user", "governance/unexpected"] in ["governance/one-is-excepted"];
}
