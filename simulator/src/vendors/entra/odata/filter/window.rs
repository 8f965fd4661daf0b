//! The window of time that a filter names, apart from the rest of it.

use std::ops::Bound;

use super::{Filter, Literal, Operator};
use crate::protocol::feed::Span;
use crate::time::SimTime;

impl Filter {
    /// Splits off the window: what is said of the time property `time` by comparisons that all must hold.
    pub(in super::super::super) fn window(self, time: &str) -> (Span, Option<Self>) {
        match self {
            Self::And(a, b) => {
                let ((a_span, a), (b_span, b)) = (a.window(time), b.window(time));
                let span = Span {
                    from: tighter_from(a_span.from, b_span.from),
                    until: tighter_until(a_span.until, b_span.until),
                };
                let rest = match (a, b) {
                    (Some(a), Some(b)) => Some(Self::And(Box::new(a), Box::new(b))),
                    (a, b) => a.or(b),
                };
                (span, rest)
            }
            Self::Compare(property, operator, Literal::Time(at)) if property == time && operator != Operator::Ne => {
                let (from, until) = match operator {
                    Operator::Eq | Operator::Ne => (Bound::Included(at), Bound::Included(at)),
                    Operator::Ge => (Bound::Included(at), Bound::Unbounded),
                    Operator::Gt => (Bound::Excluded(at), Bound::Unbounded),
                    Operator::Le => (Bound::Unbounded, Bound::Included(at)),
                    Operator::Lt => (Bound::Unbounded, Bound::Excluded(at)),
                };
                (Span { from, until }, None)
            }
            other => (Span::ALL, Some(other)),
        }
    }
}

fn tighter_from(a: Bound<SimTime>, b: Bound<SimTime>) -> Bound<SimTime> {
    match (a, b) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other,
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if y >= x {
                Bound::Excluded(y)
            } else {
                Bound::Included(x)
            }
        }
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.max(y)),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.max(y)),
    }
}

fn tighter_until(a: Bound<SimTime>, b: Bound<SimTime>) -> Bound<SimTime> {
    match (a, b) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other,
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if y <= x {
                Bound::Excluded(y)
            } else {
                Bound::Included(x)
            }
        }
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.min(y)),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.min(y)),
    }
}
