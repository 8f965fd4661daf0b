//! Keys and words of conformance's half of the language. The simulator's half: [`simulator::scenario::tables`].

use simulator::scenario::table::{Key, Kind, Of, Section, Vocabulary, WordWithKeys};
use simulator::scenario::tables::SEVERITIES;

/// Keys of the top level.
#[rustfmt::skip]
pub const TOP: &[Key] = &[
    Key::may("level", Kind::Word(&LEVELS), "required", "only required scenarios decide the exit status"),
    Key::may("twin_of", Kind::File, "none", "this file is the near miss of that one beside it and must stay silent"),
    Key::must("expect", Kind::List(Section::Foreign("expectation")), "what a stack owes; silence is `must_not: alert`"),
];

/// The keys of an expectation that say what is owed, allowed or forbidden; exactly one has to be written.
pub const HEADS: [&str; 3] = ["must", "may", "must_not"];

/// Keys of an expectation.
#[rustfmt::skip]
pub const EXPECTATION: &[Key] = &[
    Key::may("must", Kind::Word(&WHATS), "", "what is owed"),
    Key::may("may", Kind::Word(&WHATS), "", "what is allowed"),
    Key::may("must_not", Kind::Word(&WHATS), "", "what is forbidden"),
    Key::may("policy", Kind::Name(Of::Policy), "any", "which policy's alert, or led to by one"),
    Key::may("actor", Kind::Name(Of::Person), "any", "whose alert"),
    Key::may("attack", Kind::Name(Of::Attack), "any", "of which episode"),
    Key::may("evidence", Kind::Names(Of::Step), "none", "ids of steps: a record of each is cited, or ingested"),
    Key::may("severity", Kind::Word(&SEVERITIES), "any", "at least this"),
    Key::may("target", Kind::Name(Of::Person), "any", "on whom"),
    Key::may("object", Kind::Text, "any", "on what: a name under `files`, or the application of a grant"),
    Key::may("app", Kind::Name(Of::App), "any", "where the call lands, or whose records are cited, contained, ingested or missed"),
    Key::may("within", Kind::Duration { min: "0s", max: "400d" }, "by the end", "simulated time allowed, beside the stack's poll_every"),
    Key::may("times", Kind::Number { min: 1, max: 1_000_000 }, "once or more", "how often, each person of a group; updates of one alert count once"),
    Key::may("at_most", Kind::Number { min: 1, max: 1_000_000 }, "none", "how often at most"),
    Key::may("users", Kind::Number { min: 0, max: 1_000_000 }, "any", "how many users an app has at the end, by its activities"),
    Key::may("active", Kind::Number { min: 0, max: 1_000_000 }, "any", "how many of them are active"),
    Key::may("control", Kind::Text, "", "which control of the secure score"),
    Key::may("as", Kind::Word(&OUTCOMES), "", "what the stack last says of it"),
];

/// Which keys go with which expectation, beside its head.
pub const fn keys_of(what: super::What) -> &'static [&'static str] {
    use super::What;
    match what {
        What::Alert => &["policy", "actor", "attack", "evidence", "severity", "app", "within", "times", "at_most"],
        What::Action(_) => &["policy", "actor", "attack", "target", "object", "app", "within", "times", "at_most"],
        What::Contain => &["actor", "attack", "target", "app", "within"],
        What::Ingest => &["app", "evidence", "within"],
        What::ReportTrouble | What::ReportGap | What::TellContacts => &["app", "within"],
        What::Usage => &["app", "users", "active"],
        What::Score => &["control", "as"],
    }
}

/// Kinds of fault that strike the stack's process and are built, with their parameters.
#[rustfmt::skip]
pub const PROCESS_FAULTS: &[WordWithKeys] = &[
    WordWithKeys { name: "kill", meaning: "the process is killed; without `after` the request takes effect and no byte of its answer is sent", keys: PROCESS_FAULT },
    WordWithKeys { name: "stop", meaning: "the process is asked to end", keys: PROCESS_FAULT },
    WordWithKeys { name: "second_copy", meaning: "another copy of the stack is started on the same state, and given up again if it goes on; asking any vendor it must not", keys: SECOND_COPY },
    WordWithKeys { name: "wipe_state", meaning: "the process is killed, and its state is gone when it is started again", keys: PROCESS_FAULT },
    WordWithKeys { name: "cut_state", meaning: "the process is killed, and each file of its state has lost its second half when it is started again", keys: PROCESS_FAULT },
    WordWithKeys { name: "unwritable_state", meaning: "the process is killed and started where its state cannot be kept, given up again if it goes on, and started anew once its state is back; to work there in silence it must not", keys: UNWRITABLE_STATE },
    WordWithKeys { name: "forged_redirect", meaning: "before the administrator comes back from the consent page, somebody else does, with a code and a state made up", keys: CONSENT_FAULT },
    WordWithKeys { name: "repeated_redirect", meaning: "the administrator loads the page once more that the consent page led back to", keys: CONSENT_FAULT },
];

