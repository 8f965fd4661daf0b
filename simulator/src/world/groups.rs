//! The organisation's groups: departments from people's jobs, a division above some of them, and a few that cut across.
//!
//! A pure function of seed and people. Who is in a group is decided person by person, so adding somebody moves nobody.
//! Everybody a scenario ever knows is listed, those hired later too: a vendor shows the members that have an account with
//! it at the moment. The directory shows all groups; other vendors may take the departments for their teams.

use super::{Person, PersonIndex, World};
use crate::scenario::PersonKind;
use crate::seed::Seed;

/// Index into [`super::World::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupIndex(pub usize);

/// A group of people and of other groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name for ever, a slug: `engineering`.
    pub key: String,
    /// Its name for people: `Engineering`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Object id in the directory, a UUID.
    pub id: String,
    /// What makes somebody a member.
    pub kind: GroupKind,
    /// Direct members, in the world's order.
    pub members: Vec<PersonIndex>,
    /// Groups that are direct members.
    pub groups: Vec<GroupIndex>,
    /// Who looks after it: the administrator.
    pub owner: PersonIndex,
}

/// What makes somebody a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    /// What they do. Everybody who is employed is in exactly one.
    Department,
    /// Nobody directly: it is made of departments.
    Division,
    /// That they are employed, or a guest.
    Everybody,
    /// A task or a right, whatever their department.
    CrossCutting,
}

/// Departments: key, name, and the words in a job title that lead there; the first that matches. The last takes the rest.
const DEPARTMENTS: [(&str, &str, &[&str]); 9] = [
    ("it", "IT", &["administrator", "security", "system"]),
    ("support", "Customer Support", &["support", "customer success"]),
    ("engineering", "Engineering", &["developer", "engineer", "scrum", "architect"]),
    ("design", "Design", &["design", "research"]),
    ("product", "Product", &["product"]),
    ("finance", "Finance", &["finance", "analyst", "controller"]),
    ("sales", "Sales and Marketing", &["account", "marketing", "sales"]),
    ("people", "People", &["recruit", "people", "human"]),
    ("operations", "Operations", &[]),
];

/// Divisions: key, name, departments.
const DIVISIONS: [(&str, &str, &[&str]); 1] =
    [("research-and-development", "Research and Development", &["engineering", "design", "product"])];

/// Groups that cut across: key, name, description, and how many of a hundred employees are in.
const CROSS_CUTTING: [(&str, &str, &str, u64); 3] = [
    ("vpn-users", "VPN Users", "May use the VPN", 60),
    ("project-aurora", "Project Aurora", "Works on the next release", 25),
    ("travel-approvers", "Travel Approvers", "Approves travel requests", 10),
];

impl Person {
    /// Key of the department that the person's job belongs to: `engineering`.
    pub fn department(&self) -> &'static str {
        department(self).0
    }

    /// That department's name.
    pub fn department_name(&self) -> &'static str {
        department(self).1
    }
}

impl World {
    /// Who somebody reports to: the first of their department who was there from the start; that one reports to the
    /// administrator, who reports to nobody. Guests and services report to nobody either.
    pub fn manager(&self, person: PersonIndex) -> Option<PersonIndex> {
        const ADMINISTRATOR: PersonIndex = PersonIndex(0);
        if person == ADMINISTRATOR || self.person(person).kind != PersonKind::Employee {
            return None;
        }
        let department = self.groups.iter().find(|g| g.kind == GroupKind::Department && g.members.contains(&person))?;
        let head = department.members.iter().copied().find(|member| self.person(*member).exists_from_start)?;
        Some(if head == person { ADMINISTRATOR } else { head })
    }
}

fn department(person: &Person) -> (&'static str, &'static str) {
    let job = person.job.to_lowercase();
    let found = DEPARTMENTS.iter().find(|(_, _, words)| words.iter().any(|word| job.contains(word)));
    let (key, name, _) = found.unwrap_or(&DEPARTMENTS[DEPARTMENTS.len() - 1]);
    (key, name)
}

/// Every group that has a member. Those that are made of others come after them.
pub(super) fn groups(seed: Seed, people: &[Person]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |key: &str, name: &str, description: String, kind, members: Vec<PersonIndex>, inner: &[&str]| {
        let inner: Vec<GroupIndex> =
            (0..groups.len()).filter(|i| inner.contains(&groups[*i].key.as_str())).map(GroupIndex).collect();
        if members.is_empty() && inner.is_empty() {
            return;
        }
        groups.push(Group {
            key: key.to_owned(),
            name: name.to_owned(),
            description,
            id: seed.uuid(&["group", key]),
            kind,
            members,
            groups: inner,
            owner: PersonIndex(0),
        });
    };
    let those = |wanted: &dyn Fn(&Person) -> bool| {
        people.iter().enumerate().filter(|(_, p)| wanted(p)).map(|(i, _)| PersonIndex(i)).collect::<Vec<_>>()
    };
    let employed = |p: &Person| p.kind == PersonKind::Employee;

    for (key, name, _) in DEPARTMENTS {
        let members = those(&|p| employed(p) && p.department() == key);
        add(key, name, format!("The department {name}"), GroupKind::Department, members, &[]);
    }
    for (key, name, departments) in DIVISIONS {
        add(key, name, format!("The division {name}"), GroupKind::Division, Vec::new(), departments);
    }
    let everybody = GroupKind::Everybody;
    add("all-employees", "All Employees", "Everybody who works here".to_owned(), everybody, those(&employed), &[]);
    let guests = those(&|p| p.kind == PersonKind::Guest);
    add("guests", "External Guests", "People of other organisations".to_owned(), everybody, guests, &[]);
    for (key, name, description, percent) in CROSS_CUTTING {
        let in_it = |p: &Person| employed(p) && seed.number(&["group member", key, &p.key]) % 100 < percent;
        add(key, name, description.to_owned(), GroupKind::CrossCutting, those(&in_it), &[]);
    }
    groups
}
