//! What a file names, collected before anything is resolved, so that an entry with an error does not make every
//! mention of it an error as well.

use std::collections::BTreeMap;

use super::fields::Spanned;
use super::model::{App, AppIndex, Scenario, Vendor, VendorProfile, Who};
use super::problem::Problems;
use super::table::Of;
use super::tables::{MOST_ENTRIES, MOST_STEPS};
use super::words::is_new_name;
use super::yaml::{Entry, Node, Value, clip};

/// The administrator who always exists.
pub const ADMIN: &str = "it_admin";

/// The entries of a map of the top level; none if there are more than are read.
pub(crate) fn entries<'d>(root: &'d Node, section: &str) -> &'d [Entry] {
    let entries = root.get(section).map_or(&[][..], Node::entries);
    if entries.len() > MOST_ENTRIES { &[] } else { entries }
}

/// The items of a list of the top level; none if there are more than are read.
pub(crate) fn items<'d>(root: &'d Node, section: &str) -> &'d [Node] {
    let items = root.get(section).map_or(&[][..], Node::items);
    let most = if section == "script" { MOST_STEPS } else { MOST_ENTRIES };
    if items.len() > most { &[] } else { items }
}

/// Names by kind, in written order: an index here is an index in the scenario.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Instances and whose they are, where that can be told.
    pub apps: Vec<(String, Option<Vendor>)>,
    /// Whether an instance's pages have a written size, in the order of `apps`.
    pub paged: Vec<bool>,
    /// The written variant of an instance's vendor and the word for it, in the order of `apps`.
    pub profiles: Vec<Option<(VendorProfile, &'static str)>>,
    /// Cast members and groups.
    pub cast: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
    /// Episodes.
    pub attacks: Vec<String>,
    /// Detections in force.
    pub policies: Vec<String>,
    /// Ids of steps.
    pub steps: Vec<String>,
}

impl Names {
    /// Collects the names of a file and complains of those that cannot be names.
    pub fn collect(root: &Node, problems: &Problems) -> Self {
        let app_entries = entries(root, "apps");
        let apps = app_entries.iter().map(|e| {
            let vendor = match e.value.get("vendor").map(|v| &v.value) {
                Some(Value::Scalar { text, .. }) => text.as_str(),
                _ => e.key.as_str(),
            };
            let vendor = Vendor::ALL.into_iter().find(|v| v.name() == vendor);
            (e.key.clone(), vendor)
        });
        let apps = apps.collect();
        let names = |section: &str| -> Vec<String> { entries(root, section).iter().map(|e| e.key.clone()).collect() };
        for (section, what) in [
            ("apps", "an app"),
            ("cast", "a person"),
            ("networks", "a network"),
            ("files", "a file"),
            ("attacks", "an attack"),
            ("policies", "a policy"),
        ] {
            for entry in entries(root, section) {
                let name = Spanned { value: entry.key.as_str(), span: entry.key_span };
                is_new_name(name, what, problems);
                match (section, entry.key.as_str()) {
                    ("cast", ADMIN) => {
                        problems.add(entry.key_span, "`it_admin` always exists and cannot be in the cast");
                    }
                    ("apps", "sink") => {
                        problems.add(entry.key_span, "`sink` cannot name an app: as a route it is the stack's own");
                    }
                    _ => {}
                }
            }
        }
        Self {
            apps,
            paged: app_entries.iter().map(|e| e.value.get("page_size").is_some()).collect(),
            profiles: app_entries.iter().map(|e| profile(&e.value)).collect(),
            cast: names("cast"),
            networks: names("networks"),
            attacks: names("attacks"),
            policies: names("policies"),
            steps: Self::step_ids(root, problems),
        }
    }

    /// Those of a scenario that was read before.
    pub fn of(scenario: &Scenario) -> Self {
        let words = |app: &App| VendorProfile::ALL.into_iter().find(|(profile, ..)| *profile == app.profile);
        Self {
            apps: scenario.apps.iter().map(|app| (app.name.clone(), Some(app.vendor))).collect(),
            paged: scenario.apps.iter().map(|app| app.page_size.is_some()).collect(),
            profiles: scenario.apps.iter().map(|a| words(a).map(|(profile, word, _)| (profile, word))).collect(),
            cast: scenario.cast.iter().map(|member| member.key.clone()).collect(),
            networks: scenario.networks.iter().map(|network| network.name.clone()).collect(),
            attacks: scenario.attacks.iter().map(|attack| attack.name.clone()).collect(),
            policies: scenario.policies.iter().map(|policy| policy.name.clone()).collect(),
            steps: scenario.script.iter().filter_map(|step| step.id.clone()).collect(),
        }
    }

    fn step_ids(root: &Node, problems: &Problems) -> Vec<String> {
        let mut ids = Vec::new();
        let mut taken = BTreeMap::new();
        for node in items(root, "script").iter().filter_map(|step| step.get("id")) {
            let Value::Scalar { text, .. } = &node.value else { continue };
            is_new_name(Spanned { value: text, span: node.span }, "a step", problems);
            if let Some(line) = taken.get(text) {
                problems.add(node.span, format!("id \"{}\" is taken by the step on line {line}", clip(text)));
            } else {
                taken.insert(text.clone(), node.span.at.line);
                ids.push(text.clone());
            }
        }
        ids
    }

    /// Looks an instance up.
    pub fn app(&self, text: Spanned<&str>, problems: &Problems) -> Option<Spanned<(AppIndex, Option<Vendor>)>> {
        match self.apps.iter().position(|(name, _)| name == text.value) {
            Some(i) => Some(Spanned { value: (AppIndex(i), self.apps[i].1), span: text.span }),
            None => {
                problems.unknown(text.span, "app", text.value, self.apps.iter().map(|(name, _)| name.as_str()));
                None
            }
        }
    }

    /// Looks a person up.
    pub fn person(&self, text: Spanned<&str>, problems: &Problems) -> Option<Spanned<Who>> {
        if text.value == ADMIN {
            return Some(Spanned { value: Who::Admin, span: text.span });
        }
        match self.cast.iter().position(|name| name == text.value) {
            Some(i) => Some(Spanned { value: Who::Cast(i), span: text.span }),
            None => {
                let known = self.cast.iter().map(String::as_str).chain([ADMIN]);
                problems.unknown(text.span, "person", text.value, known);
                None
            }
        }
    }

    /// Looks an attack, a policy or the id of a step up: its index.
    pub fn index(&self, of: Of, text: Spanned<&str>, problems: &Problems) -> Option<Spanned<usize>> {
        let known = match of {
            Of::Attack => &self.attacks,
            Of::Policy => &self.policies,
            Of::Step => &self.steps,
            _ => unreachable!("other names have look-ups of their own"),
        };
        match known.iter().position(|name| name == text.value) {
            Some(value) => Some(Spanned { value, span: text.span }),
            None => {
                problems.unknown(text.span, of.word(), text.value, known.iter().map(String::as_str));
                None
            }
        }
    }

    /// A person's name.
    pub fn of_person(&self, who: Who) -> &str {
        match who {
            Who::Admin => ADMIN,
            Who::Cast(i) => self.cast.get(i).map_or("?", String::as_str),
        }
    }
}

fn profile(app: &Node) -> Option<(VendorProfile, &'static str)> {
    let Value::Scalar { text, .. } = &app.get("profile")?.value else { return None };
    VendorProfile::ALL.into_iter().find(|(_, word, _)| word == text).map(|(profile, word, _)| (profile, word))
}
