//! `drip`: the body comes in small pieces, with simulated time between them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::clock::{Clock, ExchangeGuard};
use crate::time::SimTime;

/// Into how many pieces a body is taken apart, at most.
const PIECES: usize = 10;

type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body that takes its time. `K` is kept until the last piece is sent or the client is gone.
pub(crate) struct DripBody<K> {
    pieces: VecDeque<(SimTime, Bytes)>,
    left: u64,
    pause: Option<Pause>,
    clock: Clock,
    exchange: Option<Arc<ExchangeGuard>>,
    name: String,
    kept: Option<K>,
}

impl<K> DripBody<K> {
    /// `body`, its first piece now and its last `over` later. `name` names the moments at which pieces are sent.
    pub(crate) fn new(
        body: &Bytes,
        over: Duration,
        clock: Clock,
        exchange: Option<ExchangeGuard>,
        name: String,
        kept: K,
    ) -> Self {
        let (now, size) = (clock.now(), body.len().div_ceil(PIECES).max(1));
        let count = body.len().div_ceil(size);
        let at = |n: usize| {
            let us = over.as_micros() * n as u128 / count.saturating_sub(1).max(1) as u128;
            now + Duration::from_micros(u64::try_from(us).unwrap_or(u64::MAX))
        };
        let piece = |n: usize| (at(n), body.slice(n * size..body.len().min((n + 1) * size)));
        let pieces = (0..count).map(piece).collect();
        let exchange = exchange.map(Arc::new);
        Self { pieces, left: body.len() as u64, pause: None, clock, exchange, name, kept: Some(kept) }
    }

    fn wait(&self, until: SimTime) -> Pause {
        let (clock, exchange, name) = (self.clock.clone(), self.exchange.clone(), self.name.clone());
        Box::pin(async move { clock.detain(exchange.as_deref(), Some(until), &name).await })
    }
}

impl<K: Unpin> Body for DripBody<K> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((at, _)) = self.pieces.front() else {
            self.kept = None;
            self.exchange = None;
            return Poll::Ready(None);
        };
        let at = *at;
        if self.pause.is_none() && self.clock.now() < at {
            self.pause = Some(self.wait(at));
        }
        // Once begun it is waited out, even where time is there already: the clock counts who it holds.
        if let Some(pause) = self.pause.as_mut()
            && pause.as_mut().poll(cx).is_pending()
        {
            return Poll::Pending;
        }
        self.pause = None;
        let piece = self.pieces.pop_front().map(|(_, piece)| piece).unwrap_or_default();
        self.left -= piece.len() as u64;
        if self.pieces.is_empty() {
            // The client may act on the last piece at once, so the exchange is over before it leaves.
            self.kept = None;
            self.exchange = None;
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
