//! Simulated time: one instant type, and the one spelling of time that scenarios, snapshots and findings share.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of twenty-four hours. Days are UTC days: none is shorter or longer.
pub const DAY: Duration = Duration::from_secs(86_400);
/// The same in microseconds.
pub const DAY_US: i64 = 86_400_000_000;

/// An instant in microseconds since the Unix epoch, UTC; the epoch unless said.
///
/// Every instant can be spelled: what lies before [`SimTime::MIN`] or after [`SimTime::MAX`] is that end, whoever chose the
/// number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(i64);

impl SimTime {
    /// The first instant: in the year -9999.
    pub const MIN: Self = Self(-377_705_023_201_000_000);
    /// The last instant: 9999-12-30T22:00:00Z. No offset makes a year of five digits of it.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The instant `us` microseconds after the Unix epoch.
    pub const fn from_us(us: i64) -> Self {
        if us < Self::MIN.0 {
            Self::MIN
        } else if us > Self::MAX.0 {
            Self::MAX
        } else {
            Self(us)
        }
    }

    /// The instant `ms` milliseconds after the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self::from_us(ms.saturating_mul(1_000))
    }

    /// The same of a number that may be no time at all; none outside the years -9999 to 9999, which no time means.
    pub fn told_in_ms(ms: i64) -> Option<Self> {
        Timestamp::from_millisecond(ms).ok().map(|t| Self::from_us(t.as_microsecond()))
    }

    /// Microseconds since the Unix epoch.
    pub const fn us(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since the Unix epoch, rounded down.
    pub const fn s(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Midnight (UTC) at the start of this instant's day.
    pub const fn midnight(self) -> Self {
        Self::from_us(self.0 - self.0.rem_euclid(DAY_US))
    }

    /// How much later than `earlier` this instant is; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// The same instant for the `jiff` crate, whose formatting the vendors' renderings use.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).expect("it lies between jiff's first and last")
    }

    /// The UTC calendar date and clock time of this instant.
    pub fn civil(self) -> DateTime {
        TimeZone::UTC.to_datetime(self.timestamp())
    }

    /// RFC 3339 with `Z`, fraction as short as it can be.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// Reads RFC 3339 with any offset and up to nine fraction digits (what is finer than a microsecond is cut). The last hours
    /// of the year 9999, with which many a client says that there is no end, are [`SimTime::MAX`].
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let read = text.parse::<Timestamp>().ok().map(|t| Self::from_us(t.as_microsecond()));
        read.or_else(|| is_among_the_last_hours(text).then_some(Self::MAX))
    }
}

/// Whether a text is a time with its offset on the last two days that have four digits for a year.
fn is_among_the_last_hours(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| {
        pieces.time().is_some() && pieces.to_numeric_offset().is_some() && pieces.date() >= Date::constant(9999, 12, 30)
    })
}

