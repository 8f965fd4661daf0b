//! What `conformance generate` asks on a terminal: which attack, where, upon whom, with its near miss or without, where to
//! write.
//!
//! Enter takes what stands in brackets. Nothing is written before the last answer: the end of the input leaves no file, and
//! neither does Ctrl-C.

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use simulator::attacks::{ALL, Attack};
use simulator::scenario::Vendor;
use simulator::scenario::suggest::nearest;

use crate::generate::{Files, GenerateError};

/// What is to be written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Name of the attack.
    pub(super) attack: String,
    /// Where it happens.
    pub(super) app: Vendor,
    /// Whom it happens to; somebody who is drawn without.
    pub(super) person: Option<String>,
    /// Whether its near miss is written too.
    pub(super) twin: bool,
    /// The folder; none to print.
    pub(super) out: Option<PathBuf>,
}

/// What the flags have already said.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) app: Option<Vendor>,
    pub(super) person: Option<&'a str>,
    pub(super) without_twin: bool,
    pub(super) out: Option<&'a Path>,
}

/// How a dialog broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialogError {
    /// Nobody answers any more.
    #[error("nothing was written")]
    Left,
    /// What the flags ask for cannot be had.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The terminal is gone.
    #[error("the terminal: {0}")]
    Terminal(#[from] io::Error),
}

/// Where to write, unless asked otherwise.
const FOLDER: &str = "drafts";

/// Asks for what the flags leave open. `draft` writes the text of a wish, `taken` says which of its files is there already.
pub(super) fn ask(
    input: impl BufRead,
    output: impl Write,
    said: &Said<'_>,
    draft: impl Fn(&Wish) -> Result<Files, GenerateError>,
    taken: impl Fn(&Path, &[&str]) -> Option<PathBuf>,
) -> Result<Wish, DialogError> {
    let mut dialog = Dialog { input, output };
    let attack = dialog.attack()?;
    let app = match said.app {
        Some(app) => app,
        None => dialog.app(attack)?,
    };
    let person = said.person.map(str::to_owned);
    let mut wish = Wish { attack: attack.name.to_owned(), app, person, twin: !said.without_twin, out: None };
    let mut files = draft(&wish)?;
    if let (None, Some(drawn)) = (said.person, files.person.clone()) {
        loop {
            let name = dialog.answer("upon whom", &drawn)?;
            wish.person = (name != drawn).then_some(name);
            match draft(&wish) {
                Ok(of_person) => break files = of_person,
                Err(error) => dialog.say(&error.to_string())?,
            }
        }
    }
    if !said.without_twin {
        wish.twin = dialog.whether("its near miss too, which must stay silent")?;
    }
    dialog.show(&files, wish.twin)?;
    wish.out = Some(match said.out {
        Some(out) => out.to_owned(),
        None => loop {
            let folder = PathBuf::from(dialog.answer("folder to write to", FOLDER)?);
            match taken(&folder, &files.names(wish.twin)) {
                None => break folder,
                Some(path) => dialog.say(&format!("{} is there already", path.display()))?,
            }
        },
    });
    Ok(wish)
}

struct Dialog<R, W> {
    input: R,
    output: W,
}

