//! Accepted results: what a run meant, as text that people read in a difference.
//!
//! | part | is |
//! |---|---|
//! | [`Snapshots`] | a run as texts: `events`, `alerts`, `governance`, `usage` where there is any, and `traffic` under a virtual clock |
//! | [`Store`] | the folder of accepted texts: comparing, accepting, finding those that belong to nothing |
//! | [`review`](mod@review) | pending texts one by one |
//! | [`diff`] | how two texts differ |
//! | [`CHECKS`] | pages that explain what is found here |
//!
//! `snapshots/<scenario id>/<stack>/<name>.snap`, in insta's format, so that its tools can show them; a pending text
//! lies beside as `.snap.new`. Texts hold meaning and not noise: times are spelled as in scenarios, rows are in order of
//! (time, instance, route, key) and never of arrival, numbers are rounded.
//!
//! # Not told
//! When alerts were raised and in which order events were reported: checks with deadlines judge that.

mod columns;
pub mod diff;

mod alerts;
mod events;
mod file;
mod governance;
mod orphans;
mod pages;
mod review;
mod store;
mod traffic;
mod usage;

#[cfg(test)]
mod tests;

use crate::contract::StackClock;
use crate::observe::Facts;

pub use orphans::Scope;
pub use pages::{CHECKS, MISSING};
pub use review::{Look, Reviewed, review};
pub use store::{AcceptError, Marker, Store};

/// A run as texts.
#[derive(Debug)]
pub struct Snapshots;

impl Snapshots {
    /// Name and text of each. Under a machine's clock nothing is told that depends on when something was done.
    pub fn render(facts: &Facts<'_>, clock: StackClock) -> Vec<(&'static str, String)> {
        let mut texts = vec![
            ("events", events::render(facts, clock)),
            ("alerts", alerts::render(facts)),
            ("governance", governance::render(facts, clock)),
        ];
        if !facts.usage.rows.is_empty() {
            texts.push(("usage", usage::render(facts)));
        }
        if clock == StackClock::Virtual {
            texts.push(("traffic", traffic::render(facts)));
        }
        texts
    }
}

/// A heading and its rows, or that there are none.
fn section(heading: &str, rows: Vec<String>) -> String {
    let rows = if rows.is_empty() { vec!["none".to_owned()] } else { rows };
    let rows: Vec<String> = rows.iter().map(|row| format!("  {row}")).collect();
    format!("{heading}\n{}", rows.join("\n"))
}
