//! App permissions: which applications people let in at the directory.
//!
//! Reads the consents of the directory's audit log at every beat, as far as a policy asks for them, and hands them to the
//! detections. What is taken away again is [`crate::govern`]'s: the grant itself is looked up there, as it is then.

use jiff::SignedDuration;
use serde_json::json;

use crate::api::{Api, Trouble};
use crate::clock::Wake;
use crate::connections::App;
use crate::connectors::Source;
use crate::connectors::entra::CONSENTS;
use crate::connectors::intake::Intake;
use crate::connectors::walk::{Remaining, Walk};
use crate::state::StateError;

/// Behind the poll of the same beat, which brings the people.
const BEHIND: SignedDuration = SignedDuration::from_mins(1);

/// Who watches over the applications of one directory.
pub(crate) struct Permissions {
    api: Api,
    app: App,
    intake: Intake,
}

impl Permissions {
    /// Watches where `api` speaks to, going by the rules of that directory's `intake`.
    pub(crate) fn new(api: Api, app: App, intake: &Intake) -> Self {
        Self { api, app, intake: Intake { connector: &CONSENTS, ..intake.clone() } }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self) -> Result<(), StateError> {
        match self.keep_going().await {
            Err(Trouble::State(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn keep_going(&self) -> Result<(), Trouble> {
        let wait = format!("permissions:{}", self.api.instance);
        let mut due = self.api.clock().now() + BEHIND;
        while self.api.clock().pause_until(&wait, due).await == Wake::Due {
            match self.read().await {
                Ok(()) => {}
                Err(trouble @ (Trouble::Vendor(_) | Trouble::Nonsense(_) | Trouble::ConsentNeeded)) => {
                    let reason = format!("app permissions are not read: {trouble}");
                    self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))?;
                }
                Err(fatal) => return Err(fatal),
            }
            while due <= self.api.clock().now() {
                due += self.intake.rules.poll_every;
            }
        }
        Ok(())
    }

    async fn read(&self) -> Result<(), Trouble> {
        let Source::Pulled { retention, first } = &CONSENTS.log.source else { return Ok(()) };
        let (log, now) = (CONSENTS.log.name, self.api.clock().now());
        let read = self.api.state.read(|tx| tx.checkpoint(&self.api.instance, log))?;
        let from = read.map_or(now, |read| read.read_until) - self.intake.rules.look_back;
        let first = first(&self.app, from.max(now - *retention), now);
        let first = first.ok_or(Trouble::Nonsense("the audit log has no address"))?;
        let mut walk = Walk::new(&self.api, &CONSENTS, &first, None);
        while let Some((records, remaining)) = walk.page().await? {
            self.api.state.write(|tx| {
                self.intake.take_entries(tx, &records)?;
                if remaining == Remaining::None {
                    tx.keep_checkpoint(&self.api.instance, log, now)?;
                }
                Ok(())
            })?;
        }
        self.intake.rules.ordered.send_replace(());
        Ok(())
    }
}
