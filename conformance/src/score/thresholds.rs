//! What a CI job asks of a score: `recall.D04 >= 1.0`, one a line in a file, or one a flag.
//!
//! A policy may be named by the stack's own id of it. What was not measured meets no threshold: a gate that nothing passes
//! through is not open.

use simulator::scenario::suggest::nearest;
use simulator::time::{parse_duration, spell_duration};

use super::vector::{Measure, Unit, Vector, names};
use crate::contract::Declares;

/// A bound of one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was written.
    pub written: String,
    /// Which measure.
    pub measure: String,
    /// How the measure's value has to stand to the bound.
    pub relation: Relation,
    /// The bound, in the measure's unit.
    pub bound: f64,
}

/// How a value has to stand to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `>`
    Above,
    /// `<`
    Below,
}

impl Relation {
    /// Every relation with its sign; longer signs first, so that `>=` is not read as `>`.
    const ALL: [(Self, &'static str); 5] =
        [(Self::AtLeast, ">="), (Self::AtMost, "<="), (Self::Equal, "=="), (Self::Above, ">"), (Self::Below, "<")];

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::AtMost => value <= bound,
            Self::Equal => (value - bound).abs() < 1e-9,
            Self::Above => value > bound,
            Self::Below => value < bound,
        }
    }
}

/// What became of a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdOutcome {
    /// As it was written.
    pub threshold: String,
    /// What was measured.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Unit,
    /// Whether it is met.
    pub met: bool,
}

/// Reads a threshold as a person writes it.
pub fn read(text: &str, declares: &Declares) -> Result<Threshold, String> {
    let found = Relation::ALL.iter().find_map(|(relation, sign)| {
        let (name, bound) = text.split_once(sign)?;
        Some((*relation, name.trim(), bound.trim()))
    });
    let Some((relation, name, written)) = found else {
        return Err(format!("`{}` is no threshold: like `recall >= 1.0`, with one of >=, <=, ==, >, <", text.trim()));
    };
    let measure = match name.split_once('.') {
        Some(("recall", policy)) => format!("recall.{}", declares.policy(policy)),
        _ => name.to_owned(),
    };
    let known = names();
    if !known.contains(&measure) {
        let meant = nearest(&measure, known.iter().map(String::as_str));
        let meant = meant.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
        return Err(format!("there is no measure `{name}`{meant}"));
    }
    let number = written.parse::<f64>().ok().filter(|number| number.is_finite());
    let bound = number.or_else(|| parse_duration(written).ok().map(|d| d.as_secs_f64()));
    let Some(bound) = bound else {
        return Err(format!("`{written}` is neither a number nor a duration like `90m`"));
    };
    Ok(Threshold { written: text.trim().to_owned(), measure, relation, bound })
}

/// Reads a file of thresholds: one a line, `#` begins a comment. What is wrong is told with its line.
pub fn read_file(name: &str, text: &str, declares: &Declares) -> Result<Vec<Threshold>, String> {
    let (mut thresholds, mut wrong) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        match read(line, declares) {
            Ok(threshold) => thresholds.push(threshold),
            Err(why) => wrong.push(format!("{name}:{}: {why}", index + 1)),
        }
    }
    if wrong.is_empty() { Ok(thresholds) } else { Err(wrong.join("\n")) }
}

/// Holds measures against thresholds.
pub fn hold(vector: &Vector, thresholds: &[Threshold]) -> Vec<ThresholdOutcome> {
    let outcome = |threshold: &Threshold| {
        let measure = vector.get(&threshold.measure);
        let value = measure.and_then(|measure| measure.value);
        ThresholdOutcome {
            threshold: threshold.written.clone(),
            value,
            unit: measure.map_or(Unit::Share, |measure| measure.unit),
            met: value.is_some_and(|value| threshold.relation.holds(value, threshold.bound)),
        }
    };
    thresholds.iter().map(outcome).collect()
}

/// A value as people read it.
pub fn spell(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "-".to_owned() };
    match unit {
        // Rounded down: what is not all is not shown as all.
        Unit::Share => format!("{:.2}", libm::floor(value * 100.0 + 1e-9) / 100.0),
        Unit::Count => format!("{value:.0}"),
        Unit::PerThousand if value >= 100.0 => format!("{value:.0}"),
        Unit::PerThousand => format!("{value:.2}"),
        Unit::Seconds => spell_duration(std::time::Duration::from_millis(libm::round(value * 1_000.0) as u64)),
    }
}

impl Measure {
    /// Its value as people read it.
    pub fn spelled(&self) -> String {
        spell(self.value, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::DeclaredPolicy;
    use crate::observe::example::Example;
    use crate::score::{add_up, part};

    fn declares() -> Declares {
        let mut declares = Example::travel().declares;
        let policy = DeclaredPolicy { ids: vec!["D04".to_owned()], parameters: Default::default() };
        declares.policies.insert("impossible_travel".to_owned(), policy);
        declares
    }

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = read(text, &declares()).unwrap_err();
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn a_policy_may_be_named_by_the_stacks_own_id() {
        let threshold = read("recall.D04 >= 1.0", &declares()).unwrap();
        assert_eq!((threshold.measure.as_str(), threshold.bound), ("recall.impossible_travel", 1.0));
    }

    #[test]
    fn a_bound_may_be_a_duration() {
        let threshold = read("time_to_detect.p95<=65m", &declares()).unwrap();
        assert_eq!((threshold.relation, threshold.bound), (Relation::AtMost, 3_900.0));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_was_meant() {
        refused("recall = 1", "no threshold");
        refused("recal >= 1", "did you mean `recall`");
        refused("recall.mass_downlod >= 1", "did you mean `recall.mass_download`");
        refused("recall >= all", "neither a number nor a duration");
    }

    #[test]
    fn every_wrong_line_of_a_file_is_told() {
        let text = "# the gate\nrecall >= 1.0  # all of them\n\nrecal >= 1\nprecision\n";
        let error = read_file("gate.txt", text, &declares()).unwrap_err();
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.contains("gate.txt:4: ") && error.contains("gate.txt:5: "), "{error}");
    }

    #[test]
    fn a_threshold_is_met_on_the_bound_and_by_nothing_that_was_not_measured() {
        let vector = add_up(&[part(&Example::travel().facts())], None);
        for (text, met) in [
            ("recall >= 1.0", true),
            ("recall > 1.0", false),
            ("governance.blast_radius == 0", true),
            ("stability.relations >= 0", false),
            ("recall.mass_download >= 0", false),
        ] {
            let threshold = read(text, &declares()).unwrap();
            assert_eq!(hold(&vector, &[threshold])[0].met, met, "{text}");
        }
    }

    #[test]
    fn almost_all_is_not_shown_as_all() {
        assert_eq!(spell(Some(0.999), Unit::Share), "0.99");
        assert_eq!(spell(Some(1.0), Unit::Share), "1.00");
        assert_eq!(spell(Some(0.29), Unit::Share), "0.29");
    }
}
