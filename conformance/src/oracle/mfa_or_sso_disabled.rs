//! D16: the second factor or single sign-on of an organisation is switched off.
//!
//! For every change of such a setting to `disabled`. One alert for each person, instance and setting, ended by an hour of
//! silence.
//!
//! # Not decided here
//! The last factor of one person, which wants an absence of twelve hours; a setting that is weakened and not switched off.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1556/006/>, <https://attack.mitre.org/techniques/T1484/002/>

use simulator::scenario::Verb;

use super::{Definition, EvidenceOf, LooksAt, Seen, no_edges, single};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "mfa_or_sso_disabled",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1556", "T1484.002", "T1685"],
    looks_at: LooksAt {
        words: "`change_setting` of a `setting` whose name speaks of sso, saml, mfa, two_factor or 2fa, `to: disabled`",
        counts: |_, seen| seen.succeeded() && scope(seen).is_some(),
    },
    episodes: |_, seen| single::episodes(seen, scope),
    edges: no_edges,
};

/// Settings that ask for more than a password, by a part of their name.
const PROTECTING: [&str; 5] = ["sso", "saml", "mfa", "two_factor", "2fa"];

fn scope(seen: &Seen) -> Option<String> {
    let detail = |key: &str| seen.activity.details.get(key).map(String::as_str);
    let setting = detail("setting").filter(|_| seen.activity.verb == Verb::ChangeSetting)?;
    let protects = PROTECTING.iter().any(|part| setting.contains(part));
    (protects && detail("to") == Some("disabled")).then(|| format!("{} {setting}", seen.instance))
}
