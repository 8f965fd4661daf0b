//! App connectors. What is the same for all is in [`connection`], [`poll`] and [`walk`]; what one vendor does its own way is a
//! [`Connector`], a table of a few lines and functions: [`miro`] and [`entra`].

pub(crate) mod connection;
pub(crate) mod entra;
pub(crate) mod miro;
pub(crate) mod poll;
pub(crate) mod walk;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use crate::connections::{App, Vendor};
use crate::http::Failure;
use crate::normalize::{Event, Listed, Malformed};
use crate::state::accounts::UserList;

/// One vendor's way of doing what every connector does.
pub(crate) struct Connector {
    /// The log's name in reports and checkpoints.
    pub(crate) log: &'static str,
    /// The field that holds an entry's id.
    pub(crate) id: &'static str,
    /// What the user list is.
    pub(crate) list: UserList,
    /// How far back the vendor serves its log.
    pub(crate) retention: SignedDuration,
    /// Where to ask what the token may do, if there is such a place.
    pub(crate) permissions: Option<fn(&App) -> Option<Url>>,
    /// The first page of the user list.
    pub(crate) users: fn(&App) -> Option<Url>,
    /// The first page of the log between two moments, both included.
    pub(crate) entries: fn(&App, Timestamp, Timestamp) -> Option<Url>,
    /// What a page holds; the second argument is where it was asked.
    pub(crate) page: fn(&Value, &Url) -> Result<Page, Failure>,
    /// A row of the user list.
    pub(crate) user: fn(&Value, Timestamp) -> Result<Listed, Malformed>,
    /// An entry of the log.
    pub(crate) event: fn(&Value) -> Result<Event, Malformed>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) next: Option<Url>,
}

/// The connector for a vendor's apps.
pub(crate) fn connector(vendor: Vendor) -> &'static Connector {
    match vendor {
        Vendor::Miro => &miro::CONNECTOR,
        Vendor::Entra => &entra::CONNECTOR,
    }
}

/// Where an app lists the people it has deleted; only a directory does.
fn departures(app: &App) -> Option<Url> {
    match app.vendor {
        Vendor::Entra => entra::departures(app),
        Vendor::Miro => None,
    }
}

/// `path` under the app's root; `path` may hold ids, which are encoded.
fn under(app: &App, path: &[&str]) -> Option<Url> {
    let mut url = Url::parse(&app.base_url).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

/// The list under `key`, which must be there.
fn items(body: &Value, key: &str) -> Result<Vec<Value>, Failure> {
    body[key].as_array().cloned().ok_or_else(|| Failure::Unreadable(format!("no list `{key}`")))
}
