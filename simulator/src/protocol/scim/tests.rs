//! The block on its own: a made-up vendor with a user of every kind of attribute.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::filter::{Filter, Join, Operator};
use super::patch::{PATCH_OP, patched};
use super::write::{created, replaced, schemas};
use super::{Attribute, Filters, Pages, PatchPath, Provider, Refusal, ResourceType, Schema, Surface, Texts, changes};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

static USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "",
    attributes: &[
        Attribute::text("userName").required().unique(),
        Attribute::complex("name", &[Attribute::text("givenName"), Attribute::text("familyName")]),
        Attribute::text("nickName").at_most(5),
        Attribute::boolean("active"),
        Attribute::text("userType").one_of(&["Full", "Free"]),
        Attribute::complex(
            "emails",
            &[Attribute::text("value"), Attribute::text("type"), Attribute::boolean("primary")],
        )
        .many(),
        Attribute::complex("groups", &[Attribute::text("value")]).many().read_only(),
        Attribute::text("badge").immutable(),
    ],
};
static EXTENSION: Schema = Schema {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    description: "",
    attributes: &[
        Attribute::text("department"),
        Attribute::complex("manager", &[Attribute::text("value"), Attribute::text("displayName")]),
    ],
};
static TYPE: ResourceType =
    ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[&EXTENSION] };

fn surface(patch_path: PatchPath, texts: Texts) -> Surface {
    Surface {
        base: "/scim",
        resource_types: &[],
        filters: Filters {
            operators: &Operator::ALL,
            joins: &[Join::And, Join::Or, Join::Not],
            attributes: &[],
            texts,
        },
        pages: Pages { default: 10, max: 20 },
        provider: Provider { documentation: "", filter_max_results: 20, scheme: ("", "", "") },
        content_type: "application/scim+json",
        patch_path,
        source: "",
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

fn ada() -> Map<String, Value> {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "7",
        "userName": "Ada@x.example",
        "name": { "givenName": "Ada", "familyName": "Hill" },
        "active": true,
        "emails": [
            { "value": "ada@x.example", "type": "work", "primary": true },
            { "value": "a@y.example", "type": "home" },
        ],
        "groups": [{ "value": "1" }],
        "badge": "B1",
        ENTERPRISE: { "department": "Design" },
    }))
}

