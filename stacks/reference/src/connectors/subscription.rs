//! The subscription that brings an app's events: made, looked after, and missed when it is gone.

use super::connection::Connection;
use super::{Holder, Log, Push};
use crate::api::Trouble;
use crate::bug::{Bug, planted};
use crate::http::Answer;

impl Connection {
    /// Sees to it that events are sent to us. Where that was so before and is no more, what happened meanwhile is nowhere to
    /// be had. Neither is what the vendor has given up sending while nobody was here. Somebody else's subscription is not
    /// ours to end: as long as he has the topic we are in trouble, and no more.
    pub(super) async fn keep_subscribed(&self, log: &Log, push: &Push) -> Result<(), Trouble> {
        let (instance, log) = (&self.api.instance, log.name);
        if planted(Bug::HookSubscriptionExpiry) && self.api.state.read(|tx| tx.checkpoint(instance, log))?.is_some() {
            return Ok(());
        }
        let callback = self.intake.rules.callback(instance);
        let callback = callback.ok_or(Trouble::Nonsense("there is no address for webhooks"))?;
        let incomplete = || Trouble::Nonsense("the app has no id or secret");
        let ask = (push.subscriptions)(&self.app).ok_or_else(incomplete)?;
        let verify = super::receive::verify_token(instance, push, &self.app).ok_or_else(incomplete)?;
        let subscribe = (push.subscribe)(&self.app, &callback, &verify).ok_or_else(incomplete)?;
        let mut attempt = 1;
        // Asked again before each try: a second subscription drops what the first one has still to bring.
        loop {
            match self.api.ask(instance, &ask, |answer: &Answer| (push.holder)(answer, &callback)).await? {
                Holder::Us => break,
                Holder::SomebodyElse if !planted(Bug::HookStealsSubscription) => {
                    self.api.state.write(|tx| tx.owe_gap(instance, log))?;
                    return Err(Trouble::Nonsense("events are sent to somebody else's address, which we leave to him"));
                }
                Holder::SomebodyElse | Holder::Nobody => {}
            }
            // Written down before: killed after the vendor has agreed, the next process finds all in order.
            self.api.state.write(|tx| tx.owe_gap(instance, log))?;
            match self.api.once(instance, &subscribe).await {
                Ok(_) => break,
                Err(Trouble::Vendor(failure)) => self.api.wait(instance, failure, attempt).await?,
                Err(trouble) => return Err(trouble),
            }
            attempt += 1;
        }
        let now = self.api.clock().now();
        self.api.state.write(|tx| {
            let stood = tx.checkpoint(instance, log)?;
            tx.keep_checkpoint(instance, log, now)?;
            let given_up = now - push.sent_for;
            match stood {
                Some(stood) if stood.gap_owed => self.report_gap(tx, stood.read_until, now),
                Some(stood) if stood.read_until < given_up && !planted(Bug::HookLostWhileDown) => {
                    self.report_gap(tx, stood.read_until, given_up)
                }
                _ => Ok(()),
            }
        })?;
        Ok(())
    }
}
