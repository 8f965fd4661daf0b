//! Mistakes that real connectors made, each one changed decision at one place, so that a test suite can be seen to
//! catch them. Without the feature `planted-bugs` every question below is a constant `false`.

use serde::Deserialize;

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bug {
    /// The last page of a walk is thrown away.
    SkipLastPage,
    /// Every event is reported twice.
    CountEventTwice,
    /// Somebody else is suspended.
    SuspendWrongUser,
    /// The vendor's waiting time is not read.
    IgnoreRetryAfter,
    /// The access token is written to the log.
    LogToken,
    /// Nothing is ever asked of any app.
    Idle,
    /// Every sign-in raises an alert of every policy.
    AlertOnEverything,
    /// Records seen before are taken for new.
    NoDedupe,
    /// The time between two sign-ins has a sign, so what comes late is never fast.
    ArrivalOrder,
    /// Events carry the name of another instance.
    WrongInstance,
    /// Actions are reported as done without a call.
    ClaimWithoutCall,
    /// The next poll starts a millisecond after the newest event.
    WatermarkPlusOne,
    /// A rotated refresh token is not kept.
    LoseRotatedRefreshToken,
    /// A next link is followed wherever it leads.
    FollowForeignLink,
    /// Only the cursor right before is remembered, so that two which lead to each other are followed for ever.
    RememberOneCursor,
    /// A cursor that was refused is sent again and again, and no walk begins anew.
    KeepDeadCursor,
    /// People are told apart by the address in the record.
    JoinByEmail,
    /// Times are read as the process's own.
    LocalTime,
    /// A record without an actor is thrown away.
    DropNullActor,
    /// The second page of a scan is asked for without any filters.
    LoseFilters,
    /// Whoever was last active exactly as long ago as counts is taken for inactive.
    BorderIsInactive,
    /// What a user granted to some other application is taken away.
    RevokeWrongGrant,
    /// Every file is taken for one that a policy has matched.
    LoseFilePolicy,
    /// The secure score is read once and never again.
    ReadPostureOnce,
    /// An alert that is closed already is waited for as if there were none.
    CloseOnlyOpen,
    /// A spray needs one more person than the policy says.
    SprayOffByOne,
    /// A spray is one for each person who is guessed at.
    SprayOfEachPerson,
    /// Who is let in from an address does not matter.
    SprayBehindNat,
    /// A bypass of push protection is no news.
    BypassIsNothing,
    /// Bypasses of one person are one, in whichever repository.
    BypassesTogether,
    /// A stream's end is told of at once, and nobody waits for the new one.
    RotationIsAnEnd,
    /// A new stream is the old one, wherever it leads.
    AnySinkWillDo,
    /// What somebody does in one app keeps them awake in all.
    DormantAnywhere,
    /// It takes a day more to be dormant.
    DormantADayMore,
    /// Only the very first thing that a dormant user does counts.
    NoWarmUp,
    /// A session that has moved is stolen, whatever the client.
    ReplayByAddressAlone,
    /// Clients are told apart by the whole text of their agents.
    ReplayByRawAgent,
    /// An agent may change whenever it wants, and is told of.
    AgentChangeAtAnyTime,
    /// A request without an agent is one of another machine.
    NoAgentIsAnother,
    /// Two alerts of one policy make an incident.
    ChainOfOnePolicy,
    /// Alerts make an incident that lie days apart.
    ChainForAWeek,
    /// Guesses make an incident though nobody was let in.
    GuessesAreEnough,
    /// A policy that counts objects counts each activity.
    CustomCountsAll,
    /// Windows of custom policies stand still.
    TumblingWindow,
    /// A policy that only tries its actions takes them.
    DryRunActs,
    /// Actions are taken on people whom the policy excepts.
    ActOnTheExcepted,
    /// A connector's loop ends at the first poll that fails; the process lives on.
    EndPolling,
    /// No health alert is ever raised.
    HealthUntold,
    /// A health alert is raised again by each poll that fails.
    HealthAtEveryPoll,
    /// A health alert that is over is not cleared.
    HealthNeverCleared,
    /// A log that brings nothing new is taken for a connector that does not work.
    QuietIsSick,
    /// A second directory is connected like any other app.
    SecondDirectory,
}

#[cfg(feature = "planted-bugs")]
static PLANTED: std::sync::OnceLock<Bug> = std::sync::OnceLock::new();

/// Plants `bug` for the rest of this process.
#[cfg(feature = "planted-bugs")]
pub(crate) fn plant(bug: Option<Bug>) {
    if let Some(bug) = bug {
        let _ = PLANTED.set(bug);
    }
}

/// Without the feature there is nothing to plant; the configuration was refused before.
#[cfg(not(feature = "planted-bugs"))]
pub(crate) fn plant(_bug: Option<Bug>) {}

/// Whether `bug` was planted.
#[cfg(feature = "planted-bugs")]
pub(crate) fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(&bug)
}

/// Never.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub(crate) const fn planted(_bug: Bug) -> bool {
    false
}
