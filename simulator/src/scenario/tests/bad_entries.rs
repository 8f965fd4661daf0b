//! Wrong heads, apps, people, networks, attacks and policies.

use insta::assert_snapshot;

use super::{told, told_after_head};
use crate::scenario::tables::POLICIES;

#[test]
fn an_unknown_key_has_a_suggestion_or_the_list() {
    assert_snapshot!(told("title: A\napps: { miro: {} }\npolices: {}\nzebra: 1\n"), @r#"
s.yaml:3:1  unknown key "polices" in a scenario: did you mean "policies"?
  3 | polices: {}
    | ^^^^^^^
s.yaml:4:1  unknown key "zebra" in a scenario; its keys are title, about, source, seed, day_1, history, people, home, apps, cast, networks, files, attacks, policies, script, faults, stack, expect, level, twin_of
  4 | zebra: 1
    | ^^^^^
"#);
}

#[test]
fn what_has_to_be_written_is_asked_for() {
    assert_snapshot!(told("about: B\n"), @r"
s.yaml:1:1  a scenario lacks `apps`: vendor instances
  1 | about: B
    | ^
s.yaml:1:1  a scenario lacks `title`: one sentence, what happens
  1 | about: B
    | ^
");
    assert_snapshot!(told("title: A\napps: {}\n"), @r"
s.yaml:2:7  a scenario needs at least one app
  2 | apps: {}
    |       ^
");
}

#[test]
fn wrong_types_say_what_was_found() {
    let text = "title: [A]\npeople: many\nseed: \"7\"\nhistory: 14\nday_1: 2 March\napps: [miro]\nscript: {}\nsource: nowhere\n";
    assert_snapshot!(told(text), @r#"
s.yaml:1:8  title is a text; found a list
  1 | title: [A]
    |        ^
s.yaml:2:9  people is a whole number from 0 to 100000; found "many"
  2 | people: many
    |         ^^^^
s.yaml:3:7  seed is a whole number from 0; found "7" in quotes; take them off
  3 | seed: "7"
    |       ^^^
s.yaml:4:10  "14" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
  4 | history: 14
    |          ^^
s.yaml:5:8  day_1 is a date between 2000 and 2099 such as 2026-03-02; found "2 March"
  5 | day_1: 2 March
    |        ^^^^^^^
s.yaml:6:7  apps is a map from names to entries; found a list
  6 | apps: [miro]
    |       ^
s.yaml:7:9  script is a list of entries; found a map
  7 | script: {}
    |         ^
s.yaml:8:9  source lists web addresses; found "nowhere"
  8 | source: nowhere
    |         ^^^^^^^
"#);
}

#[test]
fn values_out_of_range_are_refused() {
    let text = "title: A\npeople: 100001\nhistory: 0d\napps: { miro: { page_size: 0, token_life: 0s }, entra: { retention: -3d } }\ncast: { alice: { count: 0 } }\n";
    assert_snapshot!(told(text), @r#"
s.yaml:2:9  people is a whole number from 0 to 100000; found "100001"
  2 | people: 100001
    |         ^^^^^^
s.yaml:3:10  history is from 1d to 400d; found "0d"
  3 | history: 0d
    |          ^^
s.yaml:4:28  page_size is a whole number from 1 to 1000; found "0"
  4 | apps: { miro: { page_size: 0, token_life: 0s }, entra: { retention: -3d } }
    |                            ^
s.yaml:4:43  token_life is from 1s to 400d; found "0s"
  4 | apps: { miro: { page_size: 0, token_life: 0s }, entra: { retention: -3d } }
    |                                           ^^
s.yaml:4:69  "-3d" is negative; a duration goes forward
  4 | apps: { miro: { page_size: 0, token_life: 0s }, entra: { retention: -3d } }
    |                                                                     ^^^
s.yaml:5:25  count is a whole number from 1 to 10000; found "0"
  5 | cast: { alice: { count: 0 } }
    |                         ^
"#);
    assert_snapshot!(told("title: A\nhistory: 401d\napps: { miro: {} }\n"), @r#"
s.yaml:2:10  history is from 1d to 400d; found "401d"
  2 | history: 401d
    |          ^^^^
"#);
    assert_snapshot!(told("title: A\nhistory: 36h\napps: { miro: {} }\n"), @r#"
s.yaml:2:10  history is in whole days; found "36h"
  2 | history: 36h
    |          ^^^
"#);
}

#[test]
fn what_becomes_of_policies_is_for_a_defender_to_say() {
    assert_snapshot!(told("title: A\napps: { defender: { mda_mode: legacy_alerts }, miro: { mda_mode: behaviors } }\n"), @r"
s.yaml:2:66  only a defender has policies of its own, not miro
  2 | apps: { defender: { mda_mode: legacy_alerts }, miro: { mda_mode: behaviors } }
    |                                                                  ^^^^^^^^^
");
}

#[test]
fn vendors_that_nobody_knows_are_refused() {
    assert_snapshot!(told("title: A\napps: { mirro: {}, board: { vendor: mirro }, third: {} }\n"), @r#"
s.yaml:2:9  app "mirro" is not called after a vendor, so it needs `vendor`: did you mean "miro"?
  2 | apps: { mirro: {}, board: { vendor: mirro }, third: {} }
    |         ^^^^^
s.yaml:2:37  unknown vendor "mirro": did you mean "miro"?
  2 | apps: { mirro: {}, board: { vendor: mirro }, third: {} }
    |                                     ^^^^^
s.yaml:2:46  app "third" is not called after a vendor, so it needs `vendor` (miro, entra, workplace, github, defender, okta)
  2 | apps: { mirro: {}, board: { vendor: mirro }, third: {} }
    |                                              ^^^^^
"#);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let text = "title: A\napps: { miro: { sign_in: sso, profile: gone } }\n";
    assert_snapshot!(told(text), @r"
s.yaml:2:26  sso needs an app whose vendor is entra
  2 | apps: { miro: { sign_in: sso, profile: gone } }
    |                          ^^^
s.yaml:2:40  gone is a variant of workplace, not of miro
  2 | apps: { miro: { sign_in: sso, profile: gone } }
    |                                        ^^^^
");
    assert_snapshot!(told("title: A\napps: { entra: { sign_in: password }, miro: { sign_in: pasword } }\n"), @r#"
s.yaml:2:27  an entra is the directory itself; sign_in is for the other apps
  2 | apps: { entra: { sign_in: password }, miro: { sign_in: pasword } }
    |                           ^^^^^^^^
s.yaml:2:56  unknown sign_in "pasword": did you mean "password"?
  2 | apps: { entra: { sign_in: password }, miro: { sign_in: pasword } }
    |                                                        ^^^^^^^
"#);
}

#[test]
fn names_are_lower_snake_and_not_what_yaml_readers_differ_over() {
    assert_snapshot!(told("title: A\napps: { miro: {}, Miro2: { vendor: miro } }\ncast: { on: {}, NO: {}, bob-1: {}, it_admin: {} }\n"), @r#"
s.yaml:2:19  "Miro2" cannot name an app; names are lower_snake: small letters, digits and _, a letter first, at most 60
  2 | apps: { miro: {}, Miro2: { vendor: miro } }
    |                   ^^^^^
s.yaml:3:9  `on` is refused as a name: YAML readers differ over it; write another word
  3 | cast: { on: {}, NO: {}, bob-1: {}, it_admin: {} }
    |         ^^
s.yaml:3:17  `NO` is refused as a name: YAML readers differ over it; write another word
  3 | cast: { on: {}, NO: {}, bob-1: {}, it_admin: {} }
    |                 ^^
s.yaml:3:25  "bob-1" cannot name a person; names are lower_snake: small letters, digits and _, a letter first, at most 60
  3 | cast: { on: {}, NO: {}, bob-1: {}, it_admin: {} }
    |                         ^^^^^
s.yaml:3:36  `it_admin` always exists and cannot be in the cast
  3 | cast: { on: {}, NO: {}, bob-1: {}, it_admin: {} }
    |                                    ^^^^^^^^
"#);
}

#[test]
fn people_are_checked() {
    let text = "title: A\napps: { entra: {}, miro: {} }\ncast:\n  alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }\n  bob: { email: nobody, name: yes, job: 'off' }\n  us: { count: 3, email: us@contoso.example, logins: { miro: us } }\n  nil:\n";
    assert_snapshot!(told(text), @r#"
s.yaml:4:18  unknown place "Madird": did you mean "Madrid"?
  4 |   alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }
    |                  ^^^^^^
s.yaml:4:32  unknown kind of person "robot"; there is employee, guest, service
  4 |   alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }
    |                                ^^^^^
s.yaml:4:68  alice has no account in entra, so cannot administer it
  4 |   alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }
    |                                                                    ^^^^^
s.yaml:4:86  alice has no account in entra
  4 |   alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }
    |                                                                                      ^^^^^
s.yaml:4:96  unknown app "mirro": did you mean "miro"?
  4 |   alice: { home: Madird, kind: robot, accounts: [miro], admin_of: [entra], logins: { entra: a, mirro: b } }
    |                                                                                                ^^^^^
s.yaml:5:17  "nobody" is not an e-mail address
  5 |   bob: { email: nobody, name: yes, job: 'off' }
    |                 ^^^^^^
s.yaml:5:31  `yes` is refused as a value: YAML readers differ over it; write another word
  5 |   bob: { email: nobody, name: yes, job: 'off' }
    |                               ^^^
s.yaml:5:41  `off` is refused as a value: YAML readers differ over it; write another word
  5 |   bob: { email: nobody, name: yes, job: 'off' }
    |                                         ^^^^^
s.yaml:6:26  a group of 3 cannot share one e-mail address
  6 |   us: { count: 3, email: us@contoso.example, logins: { miro: us } }
    |                          ^^^^^^^^^^^^^^^^^^
s.yaml:6:62  a group of 3 cannot share one login
  6 |   us: { count: 3, email: us@contoso.example, logins: { miro: us } }
    |                                                              ^^
s.yaml:7:6  person "nil" is a map; found nothing (write `{}` for one without keys)
  7 |   nil:
    |      ^
"#);
}

#[test]
fn networks_and_attacks_are_checked() {
    let text = "title: A\napps: { miro: {} }\nnetworks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }\nattacks: { spray: T111, take: [T1078.004, 7], none: [] }\n";
    assert_snapshot!(told(text), @r#"
s.yaml:3:20  network "cloud" lacks `in`: where it really is
  3 | networks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }
    |                    ^
s.yaml:3:38  unknown tag "tro": did you mean "tor"?
  3 | networks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }
    |                                      ^^^
s.yaml:3:43  this is written twice in the list
  3 | networks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }
    |                                           ^^^^^^^
s.yaml:3:60  known is true or false; found "yes"
  3 | networks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }
    |                                                            ^^^
s.yaml:3:75  accuracy is a whole number from 0 to 20000; found "3.5"
  3 | networks: { cloud: { tags: [hosting, tro, hosting], known: yes, accuracy: 3.5 } }
    |                                                                           ^^^
s.yaml:4:19  a technique is an ATT&CK id such as T1078.004; found "T111"
  4 | attacks: { spray: T111, take: [T1078.004, 7], none: [] }
    |                   ^^^^
s.yaml:4:43  a technique is an ATT&CK id such as T1078.004; found "7"
  4 | attacks: { spray: T111, take: [T1078.004, 7], none: [] }
    |                                           ^
s.yaml:4:53  an attack has at least one ATT&CK technique
  4 | attacks: { spray: T111, take: [T1078.004, 7], none: [] }
    |                                                     ^
"#);
}

/// What is told, with the list of policies that grows left out.
fn told_of_policies(policies: &str) -> String {
    told_after_head(policies).replace(&POLICIES.words.join(", "), "<all that are>")
}

#[test]
fn policies_that_nobody_knows_are_refused_unless_they_say_what_they_count() {
    assert_snapshot!(told_of_policies("policies: { impossible_travle: {} }\n"), @r#"
s.yaml:5:13  unknown policy "impossible_travle": did you mean "impossible_travel"?
  5 | policies: { impossible_travle: {} }
    |             ^^^^^^^^^^^^^^^^^
"#);
    assert_snapshot!(told_of_policies("policies: { board_exports: { activity: exprot, app: mirro, per: [], except: [eve] } }\n"), @r#"
s.yaml:5:40  unknown verb "exprot": did you mean "export"?
  5 | policies: { board_exports: { activity: exprot, app: mirro, per: [], except: [eve] } }
    |                                        ^^^^^^
s.yaml:5:53  unknown app "mirro": did you mean "miro"?
  5 | policies: { board_exports: { activity: exprot, app: mirro, per: [], except: [eve] } }
    |                                                     ^^^^^
s.yaml:5:65  per lists at least one of actor, app, object
  5 | policies: { board_exports: { activity: exprot, app: mirro, per: [], except: [eve] } }
    |                                                                 ^
s.yaml:5:78  unknown person "eve"; there is alice, bob, others, it_admin
  5 | policies: { board_exports: { activity: exprot, app: mirro, per: [], except: [eve] } }
    |                                                                              ^^^
"#);
}

#[test]
fn parameters_of_policies_are_checked() {
    let text = "policies:\n  impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }\n  multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }\n";
    assert_snapshot!(told_after_head(text), @r#"
s.yaml:6:24  unknown key "sped" in policy "impossible_travel": did you mean "speed"?
  6 |   impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }
    |                        ^^^^
s.yaml:6:45  distance is a whole number from 0 to 20100; found "far"
  6 |   impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }
    |                                             ^^^
s.yaml:6:50  `mode` in policy "impossible_travel" is not built yet
  6 |   impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }
    |                                                  ^^^^
s.yaml:6:82  action `ban_app` is not built yet; built: suspend, require_sign_in, notify, remove_member, revoke_token, revoke_app, quarantine, trash, close_alert
  6 |   impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }
    |                                                                                  ^^^^^^^
s.yaml:6:102  unknown severity "hi"; there is informational, low, medium, high, critical
  6 |   impossible_travel: { sped: 900, distance: far, mode: country, action: [notify, ban_app], severity: hi }
    |                                                                                                      ^^
s.yaml:7:39  at_least is a whole number from 1 to 1000000; found "0"
  7 |   multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }
    |                                       ^
s.yaml:7:50  "5" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
  7 |   multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }
    |                                                  ^
s.yaml:7:58  per lists at least one of actor, app
  7 |   multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }
    |                                                          ^
s.yaml:7:62  unknown key "speed" in policy "multiple_failed_logins"; its keys are at_least, within, per, created, severity, action, actions_per_hour, except, dry_run
  7 |   multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }
    |                                                              ^^^^^
s.yaml:7:72  unknown key "object" in policy "multiple_failed_logins"; its keys are at_least, within, per, created, severity, action, actions_per_hour, except, dry_run
  7 |   multiple_failed_logins: { at_least: 0, within: 5, per: [], speed: 3, object: x }
    |                                                                        ^^^^^^
"#);
}

#[test]
fn the_life_of_the_stack_is_checked() {
    assert_snapshot!(told_after_head("stack: { starts: day 2 00:00, ends: day 1 10:00, timezone: mars }\n"), @r"
s.yaml:5:37  the end is not after the start (day 2 00:00)
  5 | stack: { starts: day 2 00:00, ends: day 1 10:00, timezone: mars }
    |                                     ^^^^^^^^^^^
s.yaml:5:60  timezone is an IANA name such as UTC or Europe/Berlin
  5 | stack: { starts: day 2 00:00, ends: day 1 10:00, timezone: mars }
    |                                                            ^^^^
");
    assert_snapshot!(told_after_head("stack: { starts: day -1 00:00, ends: 10:00 }\n"), @r#"
s.yaml:5:18  the stack starts on day 1 at the earliest
  5 | stack: { starts: day -1 00:00, ends: 10:00 }
    |                  ^^^^^^^^^^^^
s.yaml:5:38  "10:00" has no day (and is a number to some YAML readers); write `day 1 10:00`
  5 | stack: { starts: day -1 00:00, ends: 10:00 }
    |                                      ^^^^^
"#);
}

#[test]
fn scopes_are_those_that_the_stack_asks_for() {
    let told = told("title: A\napps: { miro: { scopes: [auditlog:read] } }\n");
    assert!(told.contains("unknown scope \"auditlog:read\": did you mean \"auditlogs:read\"?"), "{told}");
}
