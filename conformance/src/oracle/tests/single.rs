//! D14, D16 to D18, D23.

use super::*;

fn done(verb: Verb, details: &'static [(&'static str, &'static str)]) -> Did {
    Did { verb, details, target: Some(2), object: Some("Roadmap".to_owned()), ..did(0, "London") }
}

#[test]
fn one_deed_is_enough() {
    use Verb::{ChangeRole, ChangeSetting, Restore, SetVisibility, Share, Suspend};
    let opened = || done(SetVisibility, &[("to", "public")]);
    let closed = Did { second: 180, ..done(SetVisibility, &[("to", "private")]) };
    let by_token = Did { using: Using::Token, ..done(Restore, &[]) };
    let later = |second, did: Did| Did { second, ..did };
    #[rustfmt::skip]
    let cases: Vec<(&str, &str, Vec<Did>, usize)> = vec![
        ("mfa_or_sso_disabled", "single sign-on off", vec![done(ChangeSetting, &[("setting", "sso"), ("to", "disabled")])], 1),
        ("mfa_or_sso_disabled", "two factors off",    vec![done(ChangeSetting, &[("setting", "two_factor_requirement"), ("to", "disabled")])], 1),
        ("mfa_or_sso_disabled", "switched on",        vec![done(ChangeSetting, &[("setting", "sso"), ("to", "enabled")])], 0),
        ("mfa_or_sso_disabled", "another setting",    vec![done(ChangeSetting, &[("setting", "team_privacy"), ("to", "disabled")])], 0),
        ("privilege_escalation_to_owner", "owner",    vec![done(ChangeRole, &[("role", "owner")])], 1),
        ("privilege_escalation_to_owner", "admin",    vec![done(ChangeRole, &[("role", "admin")])], 1),
        ("privilege_escalation_to_owner", "member",   vec![done(ChangeRole, &[("role", "member")])], 0),
        ("public_repo_or_content_exposure", "public", vec![opened()], 1),
        ("public_repo_or_content_exposure", "closed three minutes later", vec![opened(), closed.clone()], 1),
        ("public_repo_or_content_exposure", "private", vec![closed], 0),
        ("public_repo_or_content_exposure", "a link for anyone", vec![done(Share, &[("with", "anyone")])], 1),
        ("public_repo_or_content_exposure", "with a partner", vec![done(Share, &[("with", "partner.example")])], 0),
        ("public_repo_or_content_exposure", "twice in an hour", vec![opened(), later(3_600, opened())], 1),
        ("public_repo_or_content_exposure", "and again", vec![opened(), later(3_601, opened())], 2),
        ("deactivated_user_reactivated", "restored",  vec![done(Restore, &[])], 1),
        ("deactivated_user_reactivated", "by provisioning", vec![by_token], 0),
        ("deactivated_user_reactivated", "suspended", vec![done(Suspend, &[])], 0),
    ];
    for (policy, name, all, expected) in cases {
        assert_eq!(owes(policy, &json!({}), &all).len(), expected, "{policy}: {name}");
    }
}

#[test]
fn an_application_is_new_once_and_its_scope_is_broad_or_not() {
    let granted = |second, person, scopes: &'static [(&'static str, &'static str)]| Did {
        second,
        person,
        ..done(Verb::GrantApp, scopes)
    };
    const BROAD: &[(&str, &str)] = &[("scopes", "boards:read auditlogs:read")];
    const NARROW: &[(&str, &str)] = &[("scopes", "boards:read")];
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("a broad scope",                  vec![granted(0, 1, BROAD)], json!({}), 1),
        ("a narrow one",                   vec![granted(0, 1, NARROW)], json!({}), 0),
        ("others follow",                  vec![granted(0, 1, BROAD), granted(60, 2, BROAD), granted(DAY, 3, BROAD)], json!({}), 1),
        ("forgotten after a month",        vec![granted(0, 1, BROAD), granted(31 * DAY, 1, BROAD)], json!({}), 2),
    ];
    check("new_oauth_app_broad_scope", &cases);
}
