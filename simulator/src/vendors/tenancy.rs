//! A customer's copy of a service: how it and the people in it are numbered and named, and what they do there.

use crate::scenario::Verb;
use crate::seed::Seed;
use crate::world::Instance;

/// What a vendor says of its customers, as data and two plain functions.
#[derive(Debug)]
pub struct Tenancy {
    /// Ids of a customer's organisation and its team.
    pub organisation: fn(&Founding<'_>) -> Organisation,
    /// The id of somebody's account, in the vendor's form. Distinct among the people of an instance.
    pub user_id: fn(&Newcomer<'_>) -> String,
    /// What people sign in with.
    pub logins: Logins,
    /// What its service is to the others of the company.
    pub part: Part,
    /// What they work on.
    pub things: &'static Things,
}

/// A customer who has just signed up.
#[derive(Clone, Copy, Debug)]
pub struct Founding<'a> {
    /// From which ids are drawn.
    pub seed: Seed,
    /// The instance's name in the scenario.
    pub instance: &'a str,
    /// The company's name.
    pub company: &'a str,
    /// A number below 1,000 that no other instance of the world has.
    pub serial: u64,
}

/// Ids of an organisation or tenant, in the vendor's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The organisation's, or tenant's.
    pub id: String,
    /// Its one team's, where the vendor has teams.
    pub team_id: String,
    /// That team's name.
    pub team_name: String,
}

/// Somebody who gets an account.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// From which ids are drawn.
    pub seed: Seed,
    /// Where.
    pub instance: &'a Instance,
    /// The person's key in the world.
    pub key: &'a str,
    /// Their number among all people, from 1.
    pub number: u64,
    /// Their id in the directory.
    pub directory_id: &'a str,
    /// Whether this instance is that directory.
    pub is_directory: bool,
}

/// What a service is to the others of a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// People prove there who they are, to themselves and to the other services.
    Directory,
    /// People work in it.
    App,
    /// It watches the others: it knows people by their accounts there, and nobody has one of its own.
    Watch,
}

/// What people sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logins {
    /// An e-mail address, nothing else.
    Address,
    /// Their address, unless the scenario writes another name.
    AddressOrName,
    /// A name of letters, digits and hyphens.
    Handle,
}

/// Things that people work on.
#[derive(Debug)]
pub struct Things {
    /// Their names, shared by everybody.
    pub names: &'static [&'static str; 24],
    /// What is done to them on ordinary days, by how often; nothing where nobody works in the app.
    pub work: &'static [Verb],
    /// What one is called that a script does not name.
    pub noun: &'static str,
    /// What is called so that a script has up- or downloaded.
    pub file_noun: &'static str,
    /// What joins such a name and its number.
    pub joint: char,
}

const NAMES_OF_BOARDS: [&str; 24] = [
    "Roadmap",
    "Retrospective",
    "Customer journey",
    "Sprint planning",
    "Brand refresh",
    "Org chart",
    "Risk register",
    "Launch checklist",
    "User interviews",
    "Wireframes",
    "Budget",
    "Hiring plan",
    "Architecture",
    "Story map",
    "Kick-off",
    "Service blueprint",
    "Onboarding",
    "Offsite",
    "Personas",
    "Competitors",
    "Release train",
    "Ideas",
    "Lessons learned",
    "Quarterly goals",
];

/// Boards, pages, documents.
pub static BOARDS: Things = Things {
    names: &NAMES_OF_BOARDS,
    work: {
        use Verb::{Create, Download, Edit, Export, Open, Share};
        &[Open, Open, Open, Open, Open, Open, Open, Edit, Edit, Create, Download, Share, Export]
    },
    noun: "Board",
    file_noun: "File",
    joint: ' ',
};

/// Where nobody works, as in a directory or in what watches the others.
pub static NOTHING: Things =
    Things { names: &NAMES_OF_BOARDS, work: &[], noun: "Board", file_noun: "File", joint: ' ' };
