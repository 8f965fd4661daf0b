//! What filters mean.

use std::ops::Bound;

use serde_json::json;

use super::*;

const PROPERTIES: &[&str] =
    &["createdDateTime", "userPrincipalName", "accountEnabled", "status/errorCode", "targetResources", "types"];

#[track_caller]
fn check(filter: &str, expected: bool) {
    let entity = json!({
        "createdDateTime": "2026-03-02T09:00:00.1234560Z",
        "userPrincipalName": "Ann@contoso.example",
        "accountEnabled": true,
        "status": { "errorCode": 50126 },
        "types": ["Unified"],
        "targetResources": [{ "id": "a" }, { "id": "b", "displayName": "Bo's" }],
    });
    let parsed = Filter::parse(filter, PROPERTIES).expect(filter);
    assert_eq!(parsed.matches(&entity), expected, "{filter}");
}

#[test]
fn entities_are_judged_by_comparison_and_function() {
    check("userPrincipalName eq 'ann@CONTOSO.example'", true);
    check("startswith(userPrincipalName,'ann@')", true);
    check("startsWith(userPrincipalName, 'bob')", false);
    check("accountEnabled eq true", true);
    check("status/errorCode eq 0", false);
    check("status/errorCode ge 50126 and accountEnabled eq true or accountEnabled eq false", true);
    check("(accountEnabled eq false or status/errorCode eq 50126) and createdDateTime lt 2026-03-02T09:00:01Z", true);
    check("targetResources/any(t:t/id eq 'b')", true);
    check("targetResources/any(t: startswith(t/displayName,'Bo''s'))", true);
    check("targetResources/any(t: t/id eq 'c')", false);
    check("types/any(c:c eq 'Unified')", true);
    check("userPrincipalName in ('eve@contoso.example', 'ann@contoso.example')", true);
    check("userPrincipalName in ('eve@contoso.example')", false);
    check("accountEnabled ne true", false);
    check("endsWith(userPrincipalName,'@contoso.example')", true);
    check("not(startswith(userPrincipalName,'ann')) or not accountEnabled eq false", true);
}

#[test]
fn the_window_is_taken_out_of_a_conjunction() {
    let text = "createdDateTime ge 2026-03-02T09:00:00Z and (createdDateTime lt 2026-03-02T10:00:00Z \
                and accountEnabled eq true)";
    let (span, rest) = Filter::parse(text, PROPERTIES).unwrap().window("createdDateTime");
    let at = |text| SimTime::parse_rfc3339(text).unwrap();
    assert_eq!(span.from, Bound::Included(at("2026-03-02T09:00:00Z")));
    assert_eq!(span.until, Bound::Excluded(at("2026-03-02T10:00:00Z")));
    let enabled = Filter::Compare("accountEnabled".into(), Operator::Eq, Literal::Truth(true));
    assert_eq!(rest, Some(enabled));
}

#[test]
fn of_two_bounds_the_tighter_holds() {
    let text = "createdDateTime ge 2026-03-02T09:00:00Z and createdDateTime gt 2026-03-02T09:00:00Z";
    let (span, _) = Filter::parse(text, PROPERTIES).unwrap().window("createdDateTime");
    assert_eq!(span.from, Bound::Excluded(SimTime::parse_rfc3339("2026-03-02T09:00:00Z").unwrap()));
}

#[test]
fn what_is_not_imitated_is_refused_by_name() {
    for (text, what) in [
        ("userPrincipalName has 'a'", "the operator 'has'"),
        ("contains(userPrincipalName,'a')", "the function 'contains'"),
        ("city eq 'x'", "a filter on 'city'"),
    ] {
        let unsupported = Failure::Unsupported { what: what.to_owned() };
        assert_eq!(Filter::parse(text, PROPERTIES), Err(unsupported), "{text}");
    }
    for text in ["accountEnabled eq", "accountEnabled eq 'open", "(accountEnabled eq true", "accountEnabled eq true)"] {
        let refused = Filter::parse(text, PROPERTIES);
        assert!(matches!(refused, Err(Failure::BadParameter { .. })), "{text}: {refused:?}");
    }
    let long = "accountEnabled eq true and ".repeat(100_000) + "accountEnabled eq true";
    for text in ["(".repeat(100_000), long] {
        assert!(matches!(Filter::parse(&text, PROPERTIES), Err(Failure::BadParameter { .. })), "{}", &text[..30]);
    }
}

#[test]
fn what_wants_the_lagging_index_is_told() {
    #[rustfmt::skip]
    let cases = [
        ("accountEnabled eq true and userPrincipalName in ('a')",       None),
        ("accountEnabled eq true and userPrincipalName ne 'a'",         Some("ne")),
        ("not(accountEnabled eq true)",                                 Some("not")),
        ("accountEnabled eq true or endswith(userPrincipalName,'a')",   Some("endswith")),
    ];
    for (text, advanced) in cases {
        assert_eq!(Filter::parse(text, PROPERTIES).expect(text).advanced(), advanced, "{text}");
    }
    let deep = "not ".repeat(100_000);
    assert!(Filter::parse(&deep, PROPERTIES).is_err());
}
