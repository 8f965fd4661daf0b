//! Miro: the audit log and the members of an Enterprise organisation.
//!
//! Asks `GET /v1/oauth-token` for the granted scopes, `GET /v2/orgs/{id}/members` and `GET /v2/audit/logs`. Pages are
//! linked by an opaque `cursor` that holds `#` and `:`, so it must be percent-encoded; an empty cursor is none. The
//! log is served for 90 days, oldest first as asked, to the millisecond.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::{Conditional, Connector, Log, Page, PageSize, Permissions, Source, Users, items, under};
use crate::bug::{Bug, planted};
use crate::connections::App;
use crate::http::{Answer, Failure, PLAIN};
use crate::normalize::miro as records;
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: PLAIN,
    permissions: Some(Permissions { url: |app| under(app, &["v1", "oauth-token"]), granted }),
    page_size: PageSize { parameter: "limit", most: 100 },
    order: Some([("sorting", "ASC"), ("sorting", "DESC")]),
    users: Users {
        list: UserList::Members,
        first: |app| users(app).into_iter().collect(),
        read: records::member,
        changed_by: CHANGES,
        conditional: Conditional::No,
        departed: None,
    },
    grants: &[],
    logs: &[Log {
        name: records::AUDIT_LOG,
        id: Some("id"),
        source: Source::Pulled { retention: SignedDuration::from_hours(90 * 24), first: entries },
        read: records::event,
    }],
    page: |answer, asked| page(answer.json()?, asked),
};

const PAGE_SIZE: &str = "100";

const CHANGES: &[&str] = &[
    "user_joined_organization",
    "user_removed_from_organization",
    "user_deactivated",
    "user_reactivated",
    "user_converted_to_guest",
    "user_converted_to_full_member",
    "email_changed",
];

fn granted(answer: &Answer) -> Option<Vec<String>> {
    let scopes = answer.said()["scopes"].as_array()?.clone();
    Some(scopes.iter().filter_map(|scope| Some(scope.as_str()?.to_owned())).collect())
}

fn users(app: &App) -> Option<Url> {
    let mut url = under(app, &["v2", "orgs", app.organization_id.as_deref()?, "members"])?;
    url.query_pairs_mut().append_pair("limit", PAGE_SIZE);
    Some(url)
}

fn entries(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["v2", "audit", "logs"])?;
    // Outwards to whole milliseconds: what falls in twice is recognised, what falls between is lost.
    let to = to + SignedDuration::from_micros(999);
    url.query_pairs_mut()
        .append_pair("createdAfter", &milliseconds(from))
        .append_pair("createdBefore", &milliseconds(to))
        .append_pair("limit", PAGE_SIZE)
        .append_pair("sorting", "ASC");
    Some(url)
}

fn milliseconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn page(body: Value, asked: &Url) -> Result<Page, Failure> {
    let next = body["cursor"].as_str().filter(|cursor| !cursor.is_empty() || planted(Bug::PageEmptyStringCursor)).map(
        |cursor| {
            let others =
                asked.query_pairs().filter(|(key, _)| key != "cursor").map(|(k, v)| (k.into_owned(), v.into_owned()));
            let pairs: Vec<(String, String)> = others.chain([("cursor".to_owned(), cursor.to_owned())]).collect();
            let mut next = asked.clone();
            next.query_pairs_mut().clear().extend_pairs(pairs);
            next
        },
    );
    Ok(Page { items: items(body, "data")?, next })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_is_encoded_whole() {
        let asked = Url::parse("http://127.0.0.1/v2/audit/logs?limit=100&cursor=old").unwrap();
        let cursor = "2026-11-22T01:20:10.840687Z#3458764500000000777-DDB";
        let page = page(json!({"data": [], "cursor": cursor}), &asked).unwrap();
        let next = page.next.unwrap();
        assert_eq!(next.fragment(), None);
        assert_eq!(next.query_pairs().filter(|(_, value)| value == cursor).count(), 1);
        assert_eq!(next.query_pairs().filter(|(key, _)| key == "cursor").count(), 1);
    }

    #[test]
    fn an_empty_cursor_ends_the_list() {
        let asked = Url::parse("http://127.0.0.1/v2/audit/logs").unwrap();
        assert_eq!(page(json!({"data": [], "cursor": ""}), &asked).unwrap().next, None);
    }
}
