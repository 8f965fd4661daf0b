//! How much a client may ask, as data, and the buckets that decide.
//!
//! A vendor declares [`Limits`]: quotas, each with its routes, its cost and its algorithm. The headers are computed from
//! the same [`Standing`] that decided, so what a client is told and what it meets cannot differ.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderName, Method};

use super::credentials::Principal;
use super::exchange::Route;
use crate::time::SimTime;

/// A vendor's rate limits.
#[derive(Debug)]
pub struct Limits {
    /// Every quota; a request must pass all that meet its route.
    pub quotas: &'static [Quota],
    /// Whose bucket a request draws on.
    pub key: fn(&Principal) -> String,
    /// The headers for how matters stand in each quota that met the request.
    pub headers: fn(&[Standing]) -> Vec<(HeaderName, String)>,
    /// Statuses of refusals that tell when to come back.
    pub told_by: &'static [u16],
    /// The quota of which no header tells, if there is one.
    pub secondary: Option<Secondary>,
    /// Where this is documented.
    pub source: &'static str,
}

/// A quota of which no header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secondary {
    /// Its name.
    pub quota: &'static str,
    /// How long a client is to stay away, by the documentation, after a refusal that names no time.
    pub pause: Duration,
}

/// No limits at all: what customers run on machines of their own.
pub static UNLIMITED: Limits = Limits {
    quotas: &[],
    key: |_| String::new(),
    headers: |_| Vec::new(),
    told_by: &[],
    secondary: None,
    source: "the vendor's default for such machines",
};

/// One quota.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// Its name in the journal.
    pub name: &'static str,
    /// Names of the routes it meets; all when empty.
    pub routes: &'static [&'static str],
    /// What a request costs.
    pub cost: Cost,
    /// How much there is.
    pub allowance: Allowance,
    /// In what time.
    pub window: Duration,
    /// How it comes back.
    pub algorithm: Algorithm,
}

impl Quota {
    /// So much in a window, the same for everybody, all of it back when the window ends.
    pub const fn fixed(
        name: &'static str,
        routes: &'static [&'static str],
        cost: Cost,
        allowed: u64,
        window: Duration,
    ) -> Self {
        Self { name, routes, cost, allowance: Allowance::Fixed(allowed), window, algorithm: Algorithm::FixedWindow }
    }
}

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// [`Route::cost`].
    OfRoute,
    /// 1.
    One,
    /// By what the request does.
    Points {
        /// `GET`, `HEAD`, `OPTIONS`.
        read: u64,
        /// Everything else.
        write: u64,
    },
}

impl Cost {
    fn of(self, asked: Asked<'_>) -> u64 {
        match self {
            Self::OfRoute => asked.cost,
            Self::One => 1,
            Self::Points { read, .. } if asked.method.is_safe() => read,
            Self::Points { write, .. } => write,
        }
    }
}

/// What a request is to the limiter.
#[derive(Clone, Copy)]
struct Asked<'a> {
    route: &'a str,
    method: &'a Method,
    cost: u64,
}

impl<'a> Asked<'a> {
    fn of(route: &'a Route) -> Self {
        Self { route: route.name, method: &route.method, cost: u64::from(route.cost) }
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// The same for everybody.
    Fixed(u64),
    /// By size of the organisation: the row with the largest head count that it reaches.
    ByPeople(&'static [(usize, u64)]),
    /// So much for every person of the organisation.
    PerPerson(u64),
    /// By kind of token: its row, else the number for all others.
    ByTokenKind(&'static [(&'static str, u64)], u64),
}

/// How a quota comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// All at once, when the window ends. Windows are counted from the Unix epoch.
    FixedWindow,
    /// Little by little: the whole allowance in one window.
    TokenBucket,
}

/// How matters stand in one quota after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which quota.
    pub quota: &'static Quota,
    /// How much there is in all.
    pub limit: u64,
    /// How much is left, rounded down.
    pub remaining: u64,
    /// What the request cost, or would have.
    pub cost: u64,
    /// When everything is back.
    pub resets: SimTime,
    /// For a refusal: how long until the same request passes.
    pub wait: Option<Duration>,
}

impl Standing {
    /// [`Self::resets`] in epoch seconds, rounded up: who waits for the second that is named has waited long enough.
    pub fn reset_s(&self) -> i64 {
        self.resets.us().div_euclid(1_000_000) + i64::from(self.resets.us().rem_euclid(1_000_000) > 0)
    }
}

