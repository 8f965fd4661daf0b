//! Okta: the system log and the users of an organisation.
//!
//! Asks `GET /api/v1/users` and `GET /api/v1/logs` with an administrator's API token, which stands behind `SSWS`. Pages are
//! linked by the header `Link`, one line for each relation, whose `next` is followed untouched on the same host. The log is
//! served for 90 days, oldest first as asked; with an end to its window it has a last page.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{Conditional, Connector, Log, Page, PageSize, Source, Users, under};
use crate::connections::App;
use crate::http::{Answer, Failure, Manners};
use crate::normalize::okta as records;
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: Manners { scheme: "SSWS", headers: &[("accept", "application/json")], refusal: |_| None },
    permissions: None,
    page_size: PageSize { parameter: "limit", most: 1_000 },
    order: Some([("sortOrder", "ASCENDING"), ("sortOrder", "DESCENDING")]),
    users: Users {
        list: UserList::Members,
        first: |app| users(app).into_iter().collect(),
        read: records::user,
        changed_by: CHANGES,
        conditional: Conditional::No,
        departed: None,
    },
    grants: &[],
    logs: &[Log {
        name: records::SYSTEM_LOG,
        id: Some("uuid"),
        source: Source::Pulled { retention: SignedDuration::from_hours(90 * 24), first: entries },
        read: records::event,
    }],
    page: |answer, _| page(answer),
};

const CHANGES: &[&str] = &[
    "user.lifecycle.create",
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "user.lifecycle.deactivate",
    "user.account.update_profile",
];

fn users(app: &App) -> Option<Url> {
    let mut url = under(app, &["api", "v1", "users"])?;
    url.query_pairs_mut().append_pair("limit", "200");
    Some(url)
}

fn entries(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["api", "v1", "logs"])?;
    // Outwards to whole milliseconds: what falls in twice is recognised, what falls between is lost.
    let ms = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    url.query_pairs_mut()
        .append_pair("since", &ms(from))
        .append_pair("until", &ms(to + SignedDuration::from_micros(999)))
        .append_pair("limit", "1000")
        .append_pair("sortOrder", "ASCENDING");
    Some(url)
}

fn page(answer: &Answer) -> Result<Page, Failure> {
    let next = answer.all("link").find_map(next).map(Url::parse).transpose();
    let next = next.map_err(|_| Failure::Unreadable("`next` is no link".to_owned()))?;
    Ok(Page { items: answer.json()?, next })
}

/// The target of a line, if its relation is `next` (RFC 8288).
fn next(line: &str) -> Option<&str> {
    let (target, parameters) = line.trim().strip_prefix('<')?.split_once('>')?;
    parameters.split(';').any(|p| p.trim() == "rel=\"next\"").then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_is_called_so() {
        assert_eq!(next("<https://o.okta.example/api/v1/logs?after=a>; rel=\"self\""), None);
        let line = "<https://o.okta.example/api/v1/logs?after=a,b>; rel=\"next\"";
        assert_eq!(next(line), Some("https://o.okta.example/api/v1/logs?after=a,b"));
    }

    #[test]
    fn a_window_reaches_outwards_to_whole_milliseconds() {
        let app: App = serde_json::from_str(r#"{"vendor": "okta", "base_url": "https://o.okta.example"}"#).unwrap();
        let at = |text: &str| text.parse().unwrap();
        let url = entries(&app, at("2026-03-02T09:00:00.000400Z"), at("2026-03-02T10:00:00.000400Z")).unwrap();
        assert_eq!(
            url.as_str(),
            "https://o.okta.example/api/v1/logs?since=2026-03-02T09%3A00%3A00.000Z&until=2026-03-02T10%3A00%3A00.001Z&\
             limit=1000&sortOrder=ASCENDING"
        );
    }
}
