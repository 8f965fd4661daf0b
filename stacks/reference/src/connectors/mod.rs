//! App connectors. What is the same for all is in [`connection`], [`poll`], [`walk`], [`users`], [`grants`], [`health`] and
//! [`intake`], and in [`receive`] for events that are sent to us; what one vendor does its own way is a [`Connector`], a
//! table of a few lines and functions: [`miro`], [`entra`], [`github`], [`okta`], [`workplace`] and [`admin_center`].

pub(crate) mod admin_center;
pub(crate) mod connection;
pub(crate) mod entra;
pub(crate) mod github;
pub(crate) mod grants;
pub(crate) mod health;
mod hint;
pub(crate) mod intake;
pub(crate) mod miro;
pub(crate) mod okta;
pub(crate) mod poll;
pub(crate) mod receive;
pub(crate) mod subscription;
pub(crate) mod users;
pub(crate) mod walk;
pub(crate) mod workplace;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use self::grants::GrantList;
use crate::api::Request;
use crate::bug::{Bug, planted};
use crate::connections::{Access, App, Vendor};
use crate::habits::{Habits, Order};
use crate::http::{Answer, Failure, Manners};
use crate::normalize::{Event, Listed, Malformed};
use crate::secret::Secret;
use crate::state::accounts::UserList;

/// One vendor's way of doing what every connector does.
pub(crate) struct Connector {
    /// How it wants to be spoken to.
    pub(crate) manners: Manners,
    /// Where to ask what the token may do, if there is such a place, and where the answer says so.
    pub(crate) permissions: Option<Permissions>,
    /// How the size of a page is asked for.
    pub(crate) page_size: PageSize,
    /// The parameter that turns the log round, as it is and as it is then; none where the order is the vendor's.
    pub(crate) order: Option<[(&'static str, &'static str); 2]>,
    /// The user lists.
    pub(crate) users: Users,
    /// Lists of what is let in beside people.
    pub(crate) grants: &'static [GrantList],
    /// The logs, in the order in which they are read.
    pub(crate) logs: &'static [Log],
    /// What a page of a list holds; the second argument is where it was asked.
    pub(crate) page: fn(&Answer, &Url) -> Result<Page, Failure>,
}

/// How the size of a page is asked for.
pub(crate) struct PageSize {
    pub(crate) parameter: &'static str,
    pub(crate) most: u32,
}

/// Where a token's permissions are read.
pub(crate) struct Permissions {
    pub(crate) url: fn(&App) -> Option<Url>,
    /// The scopes that an answer names; none if it does not speak of them.
    pub(crate) granted: fn(&Answer) -> Option<Vec<String>>,
}

/// A vendor's lists of users.
pub(crate) struct Users {
    /// What they are lists of.
    pub(crate) list: UserList,
    /// The first page of each.
    pub(crate) first: fn(&App) -> Vec<Url>,
    /// Words of the log after which the lists are read again.
    pub(crate) changed_by: &'static [&'static str],
    /// Whether a page that we have already is answered with 304, free of charge.
    pub(crate) conditional: Conditional,
    /// A row.
    pub(crate) read: fn(&Value, Timestamp) -> Result<Listed, Malformed>,
    /// The first page of those whom it has deleted; only a directory tells.
    pub(crate) departed: Option<fn(&App) -> Option<Url>>,
}

/// Whether a vendor answers "the same still" to who has a page already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conditional {
    Yes,
    No,
}

/// A vendor's log.
pub(crate) struct Log {
    /// Its name in reports and checkpoints.
    pub(crate) name: &'static str,
    /// The field that holds an entry's id; none where the id is made of several.
    pub(crate) id: Option<&'static str>,
    /// How its entries come to us.
    pub(crate) source: Source,
    /// An entry.
    pub(crate) read: fn(&Value) -> Result<Event, Malformed>,
}

/// How a log's entries come to us.
pub(crate) enum Source {
    /// We ask.
    Pulled {
        /// How far back the vendor serves it.
        retention: SignedDuration,
        /// The first page between two moments, both included.
        first: fn(&App, Timestamp, Timestamp) -> Option<Url>,
    },
    /// The vendor sends them to where we subscribed.
    Pushed(Push),
}

