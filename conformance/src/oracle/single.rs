//! Definitions that one record decides.

use std::collections::BTreeMap;

use super::{Episode, Principal, Seen};

/// One alert for each person and scope, ended by an hour of silence. A record without a scope is none of the definition's.
pub(super) fn episodes<'a>(seen: &[&'a Seen], scope: fn(&Seen) -> Option<String>) -> Vec<Episode<'a>> {
    let mut by_scope: BTreeMap<(Principal, String), Vec<Vec<&'a Seen>>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.succeeded()) {
        if let Some(scope) = scope(one) {
            by_scope.entry((one.principal, scope)).or_default().push(vec![one]);
        }
    }
    let group = |((principal, _), triggers): ((Principal, _), _)| Episode::group(principal.person, None, triggers);
    by_scope.into_iter().flat_map(group).collect()
}
