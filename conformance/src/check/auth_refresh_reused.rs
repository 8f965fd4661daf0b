//! `auth/refresh-reused`.

use std::collections::BTreeMap;

use simulator::journal::Entry;
use simulator::protocol::credentials::Rotation;
use simulator::vendors::spec;

use crate::observe::Facts;
use crate::observe::served::succeeded;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A refresh token that had been replaced was used again.
pub(super) const CHECK: Check = Check {
    id: "auth/refresh-reused",
    title: "a refresh token was used again after its successor had arrived",
    explanation: "\
Where a vendor rotates refresh tokens, each refresh hands out a new one and the old one is dead. The journal holds two \
token requests with one and the same refresh token, and the stack got the answer to the first. It threw the new token \
away, kept it in memory only and was started again, or two of its tasks refreshed at once. The second request is refused, \
and with some vendors it ends the whole grant: somebody has to consent again. A repetition after an answer that never \
came (lost, timed out, or cut off by a kill) is the right thing to do and not counted.

Usual causes: only the access token of the answer is kept; tokens are written at the end of a run; no lock around the \
refresh.

Source: docs/src/faults.md, auth-refresh-token-rotation-lost, auth-refresh-race, auth-rotation-not-durable; seen in \
https://github.com/airbytehq/airbyte/issues/3990; https://developers.miro.com/reference/oauth-20-authorization-v2.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut spent: BTreeMap<(&str, String), &Entry> = BTreeMap::new();
    let mut findings = Vec::new();
    let rotates = |app: &str| facts.vendor(app).is_some_and(|v| spec(v).credentials.rotation == Rotation::KillsOldPair);
    let asks = |entry: &&Entry| entry.route.ends_with(".token") && rotates(&entry.app);
    for entry in facts.recording.journal.iter().filter(asks) {
        let Some(token) = refresh_token(entry) else { continue };
        match spent.get(&(entry.app.as_str(), token.clone())) {
            Some(first) if !facts.killed_between(first.at, entry.at) => {
                let expected =
                    format!("{} is used once: its successor came at {}", name(&token), facts.spell(first.ended));
                let observed = format!("used again at {}", facts.spell(entry.at));
                let rows = [first, entry].map(|e| facts.exchange_row(e));
                findings.push(CHECK.fail(expected, observed).evidence(rows).done());
            }
            Some(_) => {}
            None if succeeded(entry, facts.declares) && entry.notes.issued.is_some() => {
                spent.insert((entry.app.as_str(), token), entry);
            }
            None => {}
        }
    }
    findings
}

/// Name of the refresh token in a token request, as the journal keeps it: in the body or in the query.
fn refresh_token(entry: &Entry) -> Option<String> {
    let query = entry.target.split_once('?').map_or("", |(_, query)| query);
    let body = entry.request_body.as_deref().unwrap_or("");
    let pairs = query.split('&').chain(body.split('&'));
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == "refresh_token").map(|(_, v)| v.to_owned())
}

/// Names are shown; what the journal could not name is not.
fn name(token: &str) -> &str {
    if token.starts_with('<') { token } else { "a refresh token" }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn refresh(run: &mut Example, at: &str, token: &str, status: u16) {
        let entry = run.exchange("miro.token", at, status);
        entry.request_body = Some(format!("grant_type=refresh_token&refresh_token={token}"));
        entry.notes.issued = (status == 200).then(|| "<token:miro/stack#9>".to_owned());
    }

    #[test]
    fn each_token_once_passes() {
        let mut run = Example::quiet();
        refresh(&mut run, "day 1 01:00", "<refresh:miro/stack#1>", 200);
        refresh(&mut run, "day 1 02:00", "<refresh:miro/stack#2>", 200);
        run.passes(&CHECK);
    }

    #[test]
    fn a_spent_token_is_found() {
        let mut run = Example::quiet();
        refresh(&mut run, "day 1 01:00", "<refresh:miro/stack#1>", 200);
        refresh(&mut run, "day 1 02:00", "<refresh:miro/stack#1>", 401);
        assert_eq!(run.fails(&CHECK).observed, "used again at day 1 02:00:00");
    }

    #[test]
    fn a_repetition_after_a_failure_or_a_kill_is_right() {
        let mut run = Example::quiet();
        refresh(&mut run, "day 1 01:00", "<refresh:miro/stack#1>", 503);
        refresh(&mut run, "day 1 01:01", "<refresh:miro/stack#1>", 200);
        run.killed("day 1 01:01");
        refresh(&mut run, "day 1 01:02", "<refresh:miro/stack#1>", 200);
        run.passes(&CHECK);
    }
}
