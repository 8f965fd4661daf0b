//! What the stack says it has.

use simulator::time::SimTime;

use crate::contract::event::{APPLICATION_ERROR, USER_INVENTORY};
use crate::contract::{Event, Said};

use super::truth::Truth;
use super::{Heard, said};

/// A reported event.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// What it says.
    pub event: Event,
    /// The record it is a copy of.
    pub record: Option<usize>,
}

impl Taken {
    /// Whether it is a row of a user list and no entry of a log.
    pub fn is_user_row(&self) -> bool {
        self.event.class == Some(USER_INVENTORY)
    }

    /// Whether it speaks of the stack itself and of nothing a vendor recorded.
    pub fn is_own_trouble(&self) -> bool {
        self.event.class == Some(APPLICATION_ERROR)
    }
}

/// Every reported event, in order.
pub(super) fn taken(heard: &[Heard], truth: &Truth) -> Vec<Taken> {
    said(heard)
        .filter_map(|(heard, said)| match said {
            Said::Event(event) => Some(Taken {
                number: heard.number,
                read_at: heard.read_at,
                record: truth.find(&event.tenant, event.log.as_deref(), &event.uid),
                event: event.clone(),
            }),
            _ => None,
        })
        .collect()
}
