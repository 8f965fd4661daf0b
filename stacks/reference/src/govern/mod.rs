//! Governance: carrying out what alerts call for, through the directory or the app that it is about, once each.
//!
//! A command is in the database before its first call leaves. When an answer is lost — timed out, broken off, the
//! vendor's own trouble, or this very process killed — nobody knows whether the call took effect. So before it is
//! repeated the user's state is read back, and a call that did take effect counts as done. A mail leaves nothing to
//! read; it is sent again, since to be told twice is better than not at all.

mod github;
mod graph;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::connections::{App, Vendor};
use crate::connectors::connection::Rules;
use crate::http::{Answer, Failure};
use crate::normalize::ocsf;
use crate::state::commands::Command;
use crate::state::{Kind, StateError};

/// How one vendor is asked to act.
pub(crate) struct Hands {
    /// The call that carries out a command on a user, if there is one.
    call: fn(&App, &Command, &User) -> Option<Request>,
    /// Where the effect of a command can be read back, if it leaves any.
    state: fn(&App, &Command, &User) -> Option<Request>,
    /// Whether what was read back is as the command, first called for at that time, wants.
    is_done: fn(&Command, &Read, Option<Timestamp>) -> bool,
}

/// How a user is named to a vendor.
pub(crate) struct User {
    uid: String,
    login: String,
}

/// What was read back.
pub(crate) enum Read {
    Answer(Answer),
    /// The vendor knows nothing of the kind.
    Nothing,
}

/// The hands that a vendor has, if it has any.
pub(crate) fn hands(vendor: Vendor) -> Option<&'static Hands> {
    match vendor {
        Vendor::Entra => Some(&graph::HANDS),
        Vendor::Github => Some(&github::HANDS),
        Vendor::Miro | Vendor::Workplace | Vendor::Defender => None,
    }
}

/// Whoever acts in one directory or app.
pub(crate) struct Governor {
    api: Api,
    app: App,
    hands: &'static Hands,
    rules: Arc<Rules>,
    who: String,
}

/// Whether an earlier call for the same command may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    No,
    Perhaps,
}

impl Governor {
    /// Acts where `api` speaks to.
    pub(crate) fn new(api: Api, app: App, hands: &'static Hands, rules: Arc<Rules>) -> Self {
        let who = format!("govern:{}", api.instance);
        Self { api, app, hands, rules, who }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self) -> Result<(), StateError> {
        let mut ordered = self.rules.ordered.subscribe();
        // What the directory could not do for now is tried again at the next beat, behind what can be done at once.
        let mut put_off = BTreeSet::new();
        loop {
            while let Some(command) = self.next(&put_off)? {
                match self.carry_out(&command).await {
                    Ok(()) => self.close(&command, Ok(()))?,
                    Err(Trouble::Stopping) => return Ok(()),
                    Err(Trouble::State(error)) => return Err(error),
                    Err(_) if planted(Bug::GovReportedDoneButNot) => self.close(&command, Ok(()))?,
                    Err(trouble) if trouble.passes() && !planted(Bug::GovLostCall) => {
                        self.tell(&command, &trouble)?;
                        put_off.insert(command.uid);
                    }
                    Err(trouble) => self.close(&command, Err(&trouble.to_string()))?,
                }
            }
            let beat = async {
                match put_off.is_empty() && !planted(Bug::GovLate) {
                    true => std::future::pending().await,
                    false => self.api.clock().pause(&self.who, self.rules.poll_every).await,
                }
            };
            tokio::select! {
                biased;
                () = self.api.clock().stopped() => return Ok(()),
                _ = ordered.changed(), if !planted(Bug::GovLate) => {}
                _ = beat => put_off.clear(),
            }
        }
    }

    fn next(&self, put_off: &BTreeSet<String>) -> Result<Option<Command>, StateError> {
        let open = self.api.state.read(|tx| tx.open_commands(&self.api.instance))?;
        Ok(open.into_iter().find(|command| !put_off.contains(&command.uid)))
    }