#[test]
fn filters_are_read_and_applied_as_rfc_7644_says() {
    let rules = surface(PatchPath::Optional, Texts::Quoted).filters;
    #[rustfmt::skip]
    let cases = [
        (r#"userName eq "ada@X.example""#,                                  true),
        (r#"USERNAME Eq "ada@x.example""#,                                  true),
        (r#"userName ne "ada@x.example""#,                                  false),
        (r#"name.familyName co "IL" and name.givenName sw "a""#,            true),
        (r#"name.familyName ew "x" or active eq true"#,                     true),
        (r#"not (active eq true)"#,                                         false),
        (r#"active eq "True""#,                                             true),
        (r#"nickName pr"#,                                                  false),
        (r#"nickName eq null"#,                                             true),
        (r#"emails pr"#,                                                    true),
        (r#"emails eq "a@y.example""#,                                      true),
        (r#"emails[type eq "work" and value co "y.example"]"#,              false),
        (r#"emails[type eq "home" and value co "y.example"]"#,              true),
        (r#"emails.type eq "home""#,                                        true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "design""#, true),
        (r#"id eq "7" and (active eq false or userName gt "a")"#,           true),
        (r#"userName lt "a""#,                                              false),
    ];
    for (text, expected) in cases {
        let filter = Filter::read(text, &TYPE, &rules).unwrap_or_else(|e| panic!("{text}: {}", e.detail));
        assert_eq!(filter.matches(&ada()), expected, "{text}");
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_an_invalid_filter() {
    let rules = surface(PatchPath::Optional, Texts::Quoted).filters;
    for text in [
        "",
        "userName",
        "userName eq",
        "userName is \"x\"",
        "nobody eq \"x\"",
        "userName eq x",
        "(userName pr",
        "userName eq \"x",
        "userName pr extra",
        "active[value eq 1]",
        "not userName pr",
        "emails[nothing eq \"1\"]",
        &"(".repeat(100_000),
        &"not (".repeat(100_000),
    ] {
        let refused = Filter::read(text, &TYPE, &rules).expect_err(text);
        assert_eq!(refused.scim_type, Some("invalidFilter"), "{text}");
    }
}

#[test]
fn a_vendor_may_understand_less() {
    let rules =
        Filters { operators: &[Operator::Eq], joins: &[], attributes: &["userName", "id"], texts: Texts::Quoted };
    assert!(Filter::read("userName eq \"x\"", &TYPE, &rules).is_ok());
    for text in ["userName co \"x\"", "userName eq \"x\" and id eq \"7\"", "active eq true", "not (id eq \"7\")"] {
        assert_eq!(Filter::read(text, &TYPE, &rules).expect_err(text).scim_type, Some("invalidFilter"), "{text}");
    }
}

fn patch(operations: &Value) -> Result<Map<String, Value>, Refusal> {
    let body = object(json!({ "schemas": [PATCH_OP], "Operations": operations }));
    patched(&surface(PatchPath::Optional, Texts::QuotedOrBare), &TYPE, &ada(), &body)
}

#[test]
fn operations_change_what_they_name_and_nothing_else() {
    #[rustfmt::skip]
    let cases = [
        // operation                                                                         attribute  becomes
        (json!({"op": "Replace", "path": "active", "value": "False"}),                       "active",  json!(false)),
        (json!({"op": "add", "path": "nickName", "value": "Add"}),                           "nickName", json!("Add")),
        (json!({"op": "remove", "path": "name.givenName"}),                                  "name",    json!({"familyName": "Hill"})),
        (json!({"op": "replace", "path": "name", "value": {"givenName": "A."}}),             "name",    json!({"givenName": "A.", "familyName": "Hill"})),
        (json!({"op": "replace", "value": {"userType": "free", "unknown": 1}}),              "userType", json!("Free")),
        (json!({"op": "replace", "path": "emails", "value": [{"value": "z"}]}),              "emails",  json!([{"value": "z"}])),
        (json!({"op": "remove", "path": "emails[type eq \"home\"]"}),                        "emails",  json!([{"value": "ada@x.example", "type": "work", "primary": true}])),
        (json!({"op": "remove", "path": "emails[value eq a@y.example]"}),                    "emails",  json!([{"value": "ada@x.example", "type": "work", "primary": true}])),
        (json!({"op": "remove", "path": "emails", "value": [{"value": "a@y.example"}]}),     "emails",  json!([{"value": "ada@x.example", "type": "work", "primary": true}])),
        (json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}), "emails", json!([{"value": "ada@x.example", "type": "work", "primary": false}, {"value": "a@y.example", "type": "home", "primary": true}])),
        (json!({"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Art"}),   ENTERPRISE, json!({"department": "Art"})),
        (json!({"op": "add", "path": ENTERPRISE, "value": {"manager": {"value": "9"}}}),     ENTERPRISE, json!({"department": "Design", "manager": {"value": "9"}})),
        (json!({"op": "remove", "path": format!("{ENTERPRISE}:department")}),                ENTERPRISE, Value::Null),
        (json!({"op": "add", "path": "emails", "value": [{"value": "a@y.example", "type": "other"}]}), "emails", json!([{"value": "ada@x.example", "type": "work", "primary": true}, {"value": "a@y.example", "type": "other"}])),
        (json!({"op": "remove", "path": "emails"}),                                          "emails",  Value::Null),
    ];
    for (operation, attribute, becomes) in cases {
        let new = patch(&json!([operation])).unwrap_or_else(|e| panic!("{operation}: {}", e.detail));
        let changed = changes(&ada(), &new);
        assert_eq!(changed.len(), 1, "{operation}: {changed:?}");
        assert_eq!((changed[0].attribute.as_str(), &changed[0].to), (attribute, &becomes), "{operation}");
    }
    let added = patch(&json!([{"op": "add", "path": "emails[type eq \"other\"].value", "value": "o"}]));
    assert_eq!(added.expect("it is made")["emails"][2], json!({"type": "other", "value": "o"}));
    assert!(
        changes(&ada(), &patch(&json!([{"op": "add", "path": "emails", "value": {"value": "a@y.example"}}])).unwrap())
            .is_empty()
    );
}

#[test]
fn operations_that_cannot_be_done_say_which_rule_they_break() {
    #[rustfmt::skip]
    let cases = [
        (json!({"op": "move", "path": "active", "value": true}),                  "invalidSyntax"),
        (json!({"op": "remove"}),                                                 "noTarget"),
        (json!({"op": "replace", "path": "nobody", "value": 1}),                  "invalidPath"),
        (json!({"op": "replace", "path": "active", "value": "maybe"}),            "invalidValue"),
        (json!({"op": "replace", "path": "active"}),                              "invalidValue"),
        (json!({"op": "replace", "path": "nickName", "value": "too long"}),       "invalidValue"),
        (json!({"op": "replace", "path": "userType", "value": "Gold"}),           "invalidValue"),
        (json!({"op": "replace", "path": "emails[type eq \"x\"].value", "value": "v"}), "noTarget"),
        (json!({"op": "replace", "path": "emails[type is \"x\"]", "value": {}}),  "invalidFilter"),
        (json!({"op": "replace", "path": "groups", "value": []}),                 "mutability"),
        (json!({"op": "replace", "path": "id", "value": "8"}),                    "mutability"),
        (json!({"op": "replace", "path": "badge", "value": "B2"}),                "mutability"),
        (json!({"op": "remove", "path": "userName"}),                             "invalidValue"),
        (json!({"op": "replace", "value": 3}),                                    "invalidValue"),
    ];
    for (operation, scim_type) in cases {
        let refused = patch(&json!([operation])).expect_err(&operation.to_string());
        assert_eq!(refused.scim_type, Some(scim_type), "{operation}: {}", refused.detail);
    }
    let body = object(json!({ "Operations": [] }));
    let surface = surface(PatchPath::Required, Texts::Quoted);
    assert_eq!(patched(&surface, &TYPE, &ada(), &body).unwrap_err().scim_type, Some("invalidSyntax"));
    let body = object(json!({ "schemas": [PATCH_OP], "Operations": [{"op": "add", "value": {"active": true}}] }));
    assert_eq!(patched(&surface, &TYPE, &ada(), &body).unwrap_err().scim_type, Some("invalidPath"));
}

#[test]
fn a_post_keeps_what_may_be_written_in_its_canonical_spelling() {
    let body = object(json!({
        "USERNAME": "x", "Active": "true", "groups": [{ "value": "2" }], "emails": { "value": "e", "colour": "red" },
        "nickName": null, "surprise": 1, "externalId": "e1", ENTERPRISE.to_uppercase(): { "Department": "Art" },
    }));
    let fields = created(&TYPE, &body).expect("all that is required is there");
    let expected = json!({
        "userName": "x", "active": true, "emails": [{ "value": "e" }], "externalId": "e1",
        ENTERPRISE: { "department": "Art" },
    });
    assert_eq!(Value::Object(fields.clone()), expected);
    assert_eq!(schemas(&TYPE, &fields), [USER.id, ENTERPRISE]);
    let refused = created(&TYPE, &object(json!({ "active": true }))).expect_err("userName is required");
    assert_eq!(refused.scim_type, Some("invalidValue"));
}

#[test]
fn a_put_takes_away_what_it_does_not_name_and_leaves_what_is_read_only() {
    let body = object(json!({ "userName": "x", "badge": "B1", "groups": [] }));
    let new = replaced(&TYPE, &ada(), &body).expect("it may");
    let names: Vec<&str> = new.keys().map(String::as_str).collect();
    assert_eq!(names, ["schemas", "id", "userName", "groups", "badge"]);
    assert_eq!(new["groups"], ada()["groups"]);
    let other = object(json!({ "userName": "x", "badge": "B2" }));
    assert_eq!(replaced(&TYPE, &ada(), &other).unwrap_err().scim_type, Some("mutability"));
}

proptest! {
    #[test]
    fn no_text_makes_the_filter_or_a_path_panic(text in "[a-zA-Z\\[\\]().:\" ]{0,40}") {
        let surface = surface(PatchPath::Optional, Texts::QuotedOrBare);
        let _ = Filter::read(&text, &TYPE, &surface.filters).map(|f| f.matches(&ada()));
        let operations = json!([{ "op": "add", "path": text, "value": "v" }]);
        let body = object(json!({ "schemas": [PATCH_OP], "Operations": operations }));
        let _ = patched(&surface, &TYPE, &ada(), &body);
    }
}