/// Names of the three headers in which most vendors tell of a quota.
#[derive(Clone, Copy, Debug)]
pub struct QuotaHeaders {
    /// How much there is in all.
    pub limit: &'static str,
    /// How much is left.
    pub remaining: &'static str,
    /// When everything is back, in epoch seconds.
    pub reset: &'static str,
}

impl QuotaHeaders {
    /// The headers of each of these quotas.
    pub fn tell(&self, standings: &[Standing]) -> Vec<(HeaderName, String)> {
        let told = |s: &Standing| {
            [
                (self.limit, s.limit.to_string()),
                (self.remaining, s.remaining.to_string()),
                (self.reset, s.reset_s().to_string()),
            ]
        };
        standings.iter().flat_map(told).map(|(name, value)| (HeaderName::from_static(name), value)).collect()
    }
}

/// What the limiter says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Headers for the answer, whatever it is.
    pub headers: Vec<(HeaderName, String)>,
    /// Set if the request is refused; it then cost nothing.
    pub refused: Option<Refusal>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// When the same request would pass, if nobody else asks meanwhile.
    pub retry_after: Duration,
    /// Which quota is used up.
    pub quota: &'static str,
}

/// The buckets of one instance.
#[derive(Debug)]
pub struct Limiter {
    limits: &'static Limits,
    people: usize,
    buckets: BTreeMap<(usize, String), Bucket>,
}

/// Most buckets kept. Keys are clients and users of one instance: more than this never lives at once.
const CAPACITY: usize = 4_096;

/// What was used. In millionths, so that a token bucket loses nothing to rounding.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    used_millionths: u128,
    as_of: SimTime,
}

impl Limiter {
    /// Full buckets, for an organisation of so many people.
    pub fn new(limits: &'static Limits, people: usize) -> Self {
        Self { limits, people, buckets: BTreeMap::new() }
    }

    /// Lets a request through, or not. A refused request costs nothing.
    pub fn admit(&mut self, principal: &Principal, route: &Route, now: SimTime) -> Admission {
        let key = (self.limits.key)(principal);
        self.admit_key((&key, principal.token_kind), Asked::of(route), now)
    }

    /// Gives back what a request cost (one that was answered `304 Not Modified`), and says how matters stand then.
    pub fn refund(&mut self, principal: &Principal, route: &Route, now: SimTime) -> Vec<(HeaderName, String)> {
        let key = (self.limits.key)(principal);
        let met: Vec<_> = self.met(route.name).collect();
        let mut standings = Vec::new();
        for (index, quota) in met {
            let (cost, limit) =
                (quota.cost.of(Asked::of(route)), quota.allowance.of(self.people, principal.token_kind));
            let used = self.used(index, &key, limit, now).saturating_sub(millionths(cost));
            self.store(index, &key, Bucket { used_millionths: used, as_of: now });
            standings.push(Standing { cost, ..standing(quota, limit, used, 0, now) });
        }
        (self.limits.headers)(&standings)
    }

    /// How matters stand for a caller in every quota, without asking for anything.
    pub fn standings(&self, principal: &Principal, now: SimTime) -> Vec<Standing> {
        let key = (self.limits.key)(principal);
        let one = |(index, quota): (usize, &'static Quota)| {
            let limit = quota.allowance.of(self.people, principal.token_kind);
            standing(quota, limit, self.used(index, &key, limit, now), 0, now)
        };
        self.limits.quotas.iter().enumerate().map(one).collect()
    }

