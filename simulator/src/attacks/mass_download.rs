//! Somebody takes out all that an account can read.

use super::Attack;
use super::story::Burst;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mass_download",
    title: "Everything that an account can read, taken out in a minute",
    technique: "T1530",
    version: "19",
    about: "Somebody who has the victim's session downloads what the victim can read, as fast as the app allows.",
    seen: "More different files of one person in a minute than anybody reads.",
    records: "Miro: board_file_downloaded; GitHub: repo.download_zip. One for each file.",
    edges: "Fifty files within a minute are too few, fifty-one enough. One file two hundred times is one file.",
    evasions: "Forty-nine a minute without end; one archive of everything; several tokens of one person.",
    parameters: &Burst::limits(51.0, 60.0),
    generate: |parameters| BURST.generate(&ATTACK, parameters),
};

const BURST: Burst = Burst {
    policy: "mass_download",
    action: Some("suspend"),
    source: "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection",
    episode: "hoarding",
    verb: "download",
    keys: &[],
    title: "{count} files of {person} go to {place} in {over}",
    twin_title: "{person} downloads {count} files in {over}, one short of an alert",
    file: "files",
};
