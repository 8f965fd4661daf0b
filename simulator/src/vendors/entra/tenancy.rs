//! Entra: how tenants and people are numbered.

use super::super::tenancy::{Logins, NOTHING, Organisation, Part, Tenancy};

/// Everything has a UUID. Somebody in two directories has an id in each.
pub(super) static TENANCY: Tenancy = Tenancy {
    organisation: |new| Organisation { id: new.seed.uuid(&["tenant", new.instance]), ..Organisation::default() },
    user_id: |new| match new.is_directory {
        true => new.directory_id.to_owned(),
        false => new.seed.uuid(&["directory", &new.instance.name, new.key]),
    },
    logins: Logins::AddressOrName,
    part: Part::Directory,
    things: &NOTHING,
};
