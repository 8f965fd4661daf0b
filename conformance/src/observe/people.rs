//! Who is meant: from the ids and addresses a stack uses to the person's key in the scenario.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Principal;
use crate::recording::PersonTruth;

/// Everybody, by each of their names.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_directory_id: BTreeMap<String, String>,
    by_account: BTreeMap<(String, String), String>,
    by_email: BTreeMap<String, BTreeSet<String>>,
}

impl People {
    /// Indexes everybody.
    pub fn new(people: &[PersonTruth]) -> Self {
        let mut all = Self::default();
        for person in people {
            if !person.directory_id.is_empty() {
                all.by_directory_id.insert(person.directory_id.clone(), person.key.clone());
            }
            for (app, user_id) in &person.accounts {
                all.by_account.insert((app.clone(), user_id.clone()), person.key.clone());
            }
            all.by_email.entry(person.email.to_lowercase()).or_default().insert(person.key.clone());
        }
        all
    }

    /// Whose id it is: the directory's, or one of an instance. Without an instance, or where that one does not know it,
    /// everybody who has it anywhere.
    pub fn by_uid(&self, uid: &str, app: Option<&str>) -> BTreeSet<String> {
        if let Some(key) = app.and_then(|app| self.by_account.get(&(app.to_owned(), uid.to_owned()))) {
            return BTreeSet::from([key.clone()]);
        }
        if let Some(key) = self.by_directory_id.get(uid) {
            return BTreeSet::from([key.clone()]);
        }
        self.by_account.iter().filter(|((_, id), _)| id == uid).map(|(_, key)| key.clone()).collect()
    }

    /// Whose address it is. Two people may share one, one after the other.
    pub fn by_email(&self, email: &str) -> BTreeSet<String> {
        self.by_email.get(&email.to_lowercase()).cloned().unwrap_or_default()
    }

    /// Whom a principal means. Ids decide; addresses are asked only where no id is known.
    pub fn find(&self, principal: &Principal, app: Option<&str>) -> BTreeSet<String> {
        let ids: BTreeSet<String> = principal.uids.iter().flat_map(|uid| self.by_uid(uid, app)).collect();
        if !ids.is_empty() {
            return ids;
        }
        // Some stacks put the address where the id belongs.
        principal.emails.iter().chain(&principal.uids).flat_map(|email| self.by_email(email)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> People {
        let person = |key: &str, email: &str, miro: &str| PersonTruth {
            key: key.to_owned(),
            name: "Alice Chen".to_owned(),
            email: email.to_owned(),
            directory_id: format!("dir-{key}"),
            accounts: BTreeMap::from([("miro".to_owned(), miro.to_owned()), ("miro_b".to_owned(), "1".to_owned())]),
        };
        People::new(&[person("alice", "a@x.example", "7"), person("alice_new", "a@x.example", "8")])
    }

    #[test]
    fn an_id_decides_between_two_people_with_one_address() {
        let principal = Principal { uids: vec!["dir-alice_new".into()], emails: vec!["A@x.example".into()] };
        assert_eq!(people().find(&principal, None), BTreeSet::from(["alice_new".to_owned()]));
    }

    #[test]
    fn an_address_alone_may_mean_either() {
        let principal = Principal { uids: vec![], emails: vec!["A@x.example".into()] };
        assert_eq!(people().find(&principal, None).len(), 2);
    }

    #[test]
    fn an_id_is_looked_up_in_its_own_instance_first() {
        assert_eq!(people().by_uid("7", Some("miro")), BTreeSet::from(["alice".to_owned()]));
        assert_eq!(people().by_uid("7", Some("miro_b")), BTreeSet::from(["alice".to_owned()]));
        assert!(people().by_uid("9", None).is_empty());
    }
}
