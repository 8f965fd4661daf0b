//! Meta Admin Center, the successor for accounts: its security log, to be pulled.
//!
//! Asks `GET /security_audit_logs`, newest first, with `since` and `until` in unix seconds, both included. Its token opens
//! the log alone, so there is no list of people: entries name them by address. Pages end where `next` does, whatever
//! cursors are still there.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::workplace::{GRAPH, page};
use super::{Conditional, Connector, Log, PageSize, Source, Users, under};
use crate::bug::{Bug, spoilt};
use crate::connections::App;
use crate::normalize::{admin_center as records, workplace};
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: GRAPH,
    permissions: None,
    page_size: PageSize { parameter: "limit", most: 1000 },
    order: None,
    users: Users {
        list: UserList::Members,
        first: |_| Vec::new(),
        read: workplace::member,
        changed_by: &[],
        conditional: Conditional::No,
        departed: None,
    },
    grants: &[],
    logs: &[Log {
        name: workplace::SECURITY,
        id: None,
        source: Source::Pulled { retention: SignedDuration::from_hours(90 * 24), first: entries },
        read: records::event,
    }],
    page,
};

fn entries(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["security_audit_logs"])?;
    // Outwards to whole seconds.
    url.query_pairs_mut()
        .append_pair("since", &spoilt(from.as_second(), Bug::TimeEpochUnitAsked, from.as_millisecond()).to_string())
        .append_pair("until", &(to.as_second() + 1).to_string())
        .append_pair("limit", "1000");
    Some(url)
}
