//! The life of one connection: consent, token and permissions, then poll for ever; a test is a poll at once.
//!
//! Its states are told as they are reached: `consent_needed`, `connecting`, `connected` when a poll did all that it has to,
//! `degraded` with the reason when it did not. Those of Defender for Cloud Apps are "Connected" and the text of an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::{Mutex, Notify, watch};

use super::health::Steps;
use super::intake::Intake;
use super::walk::Known;
use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::clock::Wake;
use crate::connections::{App, Vendor};
use crate::detect::Policies;
use crate::geo::Geo;
use crate::habits::{Habits, Polls};
use crate::oauth::consent::authorize_url;
use crate::state::StateError;

/// What all connections go by.
pub(crate) struct Rules {
    pub(crate) policies: Policies,
    pub(crate) geo: Geo,
    pub(crate) poll_every: SignedDuration,
    pub(crate) look_back: SignedDuration,
    /// How far back a log is read that was never read before, by instance or vendor.
    pub(crate) backfill: BTreeMap<String, SignedDuration>,
    pub(crate) lateness: SignedDuration,
    /// For how long a connector may not work before an alert is raised.
    pub(crate) health_within: SignedDuration,
    /// All instances, by name.
    pub(crate) instances: BTreeMap<String, Vendor>,
    /// Where vendors send what they send by themselves, before the name of the instance.
    pub(crate) hooks_url: Option<String>,
    /// Changes when there may be something to do about alerts.
    pub(crate) ordered: watch::Sender<()>,
    pub(crate) habits: Habits,
    /// Held by whoever polls, where apps are polled one by one.
    pub(crate) turn: Mutex<()>,
    /// Changes when somebody asks for a test of every connector.
    pub(crate) tests: watch::Sender<()>,
    /// Rung, by instance, when its user list is to be read at once.
    pub(crate) awaited: BTreeMap<String, Notify>,
}

impl Rules {
    /// Where the vendor of `instance` sends what it sends by itself.
    pub(super) fn callback(&self, instance: &str) -> Option<String> {
        self.hooks_url.as_ref().map(|url| format!("{}/{instance}", url.trim_end_matches('/')))
    }

    /// How far back the log of `instance` is read when it is first connected.
    pub(super) fn backfill(&self, instance: &str) -> SignedDuration {
        let vendor = self.instances.get(instance).map(|vendor| vendor.word());
        let declared = self.backfill.get(instance).or_else(|| self.backfill.get(vendor?));
        declared.copied().unwrap_or(self.look_back)
    }

