//! What reached the stack: exchanges whose answer it got, deliveries that it took over, and the records in them.

use std::collections::BTreeMap;

use simulator::journal::{Entry, Refusal};

use crate::contract::Declares;
use crate::recording::Recording;

use super::by_webhook::ByWebhook;
use super::truth::Truth;

/// Faults after which no answer, or no true one, is got.
const UNANSWERED: [&str; 6] = ["lose_answer", "reset", "idle_close", "hang", "kill", "cut_body"];
const UNTRUE: [&str; 2] = ["error", "throttle"];
/// Faults after which an answer has its usual status, and a walk does not get to what it is after.
pub(super) const ASTRAY: [&str; 4] = ["empty_page", "repeat_cursor", "cycle_cursor", "foreign_next_link"];
/// The fault that ends what can be had at all.
pub(super) const REVOKED: &str = "revoke_grant";
/// The fault that leaves a delivery as good as any: it is signed in one way of two.
pub(super) const STILL_GOOD: &str = "newest_signature";

/// Which records reached the stack, and in which exchanges: places in [`Recording::journal`].
#[derive(Clone, Debug, Default)]
pub struct Served {
    by_record: BTreeMap<usize, Vec<usize>>,
}

impl Served {
    pub(super) fn new(recording: &Recording, declares: &Declares, truth: &Truth, by_webhook: &ByWebhook) -> Self {
        let mut by_record: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, entry) in recording.journal.iter().enumerate() {
            if let Some(delivery) = entry.notes.delivery.as_ref().filter(|_| is_taken_over(entry)) {
                let delivered = delivery.events.iter().filter_map(|id| truth.find(&entry.app, None, id));
                let mine = delivered.filter(|record| by_webhook.is_of(&recording.truth[*record]));
                mine.for_each(|record| by_record.entry(record).or_default().push(index));
            }
            let Some(page) = entry.notes.page.as_ref().filter(|_| succeeded(entry, declares)) else { continue };
            let Some(log) = page.log.as_deref() else { continue };
            for id in &page.served {
                if let Some(record) = truth.find(&entry.app, Some(log), id) {
                    by_record.entry(record).or_default().push(index);
                }
            }
        }
        Self { by_record }
    }

    /// The exchanges in which a record reached the stack.
    pub fn exchanges(&self, record: usize) -> &[usize] {
        self.by_record.get(&record).map_or(&[], Vec::as_slice)
    }
}

/// Whether the stack got the answer of an exchange, whatever it said: bytes were sent before it gave up waiting.
pub fn reached(entry: &Entry, declares: &Declares) -> bool {
    let lost = entry.fault.as_ref().is_some_and(|f| UNANSWERED.contains(&f.kind.as_str()));
    entry.status.is_some() && !lost && entry.ended.since(entry.at) < declares.request_timeout
}

/// Whether the stack got a true answer to what it asked.
pub fn succeeded(entry: &Entry, declares: &Declares) -> bool {
    let untrue = entry.fault.as_ref().is_some_and(|f| UNTRUE.contains(&f.kind.as_str()));
    reached(entry, declares) && !untrue && entry.status.is_some_and(|s| (200..300).contains(&s))
}

/// Whether an exchange is a request of the stack's: not one of the administrator's browser, which is the harness, and
/// not a delivery, which the vendor makes and the stack answers.
pub fn is_the_stacks(entry: &Entry) -> bool {
    !entry.route.ends_with(".authorize") && entry.notes.delivery.is_none()
}

/// Whether the app lets only some addresses in, and refused an exchange because the stack's is none of them.
pub fn is_shut_out(entry: &Entry) -> bool {
    entry.notes.refusal == Some(Refusal::Address)
}

/// Whether the stack has taken a delivery over: it answered 2xx. Whether the vendor heard of it does not matter.
pub fn is_taken_over(entry: &Entry) -> bool {
    entry.notes.delivery.is_some() && entry.status.is_some_and(|status| (200..300).contains(&status))
}

/// Whether an exchange was refused by the vendor's own limits and not by the scenario.
pub fn refused_by_a_limit(entry: &Entry) -> bool {
    // Some vendors refuse with another status: who was refused by a limiter is told by the pause it asks for.
    let throttled = |status: u16| status == 429 || (status < 500 && entry.retry_after_s.is_some());
    entry.fault.is_none() && entry.status.is_some_and(throttled)
}

#[cfg(test)]
mod tests {
    use simulator::scenario::tables::BUILT_FAULTS;

    use super::*;
    use crate::scenario::tables::PROCESS_FAULTS;

    /// A fault that is called otherwise from one day on must not pass by the judge unseen.
    #[test]
    fn every_fault_that_is_named_here_is_a_word_of_the_language() {
        let words: Vec<&str> = BUILT_FAULTS.iter().chain(PROCESS_FAULTS).map(|fault| fault.name).collect();
        let named = UNANSWERED.iter().chain(&UNTRUE).chain(&ASTRAY).chain([&REVOKED, &STILL_GOOD]);
        for name in named {
            assert!(words.contains(name), "{name}");
        }
    }
}