    fn met(&self, route: &str) -> impl Iterator<Item = (usize, &'static Quota)> + use<'_> {
        let route = route.to_owned();
        let quotas = self.limits.quotas.iter().enumerate();
        quotas.filter(move |(_, q)| q.routes.is_empty() || q.routes.contains(&route.as_str()))
    }

    fn admit_key(&mut self, (key, token_kind): (&str, &str), asked: Asked<'_>, now: SimTime) -> Admission {
        let met: Vec<_> = self.met(asked.route).collect();
        let mut standings: Vec<Standing> = met
            .iter()
            .map(|&(index, quota)| {
                let limit = quota.allowance.of(self.people, token_kind);
                standing(quota, limit, self.used(index, key, limit, now), quota.cost.of(asked), now)
            })
            .collect();
        let refusing = standings.iter().filter_map(|s| s.wait.map(|wait| (wait, s.quota.name))).max();
        if refusing.is_none() {
            for (&(index, quota), s) in met.iter().zip(&mut standings) {
                let used = self.used(index, key, s.limit, now) + millionths(s.cost);
                self.store(index, key, Bucket { used_millionths: used, as_of: now });
                *s = Standing { cost: s.cost, ..standing(quota, s.limit, used, 0, now) };
            }
        }
        Admission {
            headers: (self.limits.headers)(&standings),
            refused: refusing.map(|(retry_after, quota)| Refusal { retry_after, quota }),
        }
    }

    /// The headers of an answer that is throttled by a scenario's fault: nothing remains, and the reset agrees with
    /// `retry_after`. In the name of one quota alone, the others are whole.
    pub fn throttled(
        &self,
        route: &Route,
        only: Option<&str>,
        retry_after: Duration,
        now: SimTime,
    ) -> Vec<(HeaderName, String)> {
        let one = |(_, quota): (usize, &'static Quota)| {
            let (limit, cost) = (quota.allowance.of(self.people, ""), quota.cost.of(Asked::of(route)));
            let whole = standing(quota, limit, 0, cost, now);
            match only.is_none_or(|only| only == quota.name) {
                true => Standing { remaining: 0, resets: now + retry_after, wait: Some(retry_after), ..whole },
                false => whole,
            }
        };
        (self.limits.headers)(&self.met(route.name).map(one).collect::<Vec<_>>())
    }

    /// What the key has used of a quota, as of `now`.
    fn used(&self, index: usize, key: &str, limit: u64, now: SimTime) -> u128 {
        let Some(bucket) = self.buckets.get(&(index, key.to_owned())) else { return 0 };
        let quota = &self.limits.quotas[index];
        let window_us = window_us(quota);
        match quota.algorithm {
            Algorithm::FixedWindow if bucket.as_of.us().div_euclid(window_us) == now.us().div_euclid(window_us) => {
                bucket.used_millionths
            }
            Algorithm::FixedWindow => 0,
            Algorithm::TokenBucket => {
                let passed = now.since(bucket.as_of).as_micros();
                let back = passed * millionths(limit) / window_us.unsigned_abs() as u128;
                bucket.used_millionths.saturating_sub(back)
            }
        }
    }

    fn store(&mut self, index: usize, key: &str, bucket: Bucket) {
        if self.buckets.len() >= CAPACITY {
            let oldest = self.buckets.iter().min_by_key(|(_, b)| b.as_of).map(|(k, _)| k.clone());
            oldest.map(|k| self.buckets.remove(&k));
        }
        self.buckets.insert((index, key.to_owned()), bucket);
    }
}

impl Allowance {
    fn of(self, people: usize, token_kind: &str) -> u64 {
        match self {
            Self::Fixed(n) => n,
            Self::PerPerson(n) => n * people as u64,
            Self::ByTokenKind(rows, others) => {
                rows.iter().find(|(kind, _)| *kind == token_kind).map_or(others, |r| r.1)
            }
            Self::ByPeople(rows) => rows.iter().rev().find(|(from, _)| people >= *from).map_or(0, |(_, n)| *n),
        }
    }
}

/// How matters stand when `used` is used and `cost` more is wanted.
fn standing(quota: &'static Quota, limit: u64, used: u128, cost: u64, now: SimTime) -> Standing {
    let window_us = window_us(quota);
    let (limit_m, cost_m) = (millionths(limit), millionths(cost));
    let free = limit_m.saturating_sub(used);
    let window_end = SimTime::from_us((now.us().div_euclid(window_us) + 1) * window_us);
    // In a token bucket, how long until `amount` is back, rounded up.
    let back_in = |amount: u128| {
        let us = (amount * window_us.unsigned_abs() as u128).div_ceil(limit_m.max(1));
        Duration::from_micros(u64::try_from(us).unwrap_or(u64::MAX))
    };
    let (resets, wait) = match quota.algorithm {
        Algorithm::FixedWindow => (window_end, window_end.since(now)),
        Algorithm::TokenBucket => (now + back_in(used.min(limit_m)), back_in(cost_m.saturating_sub(free))),
    };
    let wait = (cost_m > free).then_some(wait);
    let remaining = u64::try_from(free / 1_000_000).unwrap_or(u64::MAX);
    Standing { quota, limit, remaining, cost, resets, wait }
}

fn millionths(n: u64) -> u128 {
    u128::from(n) * 1_000_000
}

fn window_us(quota: &Quota) -> i64 {
    i64::try_from(quota.window.as_micros()).expect("windows are minutes, not ages")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dialect::whole_seconds;
    use proptest::prelude::*;

    const LEFT: HeaderName = HeaderName::from_static("x-left");
    const RESET: HeaderName = HeaderName::from_static("x-reset");

    fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
        let s = standings.iter().min_by_key(|s| s.remaining).expect("both quotas meet every route");
        vec![(LEFT, s.remaining.to_string()), (RESET, s.resets.us().to_string())]
    }