impl std::ops::Add<Duration> for SimTime {
    type Output = Self;
    fn add(self, d: Duration) -> Self {
        Self::from_us(self.0.saturating_add(i64::try_from(d.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for SimTime {
    type Output = Self;
    fn sub(self, d: Duration) -> Self {
        Self::from_us(self.0.saturating_sub(i64::try_from(d.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for SimTime {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for SimTime {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an RFC 3339 time")))
    }
}

/// Where day 1 lies on the calendar: turns instants into `day 1 09:40:00` and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    day_1: SimTime,
}

impl Calendar {
    /// A calendar whose day 1 is `date`.
    pub fn starting(date: Date) -> Self {
        let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).expect("UTC midnight exists on every date");
        Self { day_1: SimTime::from_us(midnight.as_microsecond()) }
    }

    /// The same calendar with every day beginning later by `span`.
    #[must_use]
    pub fn later(self, span: Duration) -> Self {
        Self { day_1: self.day_1 + span }
    }

    /// `day 1 00:00`.
    pub fn day_1(self) -> SimTime {
        self.day_1
    }

    /// The start of `day n`. There is no day 0: the day before day 1 is day -1.
    pub fn day(self, n: i64) -> SimTime {
        let offset = if n > 0 { n - 1 } else { n };
        SimTime::from_us(self.day_1.us() + offset * DAY_US)
    }

    /// The number of the day that `t` lies in (never 0).
    pub fn day_of(self, t: SimTime) -> i64 {
        let offset = (t.us() - self.day_1.us()).div_euclid(DAY_US);
        if offset >= 0 { offset + 1 } else { offset }
    }

    /// The one spelling: `day 1 09:40:00`, `day -3 23:59:59.250`. Fractions only where there are any.
    pub fn spell(self, t: SimTime) -> String {
        let day = self.day_of(t);
        let us = t.us() - self.day(day).us();
        let (s, fraction) = (us / 1_000_000, us % 1_000_000);
        let clock = format!("day {day} {:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
        match fraction {
            0 => clock,
            f if f % 1_000 == 0 => format!("{clock}.{:03}", f / 1_000),
            f => format!("{clock}.{f:06}"),
        }
    }

    /// Reads `day 2 09:40`, with `:05` and `.250` when given. The error says what was expected.
    pub fn parse(self, text: &str) -> Result<SimTime, TimeError> {
        let wrong = || TimeError::NotATime(text.to_owned());
        let rest = text.strip_prefix("day ").ok_or_else(wrong)?;
        let (day, clock) = rest.split_once(' ').ok_or_else(wrong)?;
        let day: i64 = day.parse().map_err(|_| wrong())?;
        if day == 0 {
            return Err(TimeError::DayZero);
        }
        if day.abs() > 40_000 {
            return Err(wrong());
        }
        let (hms, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let parts: Vec<&str> = hms.split(':').collect();
        if !(2..=3).contains(&parts.len())
            || parts.iter().any(|p| p.len() != 2 || !p.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(wrong());
        }
        let number = |i: usize| parts.get(i).map_or(0, |p| p.parse::<i64>().unwrap_or(99));
        let (h, m, s) = (number(0), number(1), number(2));
        if h > 23 || m > 59 || s > 59 || (clock.contains('.') && (parts.len() < 3 || fraction.is_empty())) {
            return Err(wrong());
        }
        if fraction.len() > 6 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let micros: i64 =
            if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().map_err(|_| wrong())? };
        Ok(SimTime::from_us(self.day(day).us() + ((h * 60 + m) * 60 + s) * 1_000_000 + micros))
    }
}

/// A time or duration that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the form `day N HH:MM[:SS[.fff]]`.
    #[error("`{0}` is not a time; write `day 1 09:40`, with `:05` and `.250` when needed")]
    NotATime(String),
    /// `day 0` was written.
    #[error("there is no day 0: the day before day 1 is day -1")]
    DayZero,
    /// Not a number with a unit.
    #[error("`{0}` is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`")]
    NotADuration(String),
}

/// Reads a duration in the scenarios' spelling: `250ms`, `40m`, `1h30m`, `7d`. Units from large to small, each once.
pub fn parse_duration(text: &str) -> Result<Duration, TimeError> {
    const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let wrong = || TimeError::NotADuration(text.to_owned());
    let (mut rest, mut next_unit, mut total_ms) = (text, 0, 0_u64);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit_len = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        let (number, unit) = (&rest[..digits], &rest[digits..digits + unit_len]);
        let at = UNITS.iter().position(|(name, _)| *name == unit).filter(|at| *at >= next_unit).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        total_ms = number.checked_mul(UNITS[at].1).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(wrong)?;
        next_unit = at + 1;
        rest = &rest[digits + unit_len..];
    }
    if total_ms > 40_000 * 86_400_000 {
        return Err(wrong());
    }
    Ok(Duration::from_millis(total_ms))
}

/// A duration in the spelling that [`parse_duration`] reads.
pub fn spell_duration(d: Duration) -> String {
    let mut ms = d.as_millis();
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if ms >= size {
            text.push_str(&format!("{}{unit}", ms / size));
            ms %= size;
        }
    }
    text
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calendar() -> Calendar {
        Calendar::starting(Date::new(2026, 3, 2).unwrap())
    }

    #[test]
    fn the_day_before_day_1_is_day_minus_1() {
        let c = calendar();
        assert_eq!(c.spell(c.day_1() - Duration::from_secs(1)), "day -1 23:59:59");
        assert_eq!(c.parse("day 0 10:00"), Err(TimeError::DayZero));
    }

    #[test]
    fn times_that_a_yaml_reader_could_take_for_numbers_are_refused() {
        for text in ["10:00", "day 1", "day 1 9:00", "day 1 24:00", "day 1 10:00.5", "day one 10:00"] {
            assert!(matches!(calendar().parse(text), Err(TimeError::NotATime(_))), "{text}");
        }
    }

    #[test]
    fn durations_want_units_from_large_to_small() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        for text in ["", "30", "m30", "30m1h", "1h1h", "1.5h", "-3m", "99999999999999d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_are_those_that_can_be_spelled() {
        assert_eq!(
            (SimTime::MIN.timestamp(), SimTime::MAX.rfc3339()),
            (Timestamp::MIN, "9999-12-30T22:00:00Z".to_owned())
        );
    }

    #[test]
    fn the_end_of_the_year_9999_says_that_there_is_no_end() {
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T23:59:59.999+00:00",
            "9999-12-31T00:00:00-10:00",
        ] {
            assert_eq!(SimTime::parse_rfc3339(text), Some(SimTime::MAX), "{text}");
        }
        for text in [
            "9999-12-31T24:59:59Z",
            "9999-12-31",
            "9999-12-31T23:59:59",
            "10000-01-01T00:00:00Z",
            "9998-13-31T23:59:59Z",
        ] {
            assert_eq!(SimTime::parse_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_number_somebody_chooses_can_be_spelled(n: i64, add: u64) {
            let longest = Duration::from_millis(add);
            for t in [SimTime::from_ms(n), SimTime::from_us(n) + longest, SimTime::from_us(n) - longest, SimTime::from_us(n).midnight()] {
                prop_assert_eq!(SimTime::parse_rfc3339(&t.rfc3339()), Some(t));
                prop_assert!(t.civil().year() <= 9999);
            }
        }

        #[test]
        fn what_is_spelled_reads_back(us in -2_000_000_000_000_i64..200_000_000_000_000) {
            let c = calendar();
            let t = SimTime::from_us(c.day_1().us() + us);
            prop_assert_eq!(c.parse(&c.spell(t)), Ok(t));
        }

        #[test]
        fn durations_read_back(ms in 0_u64..10_000_000_000) {
            let d = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&spell_duration(d)), Ok(d));
        }
    }
}
