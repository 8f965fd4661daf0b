//! GitHub: the audit log and the people of an organisation.
//!
//! Asks `GET /orgs/{org}/members` by role, `GET /orgs/{org}/outside_collaborators` and `GET /orgs/{org}/audit-log`. Pages
//! are linked by the header `Link`, whose `next` is followed untouched on the same host: it names the organisation by its
//! number, and its cursor is already encoded. The log's window stands in its search phrase, in whole seconds; it is served
//! for 180 days, with git events for seven. A renamed organisation answers 301.
//!
//! What is let in beside people is read from `GET /orgs/{org}/installations`, `…/credential-authorizations` and, which an
//! installed app alone may see, `…/personal-access-tokens`.
//!
//! Both limits may say 403 or 429. The primary one names its end in `x-ratelimit-reset`; the secondary one names it in
//! `retry-after` or not at all, and then wants a minute, and longer each time it says no again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::grants::GrantList;
use super::{Conditional, Connector, Log, Page, PageSize, Permissions, Source, Users, asked_for, items, under};
use crate::bug::{Bug, spoilt};
use crate::connections::App;
use crate::http::{Answer, BEARER, Failure, Manners};
use crate::normalize::github as records;
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: Manners {
        scheme: BEARER,
        headers: &[("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")],
        refusal,
    },
    // Free of charge, and its headers name the scopes; an installation has none.
    permissions: Some(Permissions { url: |app| under(app, &["rate_limit"]), granted }),
    page_size: PageSize { parameter: "per_page", most: 100 },
    order: Some([("order", "asc"), ("order", "desc")]),
    users: Users {
        list: UserList::Members,
        first: users,
        read: records::member,
        changed_by: CHANGES,
        conditional: Conditional::Yes,
        departed: None,
    },
    grants: &GRANTS,
    logs: &[Log {
        name: records::AUDIT_LOG,
        id: Some("_document_id"),
        source: Source::Pulled { retention: SignedDuration::from_hours(180 * 24), first: entries },
        read: records::event,
    }],
    page: |answer, asked| page(answer.json()?, answer.header("link"), asked),
};

static GRANTS: [GrantList; 3] = [
    GrantList {
        name: "installations",
        product: records::GITHUB,
        first: |app| grants(app, "installations"),
        read: records::installation,
    },
    GrantList {
        name: "credential_authorizations",
        product: records::GITHUB,
        first: |app| grants(app, "credential-authorizations"),
        read: records::credential,
    },
    GrantList {
        name: "personal_access_tokens",
        product: records::GITHUB,
        first: |app| grants(app, "personal-access-tokens"),
        read: records::fine_grained_token,
    },
];

const PAGE_SIZE: &str = "100";

const CHANGES: &[&str] = &[
    "org.add_member",
    "org.remove_member",
    "org.restore_member",
    "org.update_member",
    "org.add_outside_collaborator",
    "org.remove_outside_collaborator",
    "external_identity.provision",
];

/// What the documentation asks for after a secondary limit that names no time, the first time.
const SECONDARY_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// The parameter in which a list's role is asked for: rows do not tell.
const ROLE: &str = "role";
const COLLABORATOR: &str = "outside_collaborator";

fn users(app: &App) -> Vec<Url> {
    let Some(organization) = app.organization.as_deref() else { return Vec::new() };
    let list = |path: &str, role: Option<&str>| {
        let mut url = under(app, &["orgs", organization, path])?;
        url.query_pairs_mut().extend_pairs(role.map(|role| (ROLE, role))).append_pair("per_page", PAGE_SIZE);
        Some(url)
    };
    let lists = [list("members", Some("admin")), list("members", Some("member")), list("outside_collaborators", None)];
    lists.into_iter().flatten().collect()
}

fn grants(app: &App, list: &str) -> Option<Url> {
    let mut url = under(app, &["orgs", app.organization.as_deref()?, list])?;
    url.query_pairs_mut().append_pair("per_page", PAGE_SIZE);
    Some(url)
}

fn entries(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["orgs", app.organization.as_deref()?, "audit-log"])?;
    // Outwards to whole seconds: what falls in twice is recognised, what falls between is lost.
    let second = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    url.query_pairs_mut()
        .append_pair("phrase", &format!("created:{}..{}", second(from), second(to)))
        .append_pair("include", "all")
        .append_pair("order", "asc")
        .append_pair("per_page", PAGE_SIZE);
    Some(url)
}

