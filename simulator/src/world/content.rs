//! Documents that people have made before the story begins: what a data scan finds.
//!
//! A pure function of seed, instance and person: nobody's documents change when somebody else comes or goes, and nothing
//! is kept. One in ten holds something that should not stand there: a test card number or a credential from somebody's
//! public documentation, never a real one. Where a scenario writes `files`, there are those and no others.

use std::time::Duration;

use super::{Instance, PersonIndex, World};
use crate::scenario::{FileSpec, Holding, PersonKind, Sharing};
use crate::seed::{RngExt, Seed};
use crate::time::SimTime;

/// Most documents of one person in one instance.
const MOST: u32 = 4;
/// How long before the story the oldest document was made.
const OLDEST: Duration = Duration::from_secs(300 * 86_400);

/// A document, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The same for ever: instance, owner's key and number.
    pub key: String,
    /// Whose it is.
    pub owner: PersonIndex,
    /// What it is called.
    pub title: String,
    /// When it was made.
    pub created: SimTime,
    /// When it was last changed.
    pub modified: SimTime,
    /// Who may see it.
    pub sharing: Sharing,
    /// What stands in it.
    pub holds: Holding,
    seed: Seed,
}

/// What is drawn as standing where it should not.
const PLANTED: [Holding; 3] = [Holding::CardNumber, Holding::CloudKey, Holding::Password];

/// The text of what a document holds, if it holds anything.
const fn text(holding: Holding) -> Option<&'static str> {
    match holding {
        Holding::Nothing => None,
        Holding::CardNumber => Some("Card for the booking: 4111 1111 1111 1111, exp 12/30"),
        Holding::NoCardNumber => Some("Number of the booking: 4111 1111 1111 1112, exp 12/30"),
        Holding::CloudKey => Some("aws_access_key_id = AKIAIOSFODNN7EXAMPLE"),
        Holding::Password => Some("VPN password: correct-horse-battery-staple"),
    }
}

const ABOUT: [&str; 12] = [
    "Budget",
    "Customer journey",
    "Hiring plan",
    "Incident review",
    "Launch checklist",
    "Offsite",
    "Onboarding",
    "Pricing",
    "Research notes",
    "Retrospective",
    "Roadmap",
    "Support handbook",
];
const WHEN: [&str; 8] = ["Q1", "Q2", "Q3", "Q4", "draft", "final", "v2", "workshop"];
const SENTENCES: [&str; 10] = [
    "Collect open questions before Thursday.",
    "The numbers of last quarter are in the appendix.",
    "Ask the support team which three complaints come up most.",
    "We keep the old flow until everybody has moved.",
    "Next step: a short call with the design partners.",
    "Do not publish before legal has read it.",
    "Everything below the line is optional.",
    "Thanks to all who came to the workshop.",
    "The second option costs less and takes longer.",
    "Owner and date are missing for two of these.",
];

/// Every document of an instance, owners in the order of the world, oldest first for each. `before` is when the story
/// begins.
pub fn documents(world: &World, seed: Seed, instance: &Instance, before: SimTime) -> Vec<Document> {
    if !world.files.is_empty() {
        let here = world.files.iter().filter(|(_, file)| file.app == instance.app);
        return here.map(|(owner, file)| written(world, seed, instance, before, *owner, file)).collect();
    }
    let owners = world.person_indices().filter(|i| {
        let person = world.person(*i);
        person.exists_from_start && person.kind != PersonKind::Guest && person.accounts.contains_key(&instance.app)
    });
    owners.flat_map(|owner| of_person(world, seed, instance, before, owner)).collect()
}

fn of_person(world: &World, seed: Seed, instance: &Instance, before: SimTime, owner: PersonIndex) -> Vec<Document> {
    let person = &world.person(owner).key;
    let count = seed.number(&["documents", &instance.name, person]) % u64::from(MOST + 1);
    let mut documents: Vec<Document> = (0..count)
        .map(|n| {
            let number = n.to_string();
            let mut rng = seed.stream(&["document", &instance.name, person, &number]);
            let age_us = rng.random_range(1..OLDEST.as_micros() as u64);
            let created = before - Duration::from_micros(age_us);
            let sharing = match rng.random_range(0..10) {
                0..3 => Sharing::Private,
                3..7 => Sharing::Team,
                7..9 => Sharing::Organisation,
                _ => Sharing::Public,
            };
            let planted = rng.random_bool(0.1).then(|| PLANTED[rng.random_range(0..PLANTED.len())]);
            let about = ABOUT[rng.random_range(0..ABOUT.len())];
            Document {
                key: format!("{}/{person}/{n}", instance.name),
                owner,
                title: format!("{about} {}", WHEN[rng.random_range(0..WHEN.len())]),
                created,
                modified: created + Duration::from_micros(rng.random_range(0..age_us)),
                sharing,
                holds: planted.unwrap_or(Holding::Nothing),
                seed,
            }
        })
        .collect();
    documents.sort_by(|a, b| (a.created, &a.key).cmp(&(b.created, &b.key)));
    documents
}

