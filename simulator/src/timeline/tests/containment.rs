use std::time::Duration;

use super::*;
use crate::scenario::{Outcome, SignIn, Step, Using, Verb, Who};
use crate::world::sample::{member, minutes, scenario, step};

/// Alice and a script of hers; minutes count from the start of day 1.
struct Story {
    scenario: Scenario,
}

impl Story {
    fn new(sign_in: SignIn) -> Self {
        let mut scenario = scenario(1, 0);
        scenario.apps[1].sign_in = sign_in;
        scenario.cast = vec![member("alice", 2)];
        Self { scenario }
    }

    fn line(mut self, minute: u64, verb: Verb, change: impl FnOnce(&mut Step)) -> Self {
        let mut line = step(&self.scenario, minutes(minute), verb, 1);
        change(&mut line);
        self.scenario.script.push(line);
        self
    }

    fn at(&self, minute: u64) -> SimTime {
        self.scenario.calendar().day_1() + minutes(minute)
    }

    /// Plays the script; at each of these minutes the stack does something to alice in an instance.
    fn play(&self, deeds: &[(u64, Verb, usize)]) -> (Timeline, String) {
        let mut timeline = timeline(&self.scenario);
        for (minute, verb, app) in deeds {
            let (app, target) = (AppIndex(*app), PersonIndex(1));
            timeline.govern(self.at(*minute), Deed::upon(*verb, app, target, "stack"));
        }
        timeline.advance(self.at(100_000));
        let letter = |outcome: &StepOutcome| match outcome {
            StepOutcome::Happened(..) => "h",
            StepOutcome::Prevented { .. } => "p",
        };
        let letters = timeline.outcome().iter().map(letter).collect();
        (timeline, letters)
    }
}

fn same(_: &mut Step) {}

#[test]
fn a_suspended_person_is_refused_and_that_is_written_down() {
    let story = Story::new(SignIn::Sso).line(540, Verb::SignIn, same).line(700, Verb::SignIn, same);
    let (timeline, letters) = story.play(&[(600, Verb::Suspend, 0)]);
    assert_eq!(letters, "hp");
    let StepOutcome::Prevented { why, refused, at, .. } = &timeline.outcome()[1] else { panic!("it was prevented") };
    assert_eq!(why, "alice was disabled in the directory by stack at day 1 10:00:00");
    assert_eq!(*at, story.at(700));
    assert_eq!(refused[0].activity.outcome, Outcome::Disabled);
    assert_eq!(refused[0].log.feed, SIGN_INS);
    let status = timeline.account(PersonIndex(1), AppIndex(0));
    assert!(status.exists && !status.enabled);
    assert!(timeline.account(PersonIndex(1), AppIndex(1)).enabled, "miro knows nothing of it");
}

#[test]
fn an_sso_session_outlives_its_suspended_account_until_it_expires() {
    // Begun at 09:00 and renewed every hour: suspended at 10:10, it runs out at 11:00.
    let story = Story::new(SignIn::Sso)
        .line(540, Verb::SignIn, same)
        .line(659, Verb::Open, same)
        .line(660, Verb::Open, same)
        .line(661, Verb::Open, same);
    assert_eq!(story.play(&[(610, Verb::Suspend, 0)]).1, "hhpp");
    assert_eq!(story.play(&[(610, Verb::RevokeSessions, 0)]).1, "hhpp");
    assert_eq!(story.play(&[]).1, "hhhh");
    let (timeline, _) = story.play(&[(610, Verb::Suspend, 0)]);
    let StepOutcome::Prevented { why, .. } = &timeline.outcome()[2] else { panic!("it was prevented") };
    assert!(why.ends_with("; what had been issued ran out at day 1 11:00:00"), "{why}");
}

#[test]
fn a_password_session_does_not_know_the_directory_but_knows_its_own_app() {
    let story = Story::new(SignIn::Password).line(540, Verb::SignIn, same).line(900, Verb::Open, same).line(
        901,
        Verb::SignIn,
        same,
    );
    assert_eq!(story.play(&[(600, Verb::Suspend, 0)]).1, "hhh");
    assert_eq!(story.play(&[(600, Verb::RevokeSessions, 1)]).1, "hph");
    assert_eq!(story.play(&[(600, Verb::Suspend, 1)]).1, "hpp");
}

#[test]
fn who_signs_in_again_after_a_reset_goes_on() {
    let story = Story::new(SignIn::Sso)
        .line(540, Verb::SignIn, same)
        .line(601, Verb::Open, same)
        .line(610, Verb::SignIn, same)
        .line(611, Verb::Open, same);
    assert_eq!(story.play(&[(600, Verb::RevokeSessions, 1)]).1, "hphh");
}

