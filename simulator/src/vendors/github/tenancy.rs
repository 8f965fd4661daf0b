//! GitHub: how organisations and people are numbered and named, and what they work on.

use super::super::tenancy::{Logins, Organisation, Part, Tenancy, Things};
use crate::scenario::Verb::{Clone, Download, Edit};

/// Ids of eight digits: organisations share their number space with people.
pub(super) static TENANCY: Tenancy = Tenancy {
    organisation: |new| {
        let number = |what: &str| 60_000_000 + new.seed.number(&[what, new.instance]) % 10_000_000;
        Organisation {
            id: number("organisation").to_string(),
            team_id: number("team").to_string(),
            team_name: "Everyone".to_owned(),
        }
    },
    // All of one length, so that they sort alike as text and as numbers.
    user_id: |new| (10_000_000 + new.number).to_string(),
    logins: Logins::Handle,
    part: Part::App,
    things: &Things {
        names: &REPOSITORIES,
        work: &[Clone, Clone, Clone, Edit, Edit, Edit, Edit, Edit, Edit, Edit, Edit, Download],
        noun: "repository",
        file_noun: "repository",
        joint: '-',
    },
};

/// Names of repositories, shared by everybody.
pub(super) const REPOSITORIES: [&str; 24] = [
    "web",
    "api",
    "mobile",
    "infrastructure",
    "billing",
    "search",
    "design-system",
    "docs",
    "data-pipeline",
    "auth",
    "notifications",
    "website",
    "sdk-python",
    "sdk-js",
    "scheduler",
    "reports",
    "imports",
    "gateway",
    "admin",
    "monitoring",
    "scripts",
    "playground",
    "release-tools",
    "experiments",
];
