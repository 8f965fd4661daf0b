//! Who is let in beside people in person: apps, tokens and keys, with what they may do. Read once a day while a policy about
//! apps is in force. What is new, other than before or gone is reported as OCSF's application lifecycle, in the log
//! [`APP_PERMISSIONS`].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::connection::Connection;
use super::walk::{Remaining, Walk};
use crate::api::Trouble;
use crate::bug::{Bug, planted};
use crate::connections::App;
use crate::http::Failure;
use crate::normalize::ocsf::{self, Class, Product};
use crate::normalize::{Grant, Malformed};
use crate::state::grants::Change;
use crate::state::{Kind, StateError, Tx};

/// The name of the list in reports.
pub(crate) const APP_PERMISSIONS: &str = "app_permissions";

const READ_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A list of what is let in.
pub(crate) struct GrantList {
    /// Its name, under which its rows are kept.
    pub(crate) name: &'static str,
    /// Whose product it is.
    pub(crate) product: Product,
    /// Its first page.
    pub(crate) first: fn(&App) -> Option<Url>,
    /// A row.
    pub(crate) read: fn(&Value) -> Result<Grant, Malformed>,
}

impl Connection {
    /// Reads every list if it is time to. One that our token may not see is passed over: another kind of token may see it.
    pub(super) async fn read_grants_if_due(&self) -> Result<(), Trouble> {
        let (instance, lists) = (&self.api.instance, self.intake.connector.grants);
        if lists.is_empty() || !self.intake.rules.policies.want_grants() {
            return Ok(());
        }
        let now = self.api.clock().now();
        let last = self.api.state.write(|tx| tx.checkpoint(instance, APP_PERMISSIONS))?;
        if last.is_some_and(|last| now < last.read_until + READ_EVERY) {
            return Ok(());
        }
        for list in lists {
            let Some(first) = (list.first)(&self.app) else { continue };
            match self.read_grants(list, &first, now).await {
                Err(Trouble::Vendor(Failure::Refused { status: 403 | 404, .. })) => {}
                read => read?,
            }
        }
        Ok(self.api.state.write(|tx| tx.keep_checkpoint(instance, APP_PERMISSIONS, now))?)
    }

    async fn read_grants(&self, list: &GrantList, first: &Url, now: Timestamp) -> Result<(), Trouble> {
        let mut walk = Walk::new(&self.api, self.intake.connector, first, None);
        while let Some((rows, remaining)) = walk.page().await? {
            self.api.state.write(|tx| {
                rows.iter().try_for_each(|row| self.take_grant(tx, list, row, now))?;
                if remaining == Remaining::None { self.settle_grants(tx, list, now) } else { Ok(()) }
            })?;
        }
        Ok(())
    }

    /// Keeps a row, and tells of it if it is new or other than before. One that cannot be understood stops no other.
    fn take_grant(&self, tx: &Tx<'_>, list: &GrantList, row: &Value, now: Timestamp) -> Result<(), StateError> {
        match (list.read)(row) {
            Ok(grant) => match tx.keep_grant(&self.api.instance, list.name, &grant, now)? {
                Some(change) => self.tell(tx, list, &grant, change, now),
                None => Ok(()),
            },
            Err(malformed) => {
                tracing::warn!(app = self.api.instance, list = list.name, "a grant is passed over: {malformed}");
                Ok(())
            }
        }
    }

    /// Tells of those that are no longer there.
    fn settle_grants(&self, tx: &Tx<'_>, list: &GrantList, now: Timestamp) -> Result<(), StateError> {
        if planted(Bug::GrantsStandForEver) {
            return Ok(());
        }
        for gone in tx.settle_grants(&self.api.instance, list.name, now)? {
            self.tell(tx, list, &gone, Change::Gone, now)?;
        }
        Ok(())
    }

    fn tell(
        &self,
        tx: &Tx<'_>,
        list: &GrantList,
        grant: &Grant,
        change: Change,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let fields = json!({
            "app": {"uid": grant.uid, "name": grant.name},
            "metadata": {"uid": grant.uid, "tenant_uid": self.api.instance, "log_name": APP_PERMISSIONS},
            "unmapped": {"permission": grant.facts},
        });
        // 1 Install, 8 Update, 2 Remove.
        let activity = match change {
            Change::New => 1,
            Change::Other => 8,
            Change::Gone => 2,
        };
        tx.emit(Kind::Event, &ocsf::event(Class::ApplicationLifecycle, activity, 1, now, list.product, fields))
    }
}
