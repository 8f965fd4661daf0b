//! Entra: the sign-ins, the directory's audit log and the users of a tenant, through Microsoft Graph.
//!
//! Asks `GET /v1.0/users`, `GET /v1.0/auditLogs/signIns` and `GET /v1.0/auditLogs/directoryAudits`, and where a policy about
//! apps is in force for what applications may do: `…/servicePrincipals(appId='…')/appRoleAssignedTo` of Graph itself,
//! `…/oauth2PermissionGrants`. Pages are linked by `@odata.nextLink`, a whole address that is followed untouched, but only
//! on the host we were told; a page may be empty and still have one.
//!
//! Both logs are newest first and served for 30 days; an entry shows minutes after it happened, or hours, so each poll looks
//! back. They want `AuditLog.Read.All` (sign-ins `Directory.Read.All` too) and share one limit of five requests in ten
//! seconds (<https://learn.microsoft.com/graph/throttling-limits>).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::grants::GrantList;
use super::{Conditional, Connector, Log, Page, PageSize, Source, Users, items, under};
use crate::bug::{Bug, spoilt};
use crate::connections::App;
use crate::http::{Failure, PLAIN};
use crate::normalize::{directory_audits as audits, entra as records};
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: PLAIN,
    permissions: None,
    page_size: PageSize { parameter: "$top", most: 999 },
    order: None,
    users: Users {
        list: UserList::Directory,
        first: |app| users(app).into_iter().collect(),
        read: records::user,
        // Who is switched off or on again is the same person under the same name.
        changed_by: &["Add user", "Update user", "Restore user"],
        conditional: Conditional::No,
        departed: Some(departed),
    },
    grants: &GRANTS,
    logs: &[
        Log {
            name: records::SIGN_INS,
            id: Some("id"),
            source: Source::Pulled { retention: RETENTION, first: sign_ins },
            read: records::event,
        },
        Log {
            name: audits::DIRECTORY_AUDITS,
            id: Some("id"),
            source: Source::Pulled { retention: RETENTION, first: directory_audits },
            read: audits::event,
        },
    ],
    page: |answer, asked| page(answer.json()?, asked),
};

/// With a licence for the reports; a free tenant keeps seven days
/// (<https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention>).
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What applications may do at Graph: in their own name, and in that of those who let them in.
static GRANTS: [GrantList; 2] = [
    GrantList {
        name: "app_role_assignments",
        product: records::ENTRA,
        first: |app| under(app, &["v1.0", &format!("servicePrincipals(appId='{GRAPH}')"), "appRoleAssignedTo"]),
        read: records::app_role,
    },
    GrantList {
        name: "oauth2_permission_grants",
        product: records::ENTRA,
        first: |app| under(app, &["v1.0", "oauth2PermissionGrants"]),
        read: records::delegated_grant,
    },
];

/// Microsoft Graph, as an application, in every directory.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

fn users(app: &App) -> Option<Url> {
    let mut url = under(app, &["v1.0", "users"])?;
    url.query_pairs_mut()
        .append_pair("$select", "id,displayName,mail,userPrincipalName,accountEnabled")
        .append_pair("$top", "999");
    Some(url)
}

/// The users whom the directory has deleted, in the thirty days for which it keeps them.
fn departed(app: &App) -> Option<Url> {
    let mut url = under(app, &["v1.0", "directory", "deletedItems", "microsoft.graph.user"])?;
    url.query_pairs_mut().append_pair("$select", "id,deletedDateTime");
    Some(url)
}

fn sign_ins(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    entries(app, "signIns", "createdDateTime", from, to)
}

fn directory_audits(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let edge = spoilt(SignedDuration::ZERO, Bug::WindowsWithoutEnds, SignedDuration::from_millis(1));
    entries(app, "directoryAudits", "activityDateTime", from + edge, to - edge)
}

/// The entries of a log whose `time` lies between two moments, both included: of times the filters know `ge` and `le`.
fn entries(app: &App, log: &str, time: &str, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["v1.0", "auditLogs", log])?;
    let filter = format!("{time} ge {from} and {time} le {to}");
    url.query_pairs_mut().append_pair("$filter", &filter).append_pair("$top", "1000");
    Some(url)
}

fn page(body: Value, _asked: &Url) -> Result<Page, Failure> {
    let next = match body["@odata.nextLink"].as_str().filter(|link| !link.is_empty()) {
        Some(link) => {
            Some(Url::parse(link).map_err(|_| Failure::Unreadable("`@odata.nextLink` is no link".to_owned()))?)
        }
        None => None,
    };
    Ok(Page { items: items(body, "value")?, next })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_is_followed_as_it_is_and_an_empty_one_ends_the_list() {
        let asked = Url::parse("http://127.0.0.1/v1.0/users").unwrap();
        let next = |link: Value| page(json!({"value": [], "@odata.nextLink": link}), &asked).unwrap().next;
        let link = "http://127.0.0.1/v1.0/users?$skiptoken=a%2Bb";
        assert_eq!(next(json!(link)), Url::parse(link).ok());
        assert_eq!((next(json!("")), next(json!(null))), (None, None));
    }
}
