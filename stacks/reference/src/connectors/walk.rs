//! From the first page of a list to its last.

use std::collections::HashSet;

use serde_json::{Value, json};
use url::Url;

use super::{Connector, Page};
use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::http::{Answer, Failure};
use crate::state::StateError;

/// How often a walk that lost its way begins again before it is left to the next poll.
const MAX_RESTARTS: u32 = 2;

/// Whether more pages follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remaining {
    Some,
    None,
}

/// Hands every page from `first` on to `take`, which keeps it. A walk that loses its way begins again, so `take` must
/// bear being given a record twice.
pub(crate) async fn walk(
    api: &Api,
    connector: &Connector,
    first: &Url,
    mut take: impl FnMut(&[Value], Remaining) -> Result<(), StateError>,
) -> Result<(), Trouble> {
    let mut restarts = 0;
    loop {
        let lost = match walk_once(api, connector, first, &mut take).await {
            Err(Trouble::Nonsense(reason)) => reason,
            other => return other,
        };
        restarts += 1;
        if restarts > MAX_RESTARTS {
            return Err(Trouble::Nonsense(lost));
        }
        api.state.status(&json!({"phase": "degraded", "app": api.instance, "reason": lost}))?;
        api.wait(&api.instance, Failure::Unreadable(lost.to_owned()), restarts).await?;
    }
}

async fn walk_once(
    api: &Api,
    connector: &Connector,
    first: &Url,
    take: &mut impl FnMut(&[Value], Remaining) -> Result<(), StateError>,
) -> Result<(), Trouble> {
    let mut url = first.clone();
    let mut asked = HashSet::new();
    let mut before = first.clone();
    loop {
        if url.origin() != first.origin() && !planted(Bug::FollowForeignLink) {
            return Err(Trouble::Nonsense("the next page lies on another host"));
        }
        if planted(Bug::RememberOneCursor) {
            asked.retain(|asked| *asked == before);
            before = url.clone();
        }
        if !asked.insert(url.clone()) {
            return Err(Trouble::Nonsense("the pages go in a circle"));
        }
        let read = |answer: &Answer| (connector.page)(&answer.json()?, &url);
        let page = match api.ask(&api.instance, &Request::get(url.as_str()), read).await {
            // The first page was fine, so it is the place in the list that the vendor has forgotten.
            Err(Trouble::Vendor(Failure::Refused { status: 400 | 404 | 410, .. }))
                if asked.len() > 1 && !planted(Bug::KeepDeadCursor) =>
            {
                return Err(Trouble::Nonsense("the vendor forgot our place in the list"));
            }
            other => other?,
        };
        let Page { items, next } = page;
        let Some(next) = next else {
            let skipped = planted(Bug::SkipLastPage) && asked.len() > 1;
            return Ok(take(if skipped { &[] } else { &items }, Remaining::None)?);
        };
        take(&items, Remaining::Some)?;
        url = next;
    }
}
