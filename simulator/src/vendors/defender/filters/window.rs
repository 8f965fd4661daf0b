//! The span of time that filters leave open, so that a log need not be read outside of it.

use std::ops::Bound;

use super::matching::{days_ago_ms, number};
use super::{Filters, Operator};
use crate::protocol::feed::Span;
use crate::time::SimTime;

impl Filters {
    /// The narrowest span that holds every item whose field (a time in milliseconds) meets the filters.
    pub(in super::super) fn span(&self, field: &str) -> Span {
        let mut span = Span::ALL;
        for condition in self.conditions.iter().filter(|condition| condition.field.name == field) {
            let numbers = condition.wanted.iter().filter_map(number);
            // Any one of several values will do, so the widest of them counts.
            let (least, most) = (numbers.clone().reduce(f64::min), numbers.reduce(f64::max));
            match condition.operator {
                Operator::Gte | Operator::Gt => after(&mut span, least),
                Operator::Lte | Operator::Lt => before(&mut span, most),
                Operator::Eq => {
                    after(&mut span, least);
                    before(&mut span, most);
                }
                Operator::GteDays => after(&mut span, most.map(|days| days_ago_ms(self.now, days))),
                Operator::LteDays => before(&mut span, least.map(|days| days_ago_ms(self.now, days))),
                Operator::Range => {
                    let ends = |name: &str| {
                        condition.wanted.iter().filter_map(|range| number(&range[name])).collect::<Vec<f64>>()
                    };
                    after(&mut span, ends("start").into_iter().reduce(f64::min));
                    before(&mut span, ends("end").into_iter().reduce(f64::max));
                }
                _ => {}
            }
        }
        span
    }
}

fn after(span: &mut Span, ms: Option<f64>) {
    let Some(at) = ms.map(instant) else { return };
    if !matches!(span.from, Bound::Included(known) if known >= at) {
        span.from = Bound::Included(at);
    }
}

/// Times are told in whole milliseconds: one that is named holds everything within it.
fn before(span: &mut Span, ms: Option<f64>) {
    let Some(at) = ms.map(|ms| SimTime::from_us(instant(ms).us() + 999)) else { return };
    if !matches!(span.until, Bound::Included(known) if known <= at) {
        span.until = Bound::Included(at);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is no whole number of milliseconds is the nearest that is")]
fn instant(ms: f64) -> SimTime {
    SimTime::from_ms(ms.floor() as i64)
}
