//! What a user agent tells: a family and a system, whatever the version.
//!
//! Systems are told apart by their makers, for a phone that asks for the desktop's page calls itself a desktop.

/// What is known of a client by its user agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client {
    family: Family,
    system: Option<System>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Edge,
    Opera,
    Firefox,
    Chrome,
    Safari,
    /// A program, by its name.
    Program(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Windows,
    Apple,
    ChromeOs,
    Linux,
}

/// Marks of families, in the order in which they are looked for: Edge says that it is Chrome, and Chrome that it is Safari.
const FAMILIES: &[(&str, Family)] = &[
    ("python-requests", Family::Program("python-requests")),
    ("curl", Family::Program("curl")),
    ("Go-http-client", Family::Program("go")),
    ("okhttp", Family::Program("okhttp")),
    ("axios", Family::Program("axios")),
    ("HeadlessChrome", Family::Program("headless")),
    ("Edg/", Family::Edge),
    ("OPR/", Family::Opera),
    ("Firefox/", Family::Firefox),
    ("Chrome/", Family::Chrome),
    ("Safari/", Family::Safari),
];

/// Marks of systems; Android says that it is Linux.
const SYSTEM_MARKS: &[(&str, System)] = &[
    ("Windows", System::Windows),
    ("iPhone", System::Apple),
    ("iPad", System::Apple),
    ("Macintosh", System::Apple),
    ("CrOS", System::ChromeOs),
    ("Android", System::Linux),
    ("Linux", System::Linux),
];

impl Client {
    /// Reads a user agent; none for one that tells of no known family.
    pub(super) fn read(agent: &str) -> Option<Self> {
        let (_, family) = FAMILIES.iter().find(|(mark, _)| agent.contains(mark))?;
        let system = SYSTEM_MARKS.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, system)| *system);
        Some(Self { family: *family, system })
    }

    /// Whether it is a browser.
    pub(super) fn is_browser(self) -> bool {
        !matches!(self.family, Family::Program(_))
    }

    /// Whether both tell of their systems, and these differ.
    pub(super) fn has_another_system_than(self, other: Self) -> bool {
        matches!((self.system, other.system), (Some(ours), Some(theirs)) if ours != theirs)
    }

    /// Whether it is another client altogether.
    pub(super) fn is_another_than(self, other: Self) -> bool {
        self.family != other.family || self.has_another_system_than(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_the_desktops_page_make_no_other_client() {
        let read = |agent: &str| Client::read(agent).unwrap();
        let chrome =
            |version: &str| format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/{version} Safari/537.36");
        assert!(!read(&chrome("145.0.0.0")).is_another_than(read(&chrome("146.0.0.0"))));
        let phone = read("Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) Version/18.3 Mobile Safari/604.1");
        let desktop = read("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.3 Safari/605.1.15");
        assert!(!phone.is_another_than(desktop));
        assert!(read(&chrome("145.0.0.0")).has_another_system_than(desktop));
        assert!(read(&(chrome("145.0.0.0") + " Edg/145.0")).is_another_than(read(&chrome("145.0.0.0"))));
        assert!(!read("python-requests/2.32.5").is_browser());
        assert_eq!(Client::read(""), None);
    }
}
