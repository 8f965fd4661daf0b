//! Wrong lines of a script.

use insta::assert_snapshot;

use super::{told, told_after_head, told_of_step};

#[test]
fn an_unknown_place_has_a_near_miss() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, from: Madird, attack: takeover }"), @r#"
s.yaml:6:70  unknown place "Madird": did you mean "Madrid"?
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, from: Madird, attack: takeover }
    |                                                                      ^^^^^^
"#);
}

#[test]
fn unknown_people_apps_attacks_and_verbs_are_told_apart() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alcie, does: sing_in, app: mirro, attack: take, from: London }"), @r#"
s.yaml:6:31  unknown person "alcie": did you mean "alice"?
  6 |   - { at: day 1 09:00, actor: alcie, does: sing_in, app: mirro, attack: take, from: London }
    |                               ^^^^^
s.yaml:6:44  unknown verb "sing_in": did you mean "sign_in"?
  6 |   - { at: day 1 09:00, actor: alcie, does: sing_in, app: mirro, attack: take, from: London }
    |                                            ^^^^^^^
s.yaml:6:58  unknown app "mirro": did you mean "miro"?
  6 |   - { at: day 1 09:00, actor: alcie, does: sing_in, app: mirro, attack: take, from: London }
    |                                                          ^^^^^
s.yaml:6:73  unknown attack "take"; there is takeover
  6 |   - { at: day 1 09:00, actor: alcie, does: sing_in, app: mirro, attack: take, from: London }
    |                                                                         ^^^^
"#);
}

