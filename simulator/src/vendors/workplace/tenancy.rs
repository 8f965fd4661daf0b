//! Workplace: how communities and people are numbered.

use super::super::tenancy::{BOARDS, Logins, Organisation, Part, Tenancy};

/// A community has a number like everybody in it; people are known by their e-mail address alone.
pub(super) static TENANCY: Tenancy = Tenancy {
    organisation: |new| {
        let number = new.seed.number(&["community", new.instance]) % 1_000_000_000;
        Organisation { id: (400_000_000_000_000 + number * 10 + 1).to_string(), ..Organisation::default() }
    },
    user_id: |new| {
        let community = new.instance.organisation_id.parse::<u64>().unwrap_or(0) % 10_000;
        // Fifteen digits for most, seventeen for every third: more than a double holds exactly.
        let first = if new.number.is_multiple_of(3) { 10_000_000_000_000_000 } else { 100_000_000_000_000 };
        (first + community * 10_000_000 + new.number).to_string()
    },
    logins: Logins::Address,
    part: Part::App,
    things: &BOARDS,
};
