//! What the vendors leave open, and how this stack goes about it. All of it is right; two stacks may differ in it.

use serde::Deserialize;

use crate::retry::Patience;

/// The part `habits` of the configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Habits {
    /// Most records asked for at once, within what a vendor allows; each vendor's usual number without it.
    pub(crate) page_size: Option<u32>,
    pub(crate) order: Order,
    pub(crate) delivery: Delivery,
    pub(crate) polls: Polls,
    pub(crate) patience: Patience,
    pub(crate) hints: Hints,
}

/// Whether a log that is asked for is asked soon when the vendor says that there is something new in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hints {
    #[default]
    None,
    /// By a webhook, where the vendor has one beside the log.
    Webhook,
}

/// From which end a log is read, where the vendor lets one choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

/// How often an event is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivery {
    #[default]
    ExactlyOnce,
    /// Twice, the second line the same as the first: what comes of a queue that hears of its deliveries late.
    AtLeastOnce,
}

/// Whether apps are polled at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Polls {
    #[default]
    SideBySide,
    OneByOne,
}