/// A document that the scenario writes, called as it is called there.
fn written(
    world: &World,
    seed: Seed,
    instance: &Instance,
    before: SimTime,
    owner: PersonIndex,
    file: &FileSpec,
) -> Document {
    let mut rng = seed.stream(&["written document", &instance.name, &file.name]);
    let age_us = rng.random_range(1..OLDEST.as_micros() as u64);
    let created = before - Duration::from_micros(age_us);
    Document {
        key: format!("{}/{}/{}", instance.name, world.person(owner).key, file.name),
        owner,
        title: file.name.clone(),
        created,
        modified: created + Duration::from_micros(rng.random_range(0..age_us)),
        sharing: file.sharing,
        holds: file.holds,
        seed,
    }
}

impl Document {
    /// What stands in it, paragraph by paragraph: a dozen at most.
    pub fn paragraphs(&self) -> Vec<String> {
        let mut rng = self.seed.stream(&["text", &self.key]);
        let mut paragraphs = vec![self.title.clone()];
        for _ in 0..rng.random_range(2..11) {
            let (first, second) = (rng.random_range(0..SENTENCES.len()), rng.random_range(0..SENTENCES.len()));
            paragraphs.push(format!("{} {}", SENTENCES[first], SENTENCES[second]));
        }
        if let Some(text) = text(self.holds) {
            let place = rng.random_range(1..=paragraphs.len());
            paragraphs.insert(place, text.to_owned());
        }
        paragraphs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::sample;

    fn all(seed: u64, people: u32) -> Vec<Document> {
        let scenario = sample::scenario(seed, people);
        let world = World::build(&scenario).expect("a small world");
        documents(&world, scenario.seed, &world.instances[1], scenario.calendar().day_1())
    }

    #[test]
    fn the_same_seed_gives_the_same_documents_and_a_newcomer_changes_nobodys() {
        let (few, more) = (all(7, 20), all(7, 21));
        assert_eq!(few, all(7, 20));
        assert!(few.len() > 20, "{}", few.len());
        assert!(few.iter().all(|d| more.contains(d)));
        assert_ne!(few, all(8, 20));
    }

    #[test]
    fn a_few_hold_what_they_should_not_and_their_text_shows_it() {
        let documents = all(7, 200);
        let planted: Vec<&Document> = documents.iter().filter(|d| d.holds != Holding::Nothing).collect();
        let share = planted.len() as f64 / documents.len() as f64;
        assert!((0.05..0.15).contains(&share), "{share}");
        for document in &documents {
            let shown = document.paragraphs().join("\n");
            for (holding, _) in Holding::ALL {
                let Some(text) = text(holding) else { continue };
                assert_eq!(shown.contains(text), document.holds == holding, "{}", document.key);
            }
        }
    }

    #[test]
    fn where_files_are_written_there_are_no_others() {
        let mut scenario = sample::scenario(7, 20);
        let (name, owner) = ("card_list".to_owned(), crate::scenario::Who::Admin);
        let app = crate::scenario::AppIndex(1);
        let (holds, sharing) = (Holding::NoCardNumber, Sharing::Public);
        scenario.files.push(FileSpec { name, app, owner, holds, sharing, at: crate::scenario::Position::default() });
        let world = World::build(&scenario).expect("a small world");
        let of = |n: usize| documents(&world, scenario.seed, &world.instances[n], scenario.calendar().day_1());
        let (here, elsewhere) = (of(1), of(0));
        assert_eq!((here.len(), elsewhere.len()), (1, 0));
        assert_eq!((here[0].title.as_str(), here[0].holds), ("card_list", Holding::NoCardNumber));
    }

    #[test]
    fn documents_are_made_before_the_story_and_changed_after_they_were_made() {
        let before = sample::scenario(7, 20).calendar().day_1();
        for document in all(7, 20) {
            assert!(document.created <= document.modified && document.modified < before, "{document:?}");
        }
    }
}