    fn tell(&self, command: &Command, trouble: &Trouble) -> Result<(), StateError> {
        let reason = format!("{} is not done yet: {trouble}", command.action);
        self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))
    }

    async fn carry_out(&self, command: &Command) -> Result<(), Trouble> {
        let user = self.user(command)?;
        let Some(call) = (self.hands.call)(&self.app, command, &user) else {
            return Err(Trouble::Nonsense("the vendor has no way to do this"));
        };
        if planted(Bug::GovClaimedWithoutCall) {
            return Ok(());
        }
        let mut earlier = if command.first_sent_at.is_some() { Earlier::Perhaps } else { Earlier::No };
        let mut first_sent_at = command.first_sent_at;
        let mut attempt = 1;
        loop {
            if earlier == Earlier::Perhaps
                && !planted(Bug::GovDuplicateCall)
                && self.took_effect(command, first_sent_at).await?
            {
                return Ok(());
            }
            self.api.state.write(|tx| tx.note_attempt(&command.uid))?;
            first_sent_at = first_sent_at.or(Some(self.api.clock().now()));
            let failure = match self.api.once(&self.who, &call).await {
                Ok(_) => return Ok(()),
                Err(Trouble::Vendor(failure)) => failure,
                Err(trouble) => return Err(trouble),
            };
            let lost = matches!(failure, Failure::NoAnswer(_) | Failure::Server { .. });
            earlier = if lost { Earlier::Perhaps } else { earlier };
            self.api.wait(&self.who, failure, attempt).await?;
            attempt += 1;
        }
    }

    /// Reads back whether the user is already as the command wants.
    async fn took_effect(&self, command: &Command, first_sent_at: Option<Timestamp>) -> Result<bool, Trouble> {
        let user = self.named(&command.target)?;
        let Some(request) = (self.hands.state)(&self.app, command, &user) else { return Ok(false) };
        let mut attempt = 1;
        let read = loop {
            match self.api.once(&self.who, &request).await {
                Ok(answer) => break Read::Answer(answer),
                Err(Trouble::Vendor(Failure::Refused { status: 404, .. })) => break Read::Nothing,
                Err(Trouble::Vendor(failure)) => self.api.wait(&self.who, failure, attempt).await?,
                Err(trouble) => return Err(trouble),
            }
            attempt += 1;
        };
        Ok((self.hands.is_done)(command, &read, first_sent_at))
    }

    fn user(&self, command: &Command) -> Result<User, StateError> {
        #[cfg(feature = "planted-bugs")]
        if planted(Bug::GovWrongUserAfterRename) {
            let address = command.email.as_deref().unwrap_or_default();
            let now = self.api.state.read(|tx| tx.whoever_has(&self.api.instance, address))?;
            return self.named(now.as_deref().unwrap_or(&command.target));
        }
        #[cfg(feature = "planted-bugs")]
        if planted(Bug::GovWrongUserNameMatch) {
            let other = self.api.state.read(|tx| tx.somebody_else(&self.api.instance, &command.target))?;
            return self.named(other.as_deref().unwrap_or(&command.target));
        }
        self.named(&command.target)
    }

    fn named(&self, uid: &str) -> Result<User, StateError> {
        let login = self.api.state.read(|tx| tx.login_of(&self.api.instance, uid))?;
        Ok(User { uid: uid.to_owned(), login: login.unwrap_or_else(|| uid.to_owned()) })
    }

    fn close(&self, command: &Command, outcome: Result<(), &str>) -> Result<(), StateError> {
        self.api.state.write(|tx| {
            tx.finish(&command.uid)?;
            let attempt = tx.attempts(&command.uid)?;
            let command = Command { attempt, ..command.clone() };
            tx.emit(Kind::Action, &ocsf::remediation(&command, outcome, tx.now()))
        })
    }
}
