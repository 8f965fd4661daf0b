//! `cut_body`: the connection closes in the middle of the body.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::scenario::Framing;

/// A body of which only the beginning is sent.
#[derive(Debug)]
pub(crate) struct CutBody {
    part: Option<Bytes>,
    whole: u64,
    framing: Framing,
    flushed: bool,
}

impl CutBody {
    /// The first `percent` of `body`, and never all of it.
    pub(crate) fn new(body: &Bytes, percent: u32, framing: Framing) -> Self {
        let kept = body.len() * percent as usize / 100;
        Self { part: Some(body.slice(..kept)), whole: body.len() as u64, framing, flushed: false }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(part) = self.part.take().filter(|part| !part.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        // What was said so far has to be on the wire before the connection breaks.
        if !self.flushed {
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("cut by a fault of the scenario"))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.framing {
            Framing::ContentLength => SizeHint::with_exact(self.whole),
            Framing::Chunked => SizeHint::new(),
        }
    }
}