#[test]
fn who_is_restored_in_time_lost_nothing() {
    let story = Story::new(SignIn::Sso)
        .line(540, Verb::SignIn, same)
        .line(650, Verb::Open, same)
        .line(700, Verb::Open, same)
        .line(701, Verb::SignIn, same);
    assert_eq!(story.play(&[(610, Verb::Suspend, 0), (630, Verb::Restore, 0)]).1, "hhhh");
    // The session ran out at 11:00, before the account came back; signing in again works.
    assert_eq!(story.play(&[(610, Verb::Suspend, 0), (680, Verb::Restore, 0)]).1, "hhph");
}

#[test]
fn devices_hold_sessions_of_their_own() {
    let stolen = |s: &mut Step| s.using = Using::StolenSession;
    let foreign = |s: &mut Step| s.using = Using::UnknownDevice;
    let story = Story::new(SignIn::Password).line(540, Verb::SignIn, same).line(700, Verb::Open, stolen).line(
        701,
        Verb::Open,
        foreign,
    );
    // The thief's own session begins after the reset, silently; what was stolen died with it.
    assert_eq!(story.play(&[(600, Verb::RevokeSessions, 1)]).1, "hph");
}

#[test]
fn an_apps_own_token_outlives_the_directory_account() {
    let token = |s: &mut Step| s.using = Using::Token;
    let story = Story::new(SignIn::Sso).line(900, Verb::Export, token);
    assert_eq!(story.play(&[(600, Verb::Suspend, 0)]).1, "h");
    assert_eq!(story.play(&[(600, Verb::Suspend, 1)]).1, "p");
}

#[test]
fn failed_sign_ins_need_nothing_and_stay_what_they_are() {
    let wrong = |s: &mut Step| s.result = Outcome::WrongPassword;
    let story = Story::new(SignIn::Sso).line(700, Verb::SignIn, wrong);
    let (timeline, letters) = story.play(&[(600, Verb::Suspend, 0)]);
    assert_eq!(letters, "h");
    assert_eq!(timeline.outcome()[0].records()[0].activity.outcome, Outcome::WrongPassword);
}

#[test]
fn a_script_contains_as_a_stack_does() {
    let life = |s: &mut Step| {
        (s.actor, s.target, s.app) = (Who::Admin, Some(Who::Cast(0)), None);
    };
    let story = Story::new(SignIn::Sso)
        .line(540, Verb::Terminate, life)
        .line(600, Verb::SignIn, same)
        .line(700, Verb::Hire, life)
        .line(800, Verb::SignIn, same);
    let (timeline, letters) = story.play(&[]);
    assert_eq!(letters, "hphh");
    let StepOutcome::Prevented { refused, .. } = &timeline.outcome()[1] else { panic!("it was prevented") };
    assert_eq!(refused[0].activity.outcome, Outcome::UnknownUser);
    let status = timeline.account(PersonIndex(1), AppIndex(0));
    assert!(status.exists && status.deleted_at.is_none());
    assert_eq!(status.created_at, Some(story.at(700)));
}

#[test]
fn who_is_not_hired_yet_cannot_sign_in() {
    let life = |s: &mut Step| {
        (s.actor, s.target, s.app) = (Who::Admin, Some(Who::Cast(0)), None);
    };
    let story =
        Story::new(SignIn::Sso).line(540, Verb::SignIn, same).line(600, Verb::Hire, life).line(601, Verb::SignIn, same);
    assert!(!timeline(&story.scenario).account(PersonIndex(1), AppIndex(1)).exists);
    assert_eq!(story.play(&[]).1, "phh");
}

#[test]
fn governance_leaves_its_record_after_what_was_scripted_for_the_same_moment() {
    let story = Story::new(SignIn::Sso).line(600, Verb::SignIn, same);
    let mut timeline = timeline(&story.scenario);
    assert_eq!(timeline.next_due(), Some(story.at(600)));
    let deed = Deed::upon(Verb::Suspend, AppIndex(0), PersonIndex(1), "stack");
    let activity = timeline.govern(story.at(600), deed);
    assert_eq!(timeline.next_due(), None);
    assert!(matches!(timeline.outcome()[..], [StepOutcome::Happened(..)]));
    assert_eq!(activity.details["by"], "stack");
    let audits = walk_at(&timeline, log(0, "directory_audits"), 10, false, story.at(660));
    assert_eq!(audits.len(), 1);
    assert_eq!(audits[0].activity.id, ActivityId::Governed { app: audits[0].log.app, n: 0 });
    assert!(audits[0].available > activity.occurred + Duration::from_secs(1));
}
