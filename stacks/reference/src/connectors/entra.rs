//! Entra: the sign-in log and the users of a tenant, through Microsoft Graph.
//!
//! Asks `GET /v1.0/users` and `GET /v1.0/auditLogs/signIns`, and where a policy about apps is in force for what applications
//! may do: `…/servicePrincipals(appId='…')/appRoleAssignedTo` of Graph itself, `…/oauth2PermissionGrants`. Pages are linked by `@odata.nextLink`, a whole address
//! that is followed untouched, but only on the host we were told; a page may be empty and still have one. The log is
//! newest first, served for 30 days.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::grants::GrantList;
use super::{Conditional, Connector, Log, Page, PageSize, Source, Users, items, under};
use crate::connections::App;
use crate::http::{Failure, PLAIN};
use crate::normalize::entra as records;
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
        // The sign-in log tells of no change; who signs in under a new name tells of his own.
        changed_by: &[],
        conditional: Conditional::No,
        departed: Some(departed),
    },
    grants: &GRANTS,
    log: Log {
        name: records::SIGN_INS,
        id: Some("id"),
        source: Source::Pulled { retention: SignedDuration::from_hours(30 * 24), first: entries },
        read: records::event,
    },
    page: |answer, asked| page(answer.json()?, asked),
};

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

/// The consents of the directory's audit log, for who watches over applications alone.
pub(crate) const CONSENTS: Connector = Connector {
    users: Users { first: |_| Vec::new(), changed_by: &[], departed: None, ..CONNECTOR.users },
    log: Log {
        name: records::DIRECTORY_AUDITS,
        id: Some("id"),
        source: Source::Pulled { retention: SignedDuration::from_hours(30 * 24), first: consents },
        read: records::consent,
    },
    ..CONNECTOR
};

fn consents(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["v1.0", "auditLogs", "directoryAudits"])?;
    let consent = records::CONSENT;
    let filter =
        format!("activityDateTime ge {from} and activityDateTime le {to} and activityDisplayName eq '{consent}'");
    url.query_pairs_mut().append_pair("$filter", &filter).append_pair("$top", "1000");
    Some(url)
}

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

fn entries(app: &App, from: Timestamp, to: Timestamp) -> Option<Url> {
    let mut url = under(app, &["v1.0", "auditLogs", "signIns"])?;
    let filter = format!("createdDateTime ge {from} and createdDateTime le {to}");
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
