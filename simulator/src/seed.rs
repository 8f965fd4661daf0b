//! The only door to chance: ChaCha8 streams, one for each (seed, label path), and what nobody may be able to guess.
//!
//! A stream depends on its own labels alone, so a new person, app or line of a scenario changes nothing that another
//! stream draws. `ChaCha8` is portable: the same bytes on every machine (the standard generators of `rand` are not).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest, Sha256};

pub use rand::{Rng, RngExt};

/// The number a scenario names, from which all that it leaves open is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream of random numbers that belongs to a label path, e.g. `["background", "p07", "day 3"]`.
    pub fn stream(self, labels: &[&str]) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.digest(labels))
    }

    /// A number that belongs to a label path and to nothing else: for ids.
    pub fn number(self, labels: &[&str]) -> u64 {
        let digest = self.digest(labels);
        u64::from_le_bytes(digest[..8].try_into().expect("a digest has more than eight bytes"))
    }

    /// A version-4-shaped UUID that belongs to a label path.
    pub fn uuid(self, labels: &[&str]) -> String {
        let d = self.digest(labels);
        let hex: String = d[..16].iter().map(|b| format!("{b:02x}")).collect();
        let variant = char::from(b"89ab"[usize::from(d[8] % 4)]);
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    fn digest(self, labels: &[&str]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0.to_le_bytes());
        for label in labels {
            hash.update((label.len() as u64).to_le_bytes());
            hash.update(label.as_bytes());
        }
        hash.finalize().into()
    }
}

/// 32 hexadecimal digits from the machine's own source of chance: for what keeps people out, never for what is imitated.
pub fn unguessable() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the machine has a source of chance");
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_told_by_its_whole_path() {
        let seed = Seed(7);
        assert_eq!(seed.number(&["a", "b"]), seed.number(&["a", "b"]));
        assert_ne!(seed.number(&["a", "b"]), seed.number(&["ab"]));
        assert_ne!(seed.number(&["a", "b"]), Seed(8).number(&["a", "b"]));
    }

    #[test]
    fn uuids_have_the_shape_of_version_4() {
        let id = Seed(1).uuid(&["person", "alice"]);
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
    }
}
