//! Mail that was sent through a vendor: kept, never delivered.

use std::collections::VecDeque;

use crate::time::SimTime;

/// Most letters kept; the oldest go first.
const CAPACITY: usize = 1_000;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// When it was sent.
    pub at: SimTime,
    /// Address of the sending mailbox.
    pub from: String,
    /// Addresses of the recipients.
    pub to: Vec<String>,
    /// Subject line.
    pub subject: String,
    /// Body as sent, text or HTML.
    pub content: String,
}

/// The letters of an instance, oldest first. Bounded.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    letters: VecDeque<Letter>,
}

impl Mailbox {
    /// Keeps a letter.
    pub fn put(&mut self, letter: Letter) {
        if self.letters.len() == CAPACITY {
            self.letters.pop_front();
        }
        self.letters.push_back(letter);
    }

    /// The letters kept, oldest first.
    pub fn letters(&self) -> impl Iterator<Item = &Letter> {
        self.letters.iter()
    }
}
