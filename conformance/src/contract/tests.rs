//! The contract held against its own samples and, where they are at hand, against OCSF's.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use simulator::time::SimTime;

use super::sample::{self, EventSample};
use super::{Profile, Said, read_line};

fn at() -> SimTime {
    SimTime::parse_rfc3339("2026-03-02T09:00:00Z").unwrap()
}

fn sign_in() -> Value {
    sample::event(&EventSample {
        uid: "e1",
        tenant: "miro",
        log: "audit_log",
        time: at(),
        user: Some(("u1", "alice@contoso.example")),
        address: Some("192.0.2.4".to_owned()),
        success: true,
        sign_in: true,
    })
}

fn bodies() -> Vec<(&'static str, Value)> {
    let entry = EventSample {
        uid: "e2",
        tenant: "entra",
        log: "directory_audits",
        time: at(),
        user: None,
        address: None,
        success: true,
        sign_in: false,
    };
    vec![
        ("event", sign_in()),
        ("event", sample::event(&entry)),
        ("event", sample::user_row("u1", "alice@contoso.example", "miro", at())),
        ("alert", sample::alert("a1", "impossible_travel", at(), &["e1", "e2"], ("u1", "alice@contoso.example"), 4)),
        ("action", sample::action("c1", "suspend", "a1", "u1", at(), 1)),
    ]
}

/// The material that is shared beside the workspace, if it is there.
fn ocsf() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/ocsf");
    if path.exists() {
        return Some(path);
    }
    // Past the harness, which keeps what a passing test prints to itself.
    let line = "NOT TESTED: nothing is held against OCSF's schema, which is not beside the workspace\n";
    std::io::stderr().write_all(line.as_bytes()).expect("somebody listens");
    None
}

/// What OCSF 1.8.0 requires of every event class, in our own words: enough to notice a slip where its schema is not at
/// hand.
fn base_event() -> Value {
    let name_or_id = json!({
        "type": "object",
        "anyOf": [{ "required": ["name"] }, { "required": ["uid"] }],
        "properties": { "name": { "type": "string" }, "uid": { "type": "string" } },
    });
    let number = |least: u64| json!({ "type": "integer", "minimum": least });
    json!({
        "type": "object",
        "required": ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"],
        "properties": {
            "activity_id": { "type": "integer", "minimum": 0, "maximum": 99 },
            "category_uid": { "type": "integer", "minimum": 1, "maximum": 8 },
            "class_uid": number(1_000),
            "type_uid": number(100_000),
            "severity_id": { "enum": [0, 1, 2, 3, 4, 5, 6, 99] },
            "status_id": { "enum": [0, 1, 2, 3, 4, 5, 6, 99] },
            "time": number(0),
            "metadata": {
                "type": "object",
                "required": ["product", "version"],
                "properties": { "version": { "const": "1.8.0" }, "product": name_or_id },
            },
            "user": name_or_id,
        },
    })
}

#[test]
fn good_lines_are_read_in_both_profiles() {
    for profile in [Profile::Strict, Profile::Lenient] {
        for (kind, body) in bodies() {
            let line =
                read_line(&sample::line(kind, 7, at(), &body), profile).unwrap_or_else(|e| panic!("{kind}: {e}"));
            assert_eq!(line.seq, 7);
        }
    }
}

#[test]
fn the_principal_of_an_event_is_who_acted_and_not_whom_it_was_done_to() {
    let mut body = sign_in();
    body["class_uid"] = json!(3001);
    body["type_uid"] = json!(300_101);
    body["actor"] = json!({"user": {"uid": "admin"}});
    let Said::Event(event) = read_line(&sample::line("event", 1, at(), &body), Profile::Strict).unwrap().said else {
        panic!("an event")
    };
    assert_eq!(event.actor.uids, ["admin"]);
}