    const fn quota(name: &'static str, limit: u64, window_s: u64, algorithm: Algorithm) -> Quota {
        let window = Duration::from_secs(window_s);
        Quota { name, routes: &[], cost: Cost::OfRoute, allowance: Allowance::Fixed(limit), window, algorithm }
    }

    static WINDOWED: Limits = Limits {
        quotas: &[quota("w", 100, 60, Algorithm::FixedWindow)],
        key: |_| String::new(),
        headers,
        told_by: &[429],
        secondary: None,
        source: "",
    };
    static BUCKET: Limits = Limits {
        quotas: &[quota("b", 100, 7, Algorithm::TokenBucket)],
        key: |_| String::new(),
        headers,
        told_by: &[429],
        secondary: None,
        source: "",
    };

    fn asked(cost: u64) -> Asked<'static> {
        Asked { route: "r", method: &Method::GET, cost }
    }

    fn number(admission: &Admission, name: &HeaderName) -> u64 {
        admission.headers.iter().find(|(n, _)| n == name).unwrap().1.parse().unwrap()
    }

    #[test]
    fn a_window_gives_what_it_promises_and_no_more() {
        let mut limiter = Limiter::new(&WINDOWED, 20);
        let now = SimTime::from_ms(90_000);
        for left in [60, 20] {
            assert_eq!(number(&limiter.admit_key(("k", ""), asked(40), now), &LEFT), left);
        }
        let refused = limiter.admit_key(("k", ""), asked(40), now);
        assert_eq!(refused.refused, Some(Refusal { retry_after: Duration::from_secs(30), quota: "w" }));
        assert_eq!(number(&refused, &LEFT), 20, "a refusal costs nothing");
        assert_eq!(
            limiter.admit_key(("other", ""), asked(40), now).refused,
            None,
            "everybody has a bucket of their own"
        );
        assert_eq!(limiter.admit_key(("k", ""), asked(40), SimTime::from_ms(120_000)).refused, None);
    }

    #[test]
    fn the_allowance_grows_with_the_organisation() {
        let rows = Allowance::ByPeople(&[(0, 3_500), (50, 5_000), (500, 8_000)]);
        assert_eq!([0, 49, 50, 501].map(|n| rows.of(n, "")), [3_500, 3_500, 5_000, 8_000]);
    }

    proptest! {
        #[test]
        fn a_client_that_obeys_the_headers_is_never_refused(
            steps in proptest::collection::vec((0_u64..9_000, 1_u64..40), 1..200),
            windowed: bool,
        ) {
            let mut limiter = Limiter::new(if windowed { &WINDOWED } else { &BUCKET }, 20);
            let (mut now, mut known) = (SimTime::from_ms(1_234), None::<(u64, u64)>);
            for (pause_ms, cost) in steps {
                now = now + Duration::from_millis(pause_ms);
                if let Some((left, reset)) = known && left < cost {
                    now = now.max(SimTime::from_us(i64::try_from(reset).unwrap()));
                }
                let admission = limiter.admit_key(("k", ""), asked(cost), now);
                prop_assert_eq!(&admission.refused, &None);
                known = Some((number(&admission, &LEFT), number(&admission, &RESET)));
            }
        }

        #[test]
        fn who_waits_as_long_as_told_gets_through(
            steps in proptest::collection::vec((0_u64..300, 1_u64..100), 1..200),
            windowed: bool,
        ) {
            let mut limiter = Limiter::new(if windowed { &WINDOWED } else { &BUCKET }, 20);
            let mut now = SimTime::from_ms(1_234);
            for (pause_ms, cost) in steps {
                now = now + Duration::from_millis(pause_ms);
                if let Some(refusal) = limiter.admit_key(("k", ""), asked(cost), now).refused {
                    now = now + Duration::from_secs(whole_seconds(refusal.retry_after));
                    prop_assert_eq!(limiter.admit_key(("k", ""), asked(cost), now).refused, None);
                }
            }
        }
    }
}
