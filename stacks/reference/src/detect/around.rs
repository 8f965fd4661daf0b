//! What is looked at around an event.

use jiff::{SignedDuration, Timestamp};

use crate::connections::Response;
use crate::state::accounts::Principal;
use crate::state::events::Kept;
use crate::state::{StateError, Tx};

/// How far a detection looks around an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// In both directions of time, at what the same principal did.
    pub(crate) own: SignedDuration,
    pub(crate) others: Others,
}

impl Reach {
    /// At what the principal did, and at nobody else.
    pub(crate) fn own(own: SignedDuration) -> Self {
        Self { own, others: Others::Nobody }
    }
}

/// At whose events besides a principal's own a detection looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Nobody,
    /// Everybody's from the same address, so far before and after.
    AtTheAddress(SignedDuration),
    /// Everybody's of the same operation, so far before and after.
    DoingTheSame(SignedDuration),
    /// Everybody's in the same app, so far before and after; and how far its log has been read.
    InTheApp(SignedDuration),
    /// Everybody's anywhere, so far before and after.
    Anywhere(SignedDuration),
}

/// What was found around an event, in order of time. Only what the policy counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Around {
    /// What the principal did, the event itself included.
    pub(crate) own: Vec<Kept>,
    /// What the others did that were asked for; the principal may be among them.
    pub(crate) others: Vec<Kept>,
    /// How the principal left, if the directory says so.
    pub(crate) departure: Option<Departure>,
    /// Until when the event's log has been read.
    pub(crate) read_until: Option<Timestamp>,
}

/// The directory has deleted somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) left_at: Timestamp,
    /// Until when it is known that they have not come back.
    pub(crate) confirmed_at: Timestamp,
}

impl Around {
    /// Looks around `event`.
    pub(super) fn look(
        tx: &Tx<'_>,
        event: &Kept,
        principal: &Principal,
        reach: Reach,
        response: &Response,
    ) -> Result<Self, StateError> {
        let others = match (reach.others, event.ip, &event.deed.operation) {
            (Others::AtTheAddress(far), Some(ip), _) => tx.at_address(ip, event.at, far)?,
            (Others::DoingTheSame(far), _, Some(operation)) => tx.doing(operation, event.at, far)?,
            (Others::InTheApp(far), ..) => tx.in_app(&event.app, event.at, far)?,
            (Others::Anywhere(far), ..) => tx.anywhere(event.at, far)?,
            _ => Vec::new(),
        };
        let read_until = match reach.others {
            Others::InTheApp(_) => tx.checkpoint(&event.app, &event.log)?.map(|checkpoint| checkpoint.read_until),
            _ => None,
        };
        let own = tx.around(principal, event.at, reach.own)?;
        let mut around = Self { own, others, departure: tx.departure(principal)?, read_until };
        for events in [&mut around.own, &mut around.others] {
            events.retain(|event| response.counts(event.at));
        }
        Ok(around)
    }
}
