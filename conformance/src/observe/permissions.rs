//! What the stack says is let into an app beside people, side by side with what the vendor listed.
//!
//! A row is an `event` in the log `app_permissions` (see [`crate::contract`]); the newest of an id stands until one says that it
//! is gone. What is true is what the vendor's own answers to the stack held: the last walk through a whole list that came to
//! its end. A list that is asked for with a filter is a question about somebody, and no walk.

use std::collections::{BTreeMap, BTreeSet};

use simulator::journal::{Entry, PageNote};
use simulator::time::SimTime;

use crate::contract::Said;
use crate::contract::event::APP_PERMISSIONS;

use super::served::succeeded;
use super::{Facts, said};

/// The activity that says a grant is gone.
const REMOVED: u64 = 2;

/// A list of grants.
#[derive(Debug)]
pub struct GrantList {
    /// The word before the ids of its rows.
    pub kind: &'static str,
    /// The route that serves it, without the instance.
    pub route: &'static str,
    /// The parameter that makes a question about somebody of it.
    filter: &'static str,
}

const fn list(kind: &'static str, route: &'static str, filter: &'static str) -> GrantList {
    GrantList { kind, route, filter }
}

/// Every list, by the route that serves it.
pub const LISTS: [GrantList; 5] = [
    list("installation", "installations", "q"),
    list("credential", "credentials", "login"),
    list("fine_grained_token", "fine_grained_tokens", "owner"),
    list("app_role", "app_roles_to", "$filter"),
    list("delegated_grant", "permission_grants", "$filter"),
];

/// What a list held, as the stack could see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// When the last whole walk ended.
    pub ended: SimTime,
    /// What it held.
    pub last: BTreeSet<String>,
    /// What any answer held, before or since.
    pub ever: BTreeSet<String>,
}

/// A row that stands at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRow {
    /// Number of its line.
    pub number: usize,
    /// Whether it says that the grant is gone.
    pub gone: bool,
}

impl Facts<'_> {
    /// The rows of an instance and a kind that stand at the end, by the vendor's id.
    pub fn permissions(&self, app: &str, kind: &str) -> BTreeMap<String, PermissionRow> {
        let rows = said(&self.heard).filter_map(|(heard, said)| match said {
            Said::Event(event) if event.log.as_deref() == Some(APP_PERMISSIONS) && event.tenant == app => {
                let id = event.uid.strip_prefix(kind)?.strip_prefix(':')?;
                let gone = event.content["activity_id"].as_u64() == Some(REMOVED);
                Some((id.to_owned(), PermissionRow { number: heard.number, gone }))
            }
            _ => None,
        });
        rows.collect()
    }

    /// What an instance's list held; none if no walk through it came to its end.
    pub fn listed(&self, app: &str, list: &GrantList) -> Option<Listed> {
        let (route, mut walking) = (format!("{app}.{}", list.route), Walking::default());
        let pages = self.recording.journal.iter().filter(|e| e.route == route && !is_question(e, list));
        for (entry, page) in pages.filter_map(|e| Some((e, e.notes.page.as_ref()?))) {
            if succeeded(entry, self.declares) {
                walking.take(page, entry.ended);
            }
        }
        walking.whole.map(|(ended, last)| Listed { ended, last, ever: walking.ever })
    }
}

fn is_question(entry: &Entry, list: &GrantList) -> bool {
    let query = entry.target.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == list.filter)
}

#[derive(Default)]
struct Walking {
    next: u32,
    held: BTreeSet<String>,
    ever: BTreeSet<String>,
    whole: Option<(SimTime, BTreeSet<String>)>,
}

impl Walking {
    fn take(&mut self, page: &PageNote, ended: SimTime) {
        let ids = || page.served.iter().map(|id| id.to_string());
        self.ever.extend(ids());
        if page.number == 1 {
            self.held.clear();
        } else if page.number != self.next {
            return;
        }
        self.held.extend(ids());
        self.next = page.number + 1;
        if page.next.is_none() {
            self.whole = Some((ended, self.held.clone()));
        }
    }
}