    /// Waits until the user list of `instance` is to be read, or its log.
    pub(super) async fn awaited(&self, instance: &str) {
        match self.awaited.get(instance) {
            Some(awaited) => awaited.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// One connected instance of an app.
pub(crate) struct Connection {
    pub(super) api: Api,
    pub(super) app: App,
    pub(super) intake: Intake,
    /// Pages of user lists that we have.
    pub(super) known: Known,
    /// Directories of people, to be read before our own list; none of a directory.
    pub(super) directories: Vec<Arc<Connection>>,
    /// When the user lists were last begun to be read; held while they are read.
    pub(super) scanning: Mutex<Option<Timestamp>>,
    /// Rung when a poll did all that it has to.
    pub(super) works: Notify,
    /// Rung when the browser has brought a code.
    consented: Arc<Notify>,
}

impl Connection {
    /// The connection that `api` speaks for.
    pub(crate) fn new(
        api: Api,
        app: App,
        intake: Intake,
        consented: Arc<Notify>,
        directories: Vec<Arc<Connection>>,
    ) -> Self {
        let (known, scanning, works) = (Known::default(), Mutex::default(), Notify::new());
        Self { api, app, intake, known, directories, scanning, works, consented }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self: Arc<Self>) -> Result<(), StateError> {
        match self.connect_and_poll().await {
            Err(Trouble::State(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn connect_and_poll(&self) -> Result<(), Trouble> {
        self.connect().await?;
        let mut due = self.api.clock().now();
        let mut healthy = false;
        let mut polled_at = due;
        let mut asked = self.intake.rules.tests.subscribe();
        let next_poll = format!("poll:{}", self.api.instance);
        loop {
            let outcome = tokio::select! {
                biased;
                wake = self.api.clock().pause_until(&next_poll, due) => match wake {
                    Wake::Due => self.poll_in_turn().await,
                    Wake::Stopping => return Ok(()),
                },
                wake = self.told(polled_at) => match wake {
                    Wake::Due => self.poll().await,
                    Wake::Stopping => return Ok(()),
                },
                Ok(()) = asked.changed() => {
                    // Whoever asks wants an answer, also where it is no news.
                    healthy = false;
                    self.check_permissions().await?;
                    self.poll().await
                }
            };
            polled_at = self.api.clock().now();
            let steps = match outcome {
                Ok(steps) => steps,
                Err(Trouble::ConsentNeeded) => {
                    self.tell_of_trouble("consent was withdrawn", true)?;
                    self.ask_for_consent()?;
                    self.connect().await?;
                    (due, healthy) = (self.api.clock().now(), false);
                    continue;
                }
                Err(other) => return Err(other),
            };
            let trouble = steps.trouble();
            match &trouble {
                Some(reason) => self.tell_of_trouble(reason, steps.is_refused())?,
                None if planted(Bug::QuietIsSick) && self.is_quiet()? => self.tell_of_trouble("no events", true)?,
                None => self.tell_of_success(healthy)?,
            }
            if trouble.is_some() && planted(Bug::EndPolling) {
                return Ok(());
            }
            healthy = trouble.is_none();
            due = self.next(due);
        }
    }

    async fn poll_in_turn(&self) -> Result<Steps, Trouble> {
        let rules = &self.intake.rules;
        let _turn = match rules.habits.polls {
            Polls::SideBySide => None,
            Polls::OneByOne => Some(rules.turn.lock().await),
        };
        self.poll().await
    }

    /// Whether nothing new has happened for a while in any of the logs.
    fn is_quiet(&self) -> Result<bool, StateError> {
        for log in self.intake.connector.logs {
            let read = self.api.state.read(|tx| tx.checkpoint(&self.api.instance, log.name))?;
            if read.is_some_and(|read| read.newest + self.intake.rules.poll_every < self.api.clock().now()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next moment of the beat that is still to come.
    fn next(&self, mut due: Timestamp) -> Timestamp {
        let now = self.api.clock().now();
        while due <= now {
            due += self.intake.rules.poll_every;
        }
        due
    }

    /// Comes back once there is a token that works.
    async fn connect(&self) -> Result<(), Trouble> {
        let clock = self.api.clock();
        loop {
            if self.api.grant.needs_consent()? {
                tokio::select! {
                    biased;
                    () = clock.stopped() => return Err(Trouble::Stopping),
                    () = self.consented.notified() => {}
                }
                continue;
            }
            let reason = match self.api.grant.access_token().await {
                Ok(_) => break,
                Err(Trouble::ConsentNeeded) => {
                    self.ask_for_consent()?;
                    continue;
                }
                Err(trouble @ (Trouble::Vendor(_) | Trouble::Nonsense(_))) => trouble.to_string(),
                Err(other) => return Err(other),
            };
            self.tell_of_trouble(&reason, false)?;
            let again = format!("connect:{}", self.api.instance);
            if clock.pause(&again, self.intake.rules.poll_every).await == Wake::Stopping {
                return Err(Trouble::Stopping);
            }
        }
        self.report("connecting", None)?;
        self.check_permissions().await?;
        self.ask_for_hints().await
    }

    /// Says at once what is missing, and goes on with what is not.
    async fn check_permissions(&self) -> Result<(), Trouble> {
        if planted(Bug::Auth403ScopeSilent) {
            return Ok(());
        }
        let Some(permissions) = &self.intake.connector.permissions else { return Ok(()) };
        let Some(url) = (permissions.url)(&self.app) else { return Ok(()) };
        let ask = Request::get(url);
        match self.api.ask(&self.api.instance, &ask, |answer| Ok((permissions.granted)(answer))).await {
            Ok(granted) => {
                let is_granted = |scope: &str| granted.as_ref().is_none_or(|all| all.iter().any(|s| s == scope));
                let wanted = self.app.scope.as_deref().unwrap_or_default().split_whitespace();
                for missing in wanted.filter(|scope| !is_granted(scope)) {
                    self.report("degraded", Some(&format!("scope {missing} was not granted")))?;
                }
                Ok(())
            }
            Err(fatal @ (Trouble::State(_) | Trouble::Stopping)) => Err(fatal),
            Err(trouble) => self.report("degraded", Some(&trouble.to_string())),
        }
    }

    fn ask_for_consent(&self) -> Result<(), Trouble> {
        let url = authorize_url(&self.api.instance, &self.app);
        let body = json!({"phase": "consent_needed", "app": self.api.instance, "authorize_url": url});
        Ok(self.api.state.status(&body)?)
    }

    pub(super) fn report(&self, phase: &str, reason: Option<&str>) -> Result<(), Trouble> {
        let mut body = json!({"phase": phase, "app": self.api.instance});
        if let Some(reason) = reason {
            body["reason"] = json!(reason);
        }
        Ok(self.api.state.status(&body)?)
    }
}
