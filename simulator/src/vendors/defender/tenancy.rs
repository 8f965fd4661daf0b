//! Defender: how tenants are numbered. Its people are the directory's.

use super::super::tenancy::{Logins, NOTHING, Organisation, Part, Tenancy};

/// A tenant has a number of eight digits.
pub(super) static TENANCY: Tenancy = Tenancy {
    organisation: |new| {
        let number = 10_000_000 + new.seed.number(&["tenant number", new.instance]) % 90_000_000;
        Organisation { id: number.to_string(), ..Organisation::default() }
    },
    user_id: |new| new.directory_id.to_owned(),
    logins: Logins::AddressOrName,
    part: Part::Watch,
    things: &NOTHING,
};
