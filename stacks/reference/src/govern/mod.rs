//! Governance: carrying out what alerts call for, through the directory or the app that it is about, once each.
//!
//! A command is in the database before its first call leaves. When an answer is lost — timed out, broken off, the
//! vendor's own trouble, or this very process killed — nobody knows whether the call took effect. So before it is
//! repeated the user's state is read back, and a call that did take effect counts as done. An answer is no proof either: what
//! was answered as done is read back as well, and called for again if nothing came of it. A mail leaves nothing to
//! read; it is sent again, since to be told twice is better than not at all.
//!
//! What is done to a thing of somebody's (a grant, a file, an alert) is first looked up as it is now, and again after every
//! call: it is done when there is nothing left to do, whoever did it.

mod defender;
mod github;
mod graph;
mod miro;
mod okta;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::connections::{App, Vendor};
use crate::connectors::connection::Rules;
use crate::http::{Answer, Failure};
use crate::normalize::ocsf::{self, Outcome};
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
    /// Where the thing is looked up that a command is about, if it is about one.
    look: fn(&App, &Command) -> Option<Request>,
    /// What is to be done to what was found.
    found: fn(&App, &Command, &Value) -> Found,
}

/// What there is to do to a thing.
pub(crate) enum Found {
    /// This.
    Do(Request),
    /// Nothing: it is so already, or gone.
    Nothing,
    /// Nothing yet: the thing has not come into being.
    NotYet,
}

/// For a vendor at which nothing is done to things.
fn no_things(_: &App, _: &Command) -> Option<Request> {
    None
}

/// How often a call that was answered as done is made again when what it was for is found as it was.
const MOST_CALLS: u32 = 5;
/// For how long a thing that has not come into being is waited for.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// What there is to say of a call that never has an effect.
const NOT_DONE: Trouble = Trouble::Nonsense("it was answered as done again and again, and is not");

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
        Vendor::Defender => Some(&defender::HANDS),
        Vendor::Miro => Some(&miro::HANDS),
        Vendor::Okta => Some(&okta::HANDS),
        Vendor::Workplace => None,
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
                    Ok(outcome) => self.close(&command, outcome)?,
                    Err(Trouble::Stopping) => return Ok(()),
                    Err(Trouble::State(error)) => return Err(error),
                    Err(_) if planted(Bug::GovReportedDoneButNot) => self.close(&command, Outcome::Done)?,
                    Err(Trouble::NotYet) if self.may_still_come(&command) => drop(put_off.insert(command.uid)),
                    Err(trouble @ Trouble::NotYet) => self.close(&command, Outcome::Failed(&trouble.to_string()))?,
                    // What was ordered while an administrator has to consent anew is done then.
                    Err(trouble)
                        if (trouble.passes() || matches!(trouble, Trouble::ConsentNeeded))
                            && !planted(Bug::GovLostCall) =>
                    {
                        self.tell(&command, &trouble)?;
                        put_off.insert(command.uid);
                    }
                    Err(trouble) => self.close(&command, Outcome::Failed(&trouble.to_string()))?,
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

    /// Whether what a command is about may still come into being.
    fn may_still_come(&self, command: &Command) -> bool {
        self.api.clock().now().duration_since(command.ordered_at) < PATIENCE
    }

    fn tell(&self, command: &Command, trouble: &Trouble) -> Result<(), StateError> {
        let reason = format!("{} is not done yet: {trouble}", command.action);
        self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))
    }

    async fn carry_out(&self, command: &Command) -> Result<Outcome<'static>, Trouble> {
        if let Some(look) = (self.hands.look)(&self.app, command) {
            return self.carry_out_upon(command, &look).await;
        }
        let user = self.user(command)?;
        let Some(call) = (self.hands.call)(&self.app, command, &user) else {
            return Err(Trouble::Nonsense("the vendor has no way to do this"));
        };
        if planted(Bug::GovClaimedWithoutCall) {
            return Ok(Outcome::Done);
        }
        let mut earlier = if command.first_sent_at.is_some() { Earlier::Perhaps } else { Earlier::No };
        let mut first_sent_at = command.first_sent_at;
        let mut attempt = 1;
        loop {
            if earlier == Earlier::Perhaps
                && !planted(Bug::GovDuplicateCall)
                && self.took_effect(command, first_sent_at).await?
            {
                return Ok(Outcome::Done);
            }
            self.api.state.write(|tx| tx.note_attempt(&command.uid))?;
            first_sent_at = first_sent_at.or(Some(self.api.clock().now()));
            let failure = match self.api.once(&self.who, &call).await {
                Ok(_) if self.shows(command, first_sent_at).await? => return Ok(Outcome::Done),
                Ok(_) if attempt >= MOST_CALLS => return Err(NOT_DONE),
                Ok(_) => Failure::Unreadable("it was answered as done, and is not".to_owned()),
                Err(Trouble::Vendor(failure)) => failure,
                Err(trouble) => return Err(trouble),
            };
            let lost = matches!(failure, Failure::NoAnswer(_) | Failure::Server { .. });
            earlier = if lost { Earlier::Perhaps } else { earlier };
            self.api.wait(&self.who, failure, attempt).await?;
            attempt += 1;
        }
    }

    /// Carries out a command upon a thing: until it is found done.
    async fn carry_out_upon(&self, command: &Command, look: &Request) -> Result<Outcome<'static>, Trouble> {
        if planted(Bug::GovClaimedWithoutCall) {
            return Ok(Outcome::Done);
        }
        let mut outcome = if command.first_sent_at.is_some() { Outcome::Done } else { Outcome::Needless };
        let (mut calls, mut attempt) = (0, 1);
        while calls < MOST_CALLS {
            let found = self.api.ask(&self.who, look, |answer| answer.json::<Value>()).await?;
            let call = match (self.hands.found)(&self.app, command, &found) {
                Found::Do(call) => call,
                Found::Nothing => return Ok(outcome),
                Found::NotYet => return Err(Trouble::NotYet),
            };
            self.api.state.write(|tx| tx.note_attempt(&command.uid))?;
            outcome = Outcome::Done;
            match self.api.once(&self.who, &call).await {
                // What somebody else did meanwhile shows when it is looked up again.
                Ok(_) | Err(Trouble::Vendor(Failure::Refused { status: 404, .. })) => calls += 1,
                Err(Trouble::Vendor(failure)) => {
                    self.api.wait(&self.who, failure, attempt).await?;
                    attempt += 1;
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(NOT_DONE)
    }

    /// Whether what was answered as done can be seen, where there is anything to see and we may look.
    async fn shows(&self, command: &Command, first_sent_at: Option<Timestamp>) -> Result<bool, Trouble> {
        let user = self.named(&command.target)?;
        if planted(Bug::GovAnswerBelieved) || (self.hands.state)(&self.app, command, &user).is_none() {
            return Ok(true);
        }
        match self.took_effect(command, first_sent_at).await {
            Err(Trouble::Vendor(Failure::Refused { .. })) => Ok(true),
            other => other,
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

    fn close(&self, command: &Command, outcome: Outcome<'_>) -> Result<(), StateError> {
        self.api.state.write(|tx| {
            tx.finish(&command.uid)?;
            let attempt = tx.attempts(&command.uid)?;
            let command = Command { attempt, ..command.clone() };
            tx.emit(Kind::Action, &ocsf::remediation(&command, outcome, tx.now()))
        })
    }
}