#[test]
fn a_line_that_breaks_a_rule_says_which() {
    let change = |path: &str, value: Value| {
        let mut body = sign_in();
        *body.pointer_mut(path).unwrap() = value;
        sample::line("event", 1, at(), &body)
    };
    #[rustfmt::skip]
    let cases = [
        ("cut in the middle", "{\"v\":1".to_owned(),              "not JSON"),
        ("another version",   "{\"v\":2}".to_owned(),             "v is 2"),
        ("type disagrees",    change("/type_uid", json!(300_202)), "type_uid 300202 is not class_uid * 100 + activity_id = 300201"),
        ("category",          change("/category_uid", json!(4)),   "category_uid 4 does not fit"),
        ("no such class",     change("/class_uid", json!(1)),      "class_uid 1 is not one of"),
        ("no event id",       change("/metadata/uid", json!("")),  "metadata.uid is missing"),
        ("no tenant",         change("/metadata/tenant_uid", Value::Null), "metadata.tenant_uid is missing"),
        ("time as text",      change("/time", json!("yesterday")), "invalid type"),
        ("nameless user",     change("/user", json!({})),          "user needs one of"),
        ("nameless product",  change("/metadata/product", json!({})), "metadata.product needs"),
    ];
    for (name, text, expected) in cases {
        let reason = read_line(&text, Profile::Strict).expect_err(name).to_string();
        assert!(reason.contains(expected), "{name}: {reason}");
    }
}

#[test]
fn what_a_class_requires_is_asked_for() {
    let mut body = sign_in();
    body.as_object_mut().unwrap().remove("service");
    let reason = read_line(&sample::line("event", 1, at(), &body), Profile::Strict).unwrap_err();
    assert_eq!(reason.to_string(), "event: class 3002 requires one of service, dst_endpoint");
}

#[test]
fn the_lenient_profile_asks_for_ids_user_policy_and_times_only() {
    let event = json!({"uid": "e1", "tenant_uid": "miro", "time": "2026-03-02T09:00:00Z", "user": {"uid": "u1"}});
    let alert =
        json!({"uid": "a1", "analytic": {"uid": "D04"}, "related_events": [{"uid": "e1"}], "user": {"uid": "u1"}});
    for (kind, body) in [("event", event), ("alert", alert)] {
        let text = json!({"kind": kind, "body": body}).to_string();
        assert!(read_line(&text, Profile::Lenient).is_ok(), "{kind}");
        assert!(read_line(&text, Profile::Strict).is_err(), "{kind}");
    }
}

#[test]
fn the_examples_of_ocsf_are_read() {
    let Some(ocsf) = ocsf() else { return };
    let mut files: Vec<_> = std::fs::read_dir(ocsf.join("examples")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 12);
    for file in files {
        let body: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let kind = match body["class_uid"].as_u64() {
            Some(2004 | 2005) => "alert",
            Some(7001) => "action",
            _ => "event",
        };
        let read = read_line(&sample::line(kind, 1, at(), &body), Profile::Strict);
        assert!(read.is_ok(), "{}: {}", file.display(), read.unwrap_err());
    }
}

#[test]
fn our_samples_have_what_every_class_requires() {
    let validator = jsonschema::validator_for(&base_event()).unwrap();
    for (kind, body) in bodies() {
        let errors: Vec<String> = validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{kind} {body:#}: {errors:#?}");
    }
    let mut body = sign_in();
    body["metadata"].as_object_mut().unwrap().remove("version");
    assert!(!validator.is_valid(&body));
}

#[test]
fn our_samples_are_valid_ocsf() {
    let Some(ocsf) = ocsf() else { return };
    let schema = std::fs::read_to_string(ocsf.join("ocsf-1.8.0-subset.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (kind, body) in bodies() {
        let errors: Vec<String> = validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{kind} {body:#}: {errors:#?}");
    }
}

#[test]
fn the_generated_schema_accepts_our_samples_and_refuses_a_stranger() {
    let validator = jsonschema::validator_for(&super::schema::contract()).unwrap();
    for (kind, body) in bodies() {
        let line: Value = serde_json::from_str(&sample::line(kind, 1, at(), &body)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&line).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{kind}: {errors:#?}");
    }
    assert!(!validator.is_valid(&json!({"v": 1, "kind": "event", "seq": 1, "emitted_at": "x", "body": {}})));
}