fn page(body: Value, link: Option<&str>, asked: &Url) -> Result<Page, Failure> {
    // Every list is a bare array but this one.
    let mut items = match body {
        Value::Array(items) => items,
        other if asked.path().ends_with("/installations") => items(other, "installations")?,
        _ => return Err(Failure::Unreadable("no list".to_owned())),
    };
    let collaborators = asked.path().ends_with("/outside_collaborators").then(|| COLLABORATOR.to_owned());
    if let Some(role) = collaborators.or_else(|| asked_for(asked, ROLE)) {
        items.iter_mut().filter(|row| row.is_object()).for_each(|row| row[ROLE] = json!(role));
    }
    let next = match link.and_then(next) {
        Some(next) => Some(Url::parse(next).map_err(|_| Failure::Unreadable("`next` is no link".to_owned()))?),
        None => None,
    };
    // The log's links have `after` and `before`, one of them empty; with both empty there is no place to go on from.
    let nowhere = |url: &Url| ["after", "before"].iter().all(|key| asked_for(url, key).is_some_and(|v| v.is_empty()));
    Ok(Page { items, next: next.filter(|next| !nowhere(next)) })
}

/// The target whose relation is `next` (RFC 8288).
fn next(link: &str) -> Option<&str> {
    let wanted = spoilt(["rel=\"next\"", "rel=next"], Bug::PageBothEndsCursors, ["rel=\"prev\"", "rel=prev"]);
    // A comma may stand in an address too; a new link begins with `<`.
    link.split(", <").find_map(|link| {
        let (target, parameters) = link.trim_start_matches('<').split_once('>')?;
        let is_next = parameters.split(';').any(|p| wanted.contains(&p.trim()));
        (is_next && !target.is_empty()).then_some(target)
    })
}

fn granted(answer: &Answer) -> Option<Vec<String>> {
    Some(answer.header("x-oauth-scopes")?.split(',').map(|scope| scope.trim().to_owned()).collect())
}

/// The secondary limit is told by its words. Its `x-ratelimit-*` speak of another budget.
fn refusal(answer: &Answer) -> Option<Failure> {
    let body = matches!(answer.status, 403 | 429).then(|| answer.said())?;
    let says = |field: &str, word: &str| body[field].as_str().is_some_and(|text| text.to_lowercase().contains(word));
    // Every call from here will be refused alike.
    if says("message", "ip allow list") {
        return Some(Failure::Refused { status: answer.status, code: "ip_allow_list".to_owned() });
    }
    let secondary = says("message", "secondary rate limit") || says("documentation_url", "secondary-rate-limits");
    let timed = answer.header("retry-after").is_some();
    (secondary && !timed).then_some(Failure::ThrottledUntold { least: SECONDARY_WAIT })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        let app = json!({"vendor": "github", "base_url": "http://127.0.0.1:1", "organization": "contoso"});
        serde_json::from_value(app).unwrap()
    }

    #[test]
    fn the_next_page_is_followed_as_it_is_linked() {
        let after = "http://127.0.0.1:1/organizations/9/audit-log?phrase=created%3Aa..b&after=MS43%3D&before=";
        let before = "http://127.0.0.1:1/organizations/9/audit-log?phrase=created%3Aa..b&after=&before=MS4x";
        #[rustfmt::skip]
        let cases = [
            (Some(format!("<{after}>; rel=\"next\", <{before}>; rel=\"prev\"")), Some(after)),
            (Some(format!("<{before}>; rel=\"prev\", <{after}>; rel=\"next\"")), Some(after)),
            (Some(format!("<{before}>; rel=\"first\"")),                          None),
            (Some("<>; rel=\"next\"".to_owned()),                                 None),
            (Some("<http://127.0.0.1:1/x?after=&before=>; rel=\"next\"".to_owned()), None),
            (None,                                                                None),
        ];
        let asked = Url::parse("http://127.0.0.1:1/orgs/contoso/audit-log").unwrap();
        for (link, expected) in cases {
            let page = page(json!([]), link.as_deref(), &asked).unwrap();
            assert_eq!(page.next.as_ref().map(Url::as_str), expected, "{link:?}");
        }
    }

    #[test]
    fn a_window_reaches_to_whole_seconds_at_both_ends() {
        let (from, to) = ("2026-03-02T08:00:00.9Z".parse().unwrap(), "2026-03-02T09:00:00.1Z".parse().unwrap());
        let url = entries(&app(), from, to).unwrap();
        // The end names a whole second, and means all of it.
        assert_eq!(asked_for(&url, "phrase").unwrap(), "created:2026-03-02T08:00:00Z..2026-03-02T09:00:00Z");
    }

    #[test]
    fn a_row_has_the_role_that_was_asked_for() {
        let roles: Vec<_> = users(&app())
            .iter()
            .map(|url| page(json!([{"id": 1}]), None, url).unwrap().items[0][ROLE].clone())
            .collect();
        assert_eq!(roles, ["admin", "member", COLLABORATOR]);
    }
}