#[test]
fn lines_stand_in_order_of_happening() {
    let lines = "script:\n  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro }\n  - { at: day 1 08:50, actor: alice, does: sign_in, app: miro }\n  - { at: +10m, actor: alice, does: sign_in, app: miro }\n  - { at: day 1 08:59:59.999, actor: alice, does: sign_in, app: miro }\n";
    assert_snapshot!(told_after_head(lines), @r"
s.yaml:7:11  day 1 08:50 is before the line above (day 1 09:00)
  7 |   - { at: day 1 08:50, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^
s.yaml:9:11  day 1 08:59:59.999 is before the line above (day 1 09:00)
  9 |   - { at: day 1 08:59:59.999, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^^^^^^^^
");
}

#[test]
fn each_line_stands_alone() {
    let lines = "script: [{ at: day 1 09:00, actor: alice, does: sign_in, app: miro }, { at: day 1 09:30, actor: alice, does: sign_out, app: miro }]\n";
    assert_snapshot!(told_after_head(lines), @"");
}

#[test]
fn times_have_a_day() {
    assert_snapshot!(told_of_step("{ at: 10:00, actor: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:11  "10:00" has no day (and is a number to some YAML readers); write `day 1 10:00`
  6 |   - { at: 10:00, actor: alice, does: sign_in, app: miro }
    |           ^^^^^
"#);
    assert_snapshot!(told_of_step("{ at: 600, actor: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:11  "600" is a number; write a time such as `day 1 10:00`
  6 |   - { at: 600, actor: alice, does: sign_in, app: miro }
    |           ^^^
"#);
    assert_snapshot!(told_of_step("{ at: day 0 10:00, actor: alice, does: sign_in, app: miro }"), @r"
s.yaml:6:11  there is no day 0: the day before day 1 is day -1
  6 |   - { at: day 0 10:00, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^
");
    assert_snapshot!(told_of_step("{ at: day 900 10:00, actor: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:11  "day 900 10:00" is too far away; days go to day 400
  6 |   - { at: day 900 10:00, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^^^
"#);
    assert_snapshot!(told_of_step("{ at: day -2 10:00, actor: alice, does: sign_in, app: miro }"), @r"
s.yaml:6:11  day -2 10:00 is before the script, whose first day is day 1
  6 |   - { at: day -2 10:00, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^^
");
    assert_snapshot!(told_of_step("{ at: tomorrow, actor: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:11  "tomorrow" is not a time; write `day 1 09:40`, with `:05` and `.250` when needed
  6 |   - { at: tomorrow, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^
"#);
}

#[test]
fn of_a_time_that_cannot_be_read_the_lines_below_say_nothing() {
    let lines = |at: &str| {
        format!(
            "script:\n  - {{ at: {at}, actor: alice, does: sign_in, app: miro }}\n  - {{ at: +10m, actor: alice, does: sign_in, app: miro }}\n  - {{ at: day 1 08:00, actor: alice, does: sign_in, app: miro }}\n"
        )
    };
    assert_snapshot!(told_after_head(&lines("30m")), @r#"
s.yaml:6:11  "30m" is a length of time; write `day 1 09:40`, or in a script `+30m` after the line before
  6 |   - { at: 30m, actor: alice, does: sign_in, app: miro }
    |           ^^^
"#);
    assert_snapshot!(told_after_head(&lines("day 1 25:00")), @r#"
s.yaml:6:11  "day 1 25:00" is on no clock: hours go to 23, minutes and seconds to 59
  6 |   - { at: day 1 25:00, actor: alice, does: sign_in, app: miro }
    |           ^^^^^^^^^^^
"#);
    assert_snapshot!(told_after_head(&lines("+10m")), @r"
s.yaml:6:11  +10m counts from the line before, and there is none; write `day 1 09:00`
  6 |   - { at: +10m, actor: alice, does: sign_in, app: miro }
    |           ^^^^
");
}

#[test]
fn of_a_line_that_cannot_be_read_the_lines_below_miss_nothing() {
    let lines = "script:\n  - { at: day 1 09:00, actor: alice, does: crate_token, app: miro }\n  - { at: +10m, actor: alice, does: open, app: miro, using: token }\n";
    assert_snapshot!(told_after_head(lines), @r#"
s.yaml:6:44  unknown verb "crate_token": did you mean "create_token"?
  6 |   - { at: day 1 09:00, actor: alice, does: crate_token, app: miro }
    |                                            ^^^^^^^^^^^
"#);
}

#[test]
fn a_key_that_is_misspelt_is_not_missing_as_well() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actr: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:24  unknown key "actr" in a step: did you mean "actor"?
  6 |   - { at: day 1 09:00, actr: alice, does: sign_in, app: miro }
    |                        ^^^^
"#);
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor:alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:24  unknown key "actor:alice" in a step: did you mean "actor: alice"?
  6 |   - { at: day 1 09:00, actor:alice, does: sign_in, app: miro }
    |                        ^^^^^^^^^^^
"#);
}

#[test]
fn the_first_line_has_no_line_before() {
    assert_snapshot!(told_of_step("{ at: +84m, actor: alice, does: sign_in, app: miro }"), @r"
s.yaml:6:11  +84m counts from the line before, and there is none; write `day 1 09:00`
  6 |   - { at: +84m, actor: alice, does: sign_in, app: miro }
    |           ^^^^
");
    assert_snapshot!(told_of_step("{ at: +84, actor: alice, does: sign_in, app: miro }"), @r#"
s.yaml:6:11  "+84" is not a time after the line before; write `+84m`
  6 |   - { at: +84, actor: alice, does: sign_in, app: miro }
    |           ^^^
"#);
}

#[test]
fn a_step_says_who_what_when_and_where() {
    assert_snapshot!(told_of_step("{}"), @r"
s.yaml:6:5  a step lacks `app`: there are several, entra, miro
  6 |   - {}
    |     ^
s.yaml:6:5  a step lacks `at`: when it happens; `+84m` counts from the line before
  6 |   - {}
    |     ^
s.yaml:6:5  a step lacks `does`: what is done
  6 |   - {}
    |     ^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, does: sign_in }"), @r"
s.yaml:6:5  a step lacks `actor`: whose account does sign_in
  6 |   - { at: day 1 09:00, does: sign_in }
    |     ^
s.yaml:6:5  a step lacks `app`: there are several, entra, miro
  6 |   - { at: day 1 09:00, does: sign_in }
    |     ^
");
    assert_snapshot!(told_of_step("day 1 09:00"), @r#"
s.yaml:6:5  a step is a map; found "day 1 09:00"
  6 |   - day 1 09:00
    |     ^^^^^^^^^^^
"#);
}

#[test]
fn an_attack_says_where_it_comes_from() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, attack: takeover }"), @r"
s.yaml:6:72  a step of an attack needs `from`: where the criminal's request comes from
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, attack: takeover }
    |                                                                        ^^^^^^^^
");
}

#[test]
fn a_verb_that_the_vendor_does_not_log_names_those_it_does() {
    let told = told_of_step("{ at: day 1 09:00, actor: alice, does: clone, app: entra }");
    assert!(told.starts_with("s.yaml:6:44  ") && told.contains(" logs no clone; it logs sign_in, "), "{told}");
}

#[test]
fn verbs_take_their_own_keys_only() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, object: board, to: public }"), @r"
s.yaml:6:64  sign_in takes no `object`; it takes none of this kind
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, object: board, to: public }
    |                                                                ^^^^^^
s.yaml:6:79  sign_in takes no `to`; it takes none of this kind
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, object: board, to: public }
    |                                                                               ^^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, does: rename, app: entra }"), @r"
s.yaml:6:24  rename lacks `target`
  6 |   - { at: day 1 09:00, does: rename, app: entra }
    |                        ^^^^
s.yaml:6:24  rename lacks `to`
  6 |   - { at: day 1 09:00, does: rename, app: entra }
    |                        ^^^^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: open, app: miro, result: wrong_password }"), @r"
s.yaml:6:69  only sign_in can fail; other verbs are recorded when they are done
  6 |   - { at: day 1 09:00, actor: alice, does: open, app: miro, result: wrong_password }
    |                                                                     ^^^^^^^^^^^^^^
");
}

#[test]
fn setting_values_are_not_what_yaml_readers_differ_over() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: it_admin, does: change_setting, app: miro, setting: mfa, to: off }"), @r"
s.yaml:6:92  `off` is refused as a value: YAML readers differ over it; write another word
  6 |   - { at: day 1 09:00, actor: it_admin, does: change_setting, app: miro, setting: mfa, to: off }
    |                                                                                            ^^^
");
}

#[test]
fn repetitions_say_how_long_they_take() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, times: 3 }"), @r"
s.yaml:6:5  a step of 3 activities lacks `over`: the time from the first to the last
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, times: 3 }
    |     ^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: others, does: sign_in, app: miro }"), @r"
s.yaml:6:5  a step of 5 activities lacks `over`: the time from the first to the last
  6 |   - { at: day 1 09:00, actor: others, does: sign_in, app: miro }
    |     ^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, over: 5m }"), @r"
s.yaml:6:70  one activity takes no time; `over` is for several, so `times` is missing
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, over: 5m }
    |                                                                      ^^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: sign_in, app: miro, times: 0, over: -5m }"), @r#"
s.yaml:6:71  times is a whole number from 1 to 100000; found "0"
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, times: 0, over: -5m }
    |                                                                       ^
s.yaml:6:80  "-5m" is negative; a duration goes forward
  6 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, times: 0, over: -5m }
    |                                                                                ^^^
"#);
}

#[test]
fn tokens_and_granted_apps_exist_before_they_are_used() {
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: export, app: miro, using: token }"), @r"
s.yaml:6:70  alice has no token there: no line above lets them create_token in this app
  6 |   - { at: day 1 09:00, actor: alice, does: export, app: miro, using: token }
    |                                                                      ^^^^^
");
    assert_snapshot!(told_of_step("{ at: day 1 09:00, actor: alice, does: export, app: miro, using: lapdog }"), @r#"
s.yaml:6:70  unknown device or granted app "lapdog": did you mean "laptop"?
  6 |   - { at: day 1 09:00, actor: alice, does: export, app: miro, using: lapdog }
    |                                                                      ^^^^^^
"#);
}

#[test]
fn ids_are_taken_once() {
    let lines = "script:\n  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, id: desk }\n  - { at: +1m, actor: alice, does: sign_in, app: miro, id: desk }\n";
    assert_snapshot!(told_after_head(lines), @r#"
s.yaml:7:60  id "desk" is taken by the step on line 6
  7 |   - { at: +1m, actor: alice, does: sign_in, app: miro, id: desk }
    |                                                            ^^^^
"#);
}

#[test]
fn people_exist_while_they_are_here() {
    let lines = "script:\n  - { at: day 1 09:00, actor: bob, does: sign_in, app: miro }\n  - { at: day 1 10:00, does: hire, target: bob }\n  - { at: day 1 11:00, does: terminate, target: bob }\n  - { at: day 1 12:00, does: terminate, target: bob }\n  - { at: day 1 13:00, does: hire, target: bob }\n  - { at: day 1 14:00, does: terminate, target: it_admin }\n";
    assert_snapshot!(told_after_head(lines), @r"
s.yaml:6:31  bob does not exist before being hired (day 1 10:00)
  6 |   - { at: day 1 09:00, actor: bob, does: sign_in, app: miro }
    |                               ^^^
s.yaml:9:49  bob is gone already
  9 |   - { at: day 1 12:00, does: terminate, target: bob }
    |                                                 ^^^
s.yaml:10:44  bob was hired before; a rehired person is another one
  10 |   - { at: day 1 13:00, does: hire, target: bob }
     |                                            ^^^
s.yaml:11:49  it_admin always exists: nobody can terminate them
  11 |   - { at: day 1 14:00, does: terminate, target: it_admin }
     |                                                 ^^^^^^^^
");
}

#[test]
fn an_address_belongs_to_one_person_at_a_time() {
    let cast = "title: A\napps: { entra: {} }\ncast:\n  alice: { email: a@contoso.example }\n  alice_new: { email: A@contoso.example }\n";
    assert_snapshot!(told(cast), @r"
s.yaml:5:23  alice has this address at the same time; one must terminate before the other is hired
  5 |   alice_new: { email: A@contoso.example }
    |                       ^^^^^^^^^^^^^^^^^
");
    let stays = format!(
        "{cast}script:\n  - {{ at: day 1 09:00, does: terminate, target: alice }}\n  - {{ at: day 2 09:00, does: hire, target: alice_new }}\n"
    );
    super::good(&stays);
}

#[test]
fn people_act_where_they_have_accounts() {
    let text = "title: A\napps: { entra: {}, miro: {} }\ncast: { alice: { accounts: [miro] }, bob: { accounts: [entra] } }\nscript:\n  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro }\n  - { at: day 1 09:00, actor: bob, does: sign_in, app: miro }\n";
    assert_snapshot!(told(text), @r"
s.yaml:5:31  alice cannot sign in with sso: no account in the directory
  5 |   - { at: day 1 09:00, actor: alice, does: sign_in, app: miro }
    |                               ^^^^^
s.yaml:6:31  bob has no account in miro
  6 |   - { at: day 1 09:00, actor: bob, does: sign_in, app: miro }
    |                               ^^^
");
}