/// How a vendor sends events.
pub(crate) struct Push {
    /// What we have subscribed to.
    pub(crate) subscriptions: fn(&App) -> Option<Request>,
    /// Who is sent the events, going by that answer, where our address is this.
    pub(crate) holder: fn(&Answer, &str) -> Result<Holder, Failure>,
    /// Subscribes an address; the last argument is what the vendor hands back so that we know who asks.
    pub(crate) subscribe: fn(&App, &str, &Secret) -> Option<Request>,
    /// The key of the signatures.
    pub(crate) key: fn(&App) -> Option<&Secret>,
    /// For how long the vendor tries to deliver what nobody takes.
    pub(crate) sent_for: SignedDuration,
    /// How long after it was put together a delivery may come.
    pub(crate) longest_way: SignedDuration,
    /// What a delivery for this app holds.
    pub(crate) open: fn(&App, &Value) -> Result<Delivery, Malformed>,
}

/// Who is sent the events of a topic that has one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    Us,
    Nobody,
    SomebodyElse,
}

/// What was sent.
#[derive(Debug, PartialEq)]
pub(crate) struct Delivery {
    /// When the youngest part of it was put together.
    pub(crate) made_at: Timestamp,
    pub(crate) records: Vec<Value>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) next: Option<Url>,
}

/// The connector for an app; none for what is read by [`crate::usage`].
pub(crate) fn connector(app: &App) -> Option<&'static Connector> {
    match app.vendor {
        Vendor::Miro => Some(&miro::CONNECTOR),
        Vendor::Entra => Some(&entra::CONNECTOR),
        Vendor::Github => Some(&github::CONNECTOR),
        Vendor::Workplace if app.access() == Access::ClientCredentials => Some(&admin_center::CONNECTOR),
        Vendor::Workplace => Some(&workplace::CONNECTOR),
        Vendor::Okta => Some(&okta::CONNECTOR),
        Vendor::Defender => None,
    }
}

/// `path` under the app's root; `path` may hold ids, which are encoded.
pub(crate) fn under(app: &App, path: &[&str]) -> Option<Url> {
    let mut url = Url::parse(&app.base_url).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

/// The list under `key`, which must be there.
fn items(mut body: Value, key: &str) -> Result<Vec<Value>, Failure> {
    match body.get_mut(key).map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ if planted(Bug::DataMissingListKey) => panic!("no list `{key}`"),
        _ => Err(Failure::Unreadable(format!("no list `{key}`"))),
    }
}

impl Connector {
    /// The log that the vendor sends, and how.
    pub(crate) fn pushed(&self) -> Option<(&'static Log, &'static Push)> {
        self.logs.iter().find_map(|log| match &log.source {
            Source::Pushed(push) => Some((log, push)),
            Source::Pulled { .. } => None,
        })
    }

    /// The first page of a list as somebody of these habits asks for it.
    fn asked_by(&self, habits: &Habits, first: &Url) -> Url {
        let turned = self.order.filter(|_| habits.order == Order::NewestFirst);
        let sized = habits.page_size.map(|size| size.clamp(1, self.page_size.most));
        let url = sized.map_or_else(|| first.clone(), |size| self.sized(first, size));
        with_values(&url, |key, value| {
            let [_, (_, then)] = turned.filter(|[as_is, _]| *as_is == (key, value))?;
            Some(then.to_owned())
        })
    }

    /// The same page with so many records, where its address says how many.
    fn sized(&self, url: &Url, size: u32) -> Url {
        with_values(url, |key, _| (key == self.page_size.parameter).then(|| size.to_string()))
    }

    /// How many records a page is asked to hold, where its address says so.
    fn size(&self, url: &Url) -> Option<u32> {
        asked_for(url, self.page_size.parameter)?.parse().ok()
    }
}

/// The address with other values for some of its parameters.
fn with_values(url: &Url, other: impl Fn(&str, &str) -> Option<String>) -> Url {
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .map(|(key, value)| {
            let value = other(&key, &value).unwrap_or(value);
            (key, value)
        })
        .collect();
    let mut url = url.clone();
    if !pairs.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url
}

/// A parameter of the address that was asked.
fn asked_for(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
