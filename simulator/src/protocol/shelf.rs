//! What clients make through a vendor's API and neither world nor timeline knows of: teams, labels, jobs, SCIM attributes.
//!
//! Plain JSON by kind and id, in order of ids. Bounded: a vendor refuses when it is full, as vendors do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dialect::Failure;

/// Most things of one kind.
const CAPACITY: usize = 10_000;

/// The things of one instance.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    things: BTreeMap<&'static str, BTreeMap<String, Value>>,
    made: u64,
}

/// There are too many things of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many {0}")]
pub struct Full(pub &'static str);

impl From<Full> for Failure {
    fn from(full: Full) -> Self {
        Self::Conflict { why: full.to_string() }
    }
}

impl Shelf {
    /// Puts a thing in place of the one that had its id.
    pub fn put(&mut self, kind: &'static str, id: &str, thing: Value) -> Result<(), Full> {
        let things = self.things.entry(kind).or_default();
        if things.len() >= CAPACITY && !things.contains_key(id) {
            return Err(Full(kind));
        }
        things.insert(id.to_owned(), thing);
        Ok(())
    }

    /// The thing with this id.
    pub fn get(&self, kind: &'static str, id: &str) -> Option<&Value> {
        self.things.get(kind)?.get(id)
    }

    /// Takes a thing away.
    pub fn take(&mut self, kind: &'static str, id: &str) -> Option<Value> {
        self.things.get_mut(kind)?.remove(id)
    }

    /// All things of a kind, by id.
    pub fn all(&self, kind: &'static str) -> impl Iterator<Item = (&str, &Value)> {
        self.things.get(kind).into_iter().flatten().map(|(id, thing)| (id.as_str(), thing))
    }

    /// A number that this instance never gave out before, from 1: for ids.
    pub fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shelf_takes_no_new_thing_but_changes_those_it_has() {
        let mut shelf = Shelf::default();
        for n in 0..CAPACITY {
            assert_eq!(shelf.put("case", &n.to_string(), Value::Null), Ok(()));
        }
        assert_eq!(shelf.put("case", "one more", Value::Null), Err(Full("case")));
        assert_eq!(shelf.put("case", "7", Value::Bool(true)), Ok(()));
        assert_eq!(shelf.put("team", "7", Value::Null), Ok(()), "another kind has a shelf of its own");
        assert_eq!(shelf.take("case", "7"), Some(Value::Bool(true)));
        assert_eq!(shelf.all("case").count(), CAPACITY - 1);
    }
}