impl<R: BufRead, W: Write> Dialog<R, W> {
    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.output, "{text}")
    }

    /// The next line that is typed.
    fn line(&mut self, prompt: &str) -> Result<String, DialogError> {
        write!(self.output, "{prompt}: ")?;
        self.output.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            writeln!(self.output)?;
            return Err(DialogError::Left);
        }
        Ok(line.trim().to_owned())
    }

    /// What is typed, or else what stands in brackets.
    fn answer(&mut self, question: &str, usual: &str) -> Result<String, DialogError> {
        let line = self.line(&format!("{question} [{usual}]"))?;
        Ok(if line.is_empty() { usual.to_owned() } else { line })
    }

    /// Yes unless no is typed.
    fn whether(&mut self, question: &str) -> Result<bool, DialogError> {
        loop {
            match self.line(&format!("{question} [Y/n]"))?.to_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                other => self.say(&format!("\"{}\" is neither y nor n", other.escape_debug()))?,
            }
        }
    }

    /// One of some names, by itself or by its number.
    fn choice(&mut self, question: &str, names: &[&str], usual: Option<usize>) -> Result<usize, DialogError> {
        let bracket = usual.map(|at| format!(" [{}]", names[at])).unwrap_or_default();
        loop {
            let line = self.line(&format!("{question}{bracket}"))?;
            let numbered = line.parse::<usize>().ok().filter(|number| (1..=names.len()).contains(number));
            let chosen = numbered.map(|number| number - 1).or_else(|| names.iter().position(|name| *name == line));
            if let Some(at) = chosen.or_else(|| usual.filter(|_| line.is_empty())) {
                return Ok(at);
            }
            let meant = match nearest(&line, names.iter().copied()) {
                Some(name) if !line.is_empty() => format!(": did you mean {name}?"),
                _ => format!(": a name, or a number from 1 to {}", names.len()),
            };
            self.say(&format!("\"{}\" is none of them{meant}", line.escape_debug()))?;
        }
    }

    fn attack(&mut self) -> Result<&'static Attack, DialogError> {
        self.say("attacks (`simulator attacks NAME` tells more of one):")?;
        for (number, attack) in (1..).zip(ALL) {
            self.say(&format!("{number:>4}  {:<34}{}", attack.name, attack.title))?;
        }
        let names: Vec<&str> = ALL.iter().map(|attack| attack.name).collect();
        Ok(&ALL[self.choice("attack", &names, None)?])
    }

    fn app(&mut self, attack: &Attack) -> Result<Vendor, DialogError> {
        let vendors = attack.vendors();
        let names: Vec<&str> = vendors.iter().map(|vendor| vendor.name()).collect();
        self.say("apps whose records show it:")?;
        for (number, name) in (1..).zip(&names) {
            self.say(&format!("{number:>4}  {name}"))?;
        }
        Ok(vendors[self.choice("app", &names, Some(0))?])
    }

    fn show(&mut self, files: &Files, twin: bool) -> io::Result<()> {
        for (name, text) in files.wanted(twin) {
            self.say(&format!("\n# {name}\n{}", text.trim_end()))?;
        }
        self.say("")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use simulator::attacks::Parameters;
    use simulator::seed::Seed;

    use super::*;
    use crate::generate::generate;

    fn draft(wish: &Wish) -> Result<Files, GenerateError> {
        let parameters = Parameters { vendor: wish.app, seed: Seed(7), numbers: BTreeMap::new() };
        generate(&wish.attack, &parameters, wish.person.as_deref())
    }

    /// What comes of some lines that are typed, and what was shown.
    fn played(typed: &str, said: &Said<'_>) -> (Result<Wish, DialogError>, String) {
        let mut shown = Vec::new();
        let taken = |folder: &Path, names: &[&str]| (folder == Path::new("full")).then(|| folder.join(names[0]));
        let wish = ask(typed.as_bytes(), &mut shown, said, draft, taken);
        (wish, String::from_utf8(shown).unwrap())
    }

    fn wish() -> Wish {
        Wish {
            attack: "impossible_travel".to_owned(),
            app: Vendor::Miro,
            person: None,
            twin: true,
            out: Some(PathBuf::from("drafts")),
        }
    }

    #[test]
    fn enter_takes_what_stands_in_brackets() {
        let (got, shown) = played("impossible_travel\nmiro\n\n\n\n", &Said::default());
        assert_eq!(got.unwrap(), wish());
        assert!(shown.contains("upon whom [emeka]: its near miss too"), "{shown}");
        assert!(shown.contains("\n# dublin-lima-10h31m.yaml\ntitle: Emeka works in Dublin and"), "{shown}");
        assert!(shown.contains("\ntwin_of: dublin-lima-10h31m.yaml\n"), "{shown}");
        assert!(shown.ends_with("folder to write to [drafts]: "), "{shown}");
    }

    #[test]
    fn every_attack_is_offered_with_a_line_and_only_apps_that_show_it() {
        let (_, shown) = played("failed_logins\n", &Said::default());
        for attack in ALL {
            assert!(shown.contains(&format!("  {:<34}{}\n", attack.name, attack.title)), "{}", attack.name);
        }
        let apps = shown.split_once("apps whose records show it:").unwrap().1;
        assert!(apps.contains("  okta\n") && !apps.contains("github"), "{apps}");
    }

    #[test]
    fn an_answer_that_will_not_do_is_asked_for_again() {
        let typed = "\nimpossible_travl\n99\n1\nmirro\nmiro\nZoe M.\nzoe\nperhaps\nn\nfull\nelsewhere\n";
        let (got, shown) = played(typed, &Said::default());
        let expected = Wish { person: Some("zoe".to_owned()), twin: false, out: Some("elsewhere".into()), ..wish() };
        assert_eq!(got.unwrap(), expected, "{shown}");
        for reason in [
            "\"\" is none of them: a name, or a number from 1 to ",
            "did you mean impossible_travel?",
            "\"99\" is none of them",
            "did you mean miro?",
            "nobody can be called `Zoe M.`",
            "\"perhaps\" is neither y nor n",
            "full/dublin-lima-10h31m.yaml is there already",
        ] {
            assert!(shown.contains(reason), "{reason} is not in:\n{shown}");
        }
        assert!(!shown.contains("twin_of"), "the near miss was not wanted:\n{shown}");
    }

    #[test]
    fn what_the_flags_say_is_not_asked() {
        let said =
            Said { app: Some(Vendor::Miro), person: Some("zoe"), without_twin: true, out: Some(Path::new("there")) };
        let (got, shown) = played("1\n", &said);
        let expected = Wish { person: Some("zoe".to_owned()), twin: false, out: Some("there".into()), ..wish() };
        assert_eq!(got.unwrap(), expected);
        assert!(!shown.contains("[Y/n]") && !shown.contains("upon whom"), "{shown}");
    }

    #[test]
    fn the_end_of_the_input_leaves_at_every_question() {
        let answers = ["1\n", "miro\n", "\n", "\n"];
        for count in 0..=answers.len() {
            let (got, _) = played(&answers[..count].concat(), &Said::default());
            assert!(matches!(got, Err(DialogError::Left)), "after {count} answers: {got:?}");
        }
    }

    #[test]
    fn nobody_is_asked_for_where_the_administrator_is_the_one() {
        let (got, shown) = played("push_protection_off\n1\n\n\n", &Said::default());
        assert!(got.is_ok() && !shown.contains("upon whom"), "{shown}");
    }
}
