//! Somebody makes the victim let in an application that may read everything.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};
use crate::scenario::Vendor;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "oauth_app",
    title: "An application that asks for more than it needs",
    technique: "T1528",
    version: "19",
    about: "A link leads the victim to the consent page of an application that nobody of the organisation uses, and that asks for everything.",
    seen: "An application that was never let in before, with a scope that reaches beyond its user.",
    records: "Miro: app_installed; GitHub: org.oauth_app_access_approved. With the scopes.",
    edges: "Scopes that read little are narrow. Who grants what was granted already grants nothing new.",
    evasions: "Narrow scopes first and broad ones later; several narrow apps that add up.",
    parameters: &[],
    generate,
};

/// Scopes that read little, and such as reach beyond their user.
const fn scopes(vendor: Vendor) -> [&'static str; 2] {
    match vendor {
        Vendor::Entra => ["[User.Read]", "[User.Read, Mail.ReadWrite.All]"],
        Vendor::Github => ["[\"read:user\"]", "[\"read:user\", repo]"],
        Vendor::Okta => ["[okta.users.read.self]", "[okta.users.read.self, okta.users.manage]"],
        _ => ["[boards:read]", "[boards:read, auditlogs:read]"],
    }
}

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, app, victim, .. } = &setting;
    let [narrow, broad] = scopes(setting.vendor);
    let at = format!("day 1 {hour}");
    let deed = |keys: &[(&'static str, &str)]| {
        Line::of(setting.victim, &[("at", &at), ("does", keys[0].1), ("app", app)]).and(&keys[1..])
    };
    let policy = StoryPolicy { name: "new_oauth_app_broad_scope", parameters: Vec::new(), action: None };
    let line = deed(&[("does", "grant_app"), ("object", "Planner"), ("scopes", broad)])
        .named("deed")
        .attacking("consent_phishing", abroad.name);
    let title = format!("{person}, phished from {}, lets in an application that may read everything", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "consent_phishing", title, source, policy, vec![line]);
    let twin = Story {
        title: format!("{person} lets in an application that may read little"),
        attack: None,
        script: vec![deed(&[("does", "grant_app"), ("object", "Planner"), ("scopes", narrow)])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(victim));
    Generated { name: file("everything"), story, twin_name: file("boards"), twin }
}
