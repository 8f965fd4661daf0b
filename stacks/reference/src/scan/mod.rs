//! Data scan: what stands in boards, posts, repositories and files that should not stand there.
//!
//! Every twelve hours each connected app is walked through, if a file policy is in force; what has not changed since it was
//! looked into is not read again. What is found is kept as an event of the app and handed to the detections, one alert a file.
//!
//! - [`content`]: how card numbers and credentials are told; pure functions
//! - [`sources`]: where each vendor keeps what people write
//!
//! Nothing of a text is kept or reported but the kinds of what was found.

mod content;
mod sources;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use crate::api::{Api, Request, Trouble};
use crate::clock::Wake;
use crate::connections::{App, Vendor};
use crate::connectors::Page;
use crate::connectors::connection::Rules;
use crate::detect::{self, sensitive_content};
use crate::http::{Answer, Failure};
use crate::normalize::{Event, EventKind};
use crate::state::StateError;
use crate::state::accounts::UserList;

/// From one scan to the next: as often as Defender for Cloud Apps scans.
const EVERY: SignedDuration = SignedDuration::from_hours(12);
/// After the first poll, which brings the people.
const BEHIND: SignedDuration = SignedDuration::from_mins(10);
/// The name under which finds are kept.
const FILES: &str = "files";

/// Whether anything of a vendor can be scanned.
pub(crate) fn can_be_scanned(vendor: Vendor) -> bool {
    matches!(vendor, Vendor::Miro | Vendor::Github | Vendor::Workplace | Vendor::Defender)
}

/// Who scans one app.
pub(crate) struct Scanner {
    api: Api,
    app: App,
    rules: Arc<Rules>,
    who: String,
}

/// Something that people have made.
struct Thing {
    /// The vendor's id.
    uid: String,
    name: String,
    /// The vendor's id of whose it is.
    owner: Option<String>,
    /// Their address, or whoever else it belongs to.
    email: Option<String>,
    changed_at: Timestamp,
}

impl Scanner {
    /// Scans where `api` speaks to.
    pub(crate) fn new(api: Api, app: App, rules: Arc<Rules>) -> Self {
        let who = format!("scan:{}", api.instance);
        Self { api, app, rules, who }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self) -> Result<(), StateError> {
        match self.keep_going().await {
            Err(Trouble::State(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn keep_going(&self) -> Result<(), Trouble> {
        let mut due = self.api.clock().now() + BEHIND;
        while self.api.clock().pause_until(&self.who, due).await == Wake::Due {
            let scanned = match self.app.vendor {
                Vendor::Miro => self.boards().await,
                Vendor::Github => self.repositories().await,
                Vendor::Workplace => self.posts().await,
                Vendor::Defender => self.matched_files().await,
                Vendor::Entra | Vendor::Okta => Ok(()),
            };
            match scanned {
                Ok(()) => {}
                Err(trouble @ (Trouble::Vendor(_) | Trouble::Nonsense(_) | Trouble::ConsentNeeded)) => {
                    let reason = format!("the data scan is not whole: {trouble}");
                    self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))?;
                }
                Err(fatal) => return Err(fatal),
            }
            while due <= self.api.clock().now() {
                due += EVERY;
            }
        }
        Ok(())
    }

    /// One answer.
    async fn get(&self, url: &Url) -> Result<Value, Trouble> {
        self.api.ask(&self.who, &Request::get(url.as_str()), |answer| answer.json()).await
    }

    /// Every item of a list that is linked from page to page.
    async fn all(&self, first: Url, page: fn(&Answer, &Url) -> Result<Page, Failure>) -> Result<Vec<Value>, Trouble> {
        let (mut items, mut next) = (Vec::new(), Some(first.clone()));
        let mut asked = std::collections::HashSet::new();
        while let Some(url) = next {
            if url.origin() != first.origin() || !asked.insert(url.clone()) {
                return Err(Trouble::Nonsense("the pages lead elsewhere"));
            }
            let ask = Request::get(url.as_str());
            let read = self.api.ask(&self.who, &ask, |answer| page(answer, &url)).await?;
            items.extend(read.items);
            next = read.next;
        }
        Ok(items)
    }

    /// Whether a thing was looked into as it is.
    fn is_known(&self, thing: &Thing, mark: &str) -> Result<bool, StateError> {
        self.api.state.read(|tx| tx.is_scanned(&self.api.instance, &thing.uid, mark))
    }

    /// Keeps what was found in a thing, with all that it means, and that it was looked into.
    fn keep(&self, thing: &Thing, mark: &str, found: &[&'static str]) -> Result<(), StateError> {
        self.api.state.write(|tx| {
            tx.note_scanned(&self.api.instance, &thing.uid, mark)?;
            let event = (!found.is_empty()).then(|| thing.event(found));
            let list = UserList::Members;
            let kept = event.map(|event| tx.keep_event(&self.api.instance, list, &event, None)).transpose()?;
            let fresh = kept.flatten().into_iter().collect();
            detect::weigh(tx, &self.rules.policies, &self.rules.instances, fresh)
        })?;
        self.rules.ordered.send_replace(());
        Ok(())
    }

    /// Looks into a thing that has changed since it was looked into.
    fn look_into(&self, thing: &Thing, mark: &str, text: &str) -> Result<(), StateError> {
        self.keep(thing, mark, &content::kinds(text))
    }
}

impl Thing {
    fn event(&self, found: &[&'static str]) -> Event {
        Event {
            uid: self.uid.clone(),
            log: FILES,
            at: self.changed_at,
            account: self.owner.clone(),
            email: self.email.as_deref().map(str::to_lowercase),
            ip: None,
            kind: EventKind::Other,
            ocsf: json!({
                "api": {"operation": sensitive_content::FOUND},
                "resources": [{"uid": self.uid, "name": self.name}],
                "unmapped": {"details": {"name": self.name, "found": found}},
            }),
        }
    }
}
