//! Miro: how organisations, teams and people are numbered.

use super::super::tenancy::{BOARDS, Logins, Organisation, Part, Tenancy};

/// Nineteen digits for everything; people are known by their e-mail address alone.
pub(super) static TENANCY: Tenancy = Tenancy {
    organisation: |new| Organisation {
        id: id(5, new.serial, 100),
        team_id: id(5, new.serial, 10),
        team_name: format!("{} team", new.company),
    },
    user_id: |new| {
        let serial = (new.instance.organisation_id.parse::<u64>().unwrap_or(0) / 100_000_000) % 1_000;
        id(6, serial, new.number)
    },
    logins: Logins::Address,
    part: Part::App,
    things: &BOARDS,
};

/// In the manner of `3458764500000000001`: a kind, an instance, a number in it.
fn id(kind: u64, instance: u64, number: u64) -> String {
    (3_458_764_000_000_000_000 + kind * 100_000_000_000 + instance * 100_000_000 + number).to_string()
}