/// Kinds that are conformance's.
pub const PROCESS_FAULT_NAMES: &[&str] = &[
    "kill",
    "stop",
    "second_copy",
    "wipe_state",
    "cut_state",
    "unwritable_state",
    "forged_redirect",
    "repeated_redirect",
];

/// Keys of a fault of the process.
#[rustfmt::skip]
pub const PROCESS_FAULT: &[Key] = &[
    Key::must("fault", Kind::Word(&PROCESS_FAULT_WORDS), "what happens to the process"),
    Key::may("route", Kind::Route, "has to be written unless `at` is", "the requests it meets: `APP.ROUTE`, or `APP` for all of its routes"),
    Key::may("nth", Kind::Range, "", "the Nth request of that route in the run, retries and restarts counted"),
    Key::may("page", Kind::Number { min: 1, max: 1_000_000 }, "", "the first time a walk asks for its Nth page; the app needs a page_size"),
    Key::may("at", Kind::Time, "", "at that moment"),
    Key::may("times", Kind::Number { min: 1, max: 1_000_000 }, "1", "how many requests it meets"),
    Key::may("after", Kind::Duration { min: "0s", max: "40d" }, "the answer is never sent", "simulated time after the answer; has to be written on token and webhook routes"),
    Key::may("restart_after", Kind::Duration { min: "0s", max: "40d" }, "never", "simulated time from the end to the next start"),
];

/// Keys of a second copy.
#[rustfmt::skip]
pub const SECOND_COPY: &[Key] = &[
    Key::must("fault", Kind::Word(&PROCESS_FAULT_WORDS), "what happens beside the process"),
    Key::must("at", Kind::Time, "when it is started"),
];

/// Keys of a state that cannot be kept.
#[rustfmt::skip]
pub const UNWRITABLE_STATE: &[Key] = &[
    Key::must("fault", Kind::Word(&PROCESS_FAULT_WORDS), "what happens to the process"),
    Key::must("at", Kind::Time, "when it is killed, and started in vain"),
    Key::must("restart_after", Kind::Duration { min: "0s", max: "40d" }, "simulated time from then until its state is back and it is started anew"),
];

/// Keys of a fault of the consent that the stack asks for.
#[rustfmt::skip]
pub const CONSENT_FAULT: &[Key] = &[
    Key::must("fault", Kind::Word(&PROCESS_FAULT_WORDS), "what happens when the stack is connected"),
    Key::must("app", Kind::Name(Of::App), "which app it is connected to; each time it asks for consent"),
];

/// Levels.
pub static LEVELS: Vocabulary =
    Vocabulary { what: "level", words: &["required", "recommended", "informational"], planned: &[] };
/// What can be expected.
#[rustfmt::skip]
pub static WHATS: Vocabulary = Vocabulary {
    what: "expectation",
    words: &["alert", "suspend", "require_sign_in", "notify", "remove_member", "revoke_token", "revoke_app",
        "quarantine", "trash", "close_alert", "contain", "ingest", "report_trouble", "report_gap", "usage", "tell_contacts", "score"],
    planned: &["unsuspend", "confirm_compromised", "reset_password", "ban_app", "make_private", "lose_records", "list_user"],
};
/// What can be said of a control.
pub static OUTCOMES: Vocabulary = Vocabulary { what: "outcome", words: &["passed", "failed"], planned: &[] };
/// What can happen to a process.
pub static PROCESS_FAULT_WORDS: Vocabulary = Vocabulary { what: "fault", words: PROCESS_FAULT_NAMES, planned: &[] };

#[cfg(test)]
mod tests {
    use simulator::scenario::tables::ACTIONS;

    use super::*;
    use crate::scenario::{Level, Severity, What};

    #[test]
    fn the_words_of_the_tables_are_the_words_of_the_model() {
        assert_eq!(LEVELS.words, Level::ALL.map(|(_, word)| word));
        assert_eq!(SEVERITIES.words, Severity::ALL.map(|(_, word)| word));
        for word in WHATS.words {
            let what = What::of(word).unwrap();
            assert_eq!(what.name(), *word);
            assert!(!matches!(what, What::Action(_)) || ACTIONS.words.contains(word), "{word} can be told to no stack");
        }
        for action in ACTIONS.words {
            assert!(WHATS.words.contains(action), "{action} can be expected of no stack");
        }
    }

    #[test]
    fn every_kind_of_fault_of_the_process_is_built_or_refused() {
        let words: Vec<&str> = PROCESS_FAULT_WORDS.words.iter().chain(PROCESS_FAULT_WORDS.planned).copied().collect();
        assert_eq!(PROCESS_FAULT_NAMES, words);
        assert_eq!(PROCESS_FAULTS.iter().map(|f| f.name).collect::<Vec<_>>(), PROCESS_FAULT_WORDS.words);
    }
}
