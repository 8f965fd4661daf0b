//! Everything that a stack may claim to be able to do.
//!
//! A capability is `area.what`. The area is a vendor whose logs and lists are read, or one of `policy`, `governance`,
//! `usage`, `health` and `posture`. What the vendors declare and what scenarios can ask for decides what there is: a
//! claim that nothing ever asks for would be a stack that is never judged.

use std::collections::BTreeMap;

use simulator::scenario::suggest::nearest;
use simulator::scenario::tables::{ACTIONS, BUILT_POLICIES};
use simulator::vendors::{self, VendorSpec};

use crate::contract::CONSENTS;
use crate::contract::event::APP_PERMISSIONS;
use crate::observe::connector::HEALTH;
use crate::observe::permissions::LISTS;
use crate::observe::posture::SECURE_SCORE;
use crate::observe::usage::{DISCOVERY, SYNC};

/// How all of them are listed.
const HOW_TO_LIST: &str = "`conformance stack capabilities` lists them";

/// What vendors call the route that lists people; of one that has both, `members` are those of a group.
const PEOPLE: [&str; 2] = ["users", "members"];

/// Capabilities that belong to no vendor and are no policy or action: name and meaning.
const OF_THE_STACK: [(&str, &str); 5] = [
    (HEALTH, "tells when a connector does not work"),
    (SYNC, "synchronises who uses which connected app"),
    (DISCOVERY, "synchronises who uses which discovered app"),
    (SECURE_SCORE, "reads the secure score"),
    (CONSENTS, "reads which applications people let in, where a policy asks for it"),
];

/// Every capability by its name, with what it means.
pub fn all() -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = vendors::all().into_iter().flat_map(of_vendor).collect();
    all.extend(OF_THE_STACK.map(|(name, meaning)| (name.to_owned(), meaning.to_owned())));
    all.extend(BUILT_POLICIES.iter().map(|policy| (format!("policy.{}", policy.name), policy.meaning.to_owned())));
    all.insert("policy.custom".to_owned(), "policies that a scenario makes up: activities that it counts".to_owned());
    all.extend(ACTIONS.words.iter().map(|action| {
        (format!("governance.{action}"), format!("takes the action `{action}` when an alert asks for it"))
    }));
    all
}

/// What can be claimed of a vendor.
fn of_vendor(spec: &VendorSpec) -> Vec<(String, String)> {
    let title = spec.title;
    let has = |route: &str| spec.routes.iter().any(|r| r.name == route);
    let logs = spec.feeds.iter().map(|feed| (feed.name, format!("reads the log {} of {title}", feed.name)));
    let people = PEOPLE.into_iter().find(|route| has(route)).into_iter();
    let people = people.map(|route| (route, format!("reads the list of people of {title}")));
    let ways = spec.credentials.kinds.iter().filter_map(|kind| kind.capability());
    let ways = ways.map(|way| (way, format!("fetches its own tokens from {title}")));
    let grants = LISTS.iter().any(|list| has(list.route));
    let grants = grants.then(|| (APP_PERMISSIONS, format!("reads what is let into {title} beside people")));
    let hooks = spec.webhooks.map(|_| ("webhooks", format!("subscribes to what {title} sends by itself")));
    let all = logs.chain(people).chain(ways).chain(grants).chain(hooks);
    all.map(|(what, meaning)| (format!("{}.{what}", spec.vendor.name()), meaning)).collect()
}

/// What is said of a capability that there is not; none if there is it.
pub(super) fn unknown(capability: &str) -> Option<String> {
    let all = all();
    if all.contains_key(capability) {
        return None;
    }
    let names = || all.keys().map(String::as_str);
    if let Some(meant) = nearest(capability, names()) {
        return Some(format!("unknown capability `{capability}`: did you mean `{meant}`? {HOW_TO_LIST}"));
    }
    const FEW: usize = 12;
    let area = capability.split_once('.').map(|(area, _)| format!("{area}."));
    let beside: Vec<&str> = names().filter(|name| area.as_ref().is_some_and(|area| name.starts_with(area))).collect();
    let beside = match beside.len() {
        1..=FEW => format!("there are {}; ", beside.join(", ")),
        _ => String::new(),
    };
    Some(format!("unknown capability `{capability}`; {beside}{HOW_TO_LIST}"))
}

/// All of them, a line each.
pub fn listing() -> String {
    let all = all();
    let width = all.keys().map(String::len).max().unwrap_or_default();
    all.iter().map(|(name, meaning)| format!("{name:<width$}  {meaning}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_scenario_can_ask_for_can_be_claimed() {
        let all = all();
        for wanted in ["miro.audit_log", "entra.oauth", "github.installation", "workplace.security", "policy.chain"] {
            assert!(all.contains_key(wanted), "{wanted}");
        }
        let feeds = vendors::all()
            .into_iter()
            .flat_map(|spec| spec.feeds.iter().map(move |feed| format!("{}.{}", spec.vendor.name(), feed.name)));
        assert!(feeds.into_iter().all(|feed| all.contains_key(&feed)));
    }

    #[test]
    fn a_capability_that_there_is_not_is_answered_with_the_nearest_or_with_those_beside_it() {
        assert_eq!(unknown("miro.audit_log"), None);
        let told = |capability| unknown(capability).unwrap_or_default();
        insta::assert_snapshot!(told("miro.audit_lgo"), @"unknown capability `miro.audit_lgo`: did you mean `miro.audit_log`? `conformance stack capabilities` lists them");
        insta::assert_snapshot!(told("okta.directory"), @"unknown capability `okta.directory`; there are okta.system_log, okta.users; `conformance stack capabilities` lists them");
        insta::assert_snapshot!(told("slack.audit_log"), @"unknown capability `slack.audit_log`; `conformance stack capabilities` lists them");
        insta::assert_snapshot!(told("oauth"), @"unknown capability `oauth`; `conformance stack capabilities` lists them");
    }
}
