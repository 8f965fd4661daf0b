//! `simulator timeline` and `simulator records`: two stations of the data's way, printed.

use std::io::IsTerminal as _;

use clap::Args;

use super::{CliError, Source, print_line};
use crate::scenario::{AppIndex, Scenario};
use crate::time::{DAY, SimTime};
use crate::timeline::{Activity, Timeline};
use crate::world::World;

#[derive(Args)]
pub(super) struct TimelineArgs {
    #[command(flatten)]
    source: Source,
    /// Also what people do on an ordinary day.
    #[arg(long)]
    background: bool,
    /// From here on, as in scenarios: `day 1 09:00`. The background's default is day 1.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to here. The background's default is the end of the day that `--from` lies in.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

#[derive(Args)]
pub(super) struct RecordsArgs {
    #[command(flatten)]
    source: Source,
    /// Which instance; needed where there are several.
    #[arg(long)]
    app: Option<String>,
    /// From here on, as in scenarios: `day 1 09:00`. Default: the beginning of the history.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to here. Default: the end of the script, or of day 1.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

pub(super) fn timeline(args: &TimelineArgs) -> Result<(), CliError> {
    let scenario = args.source.read()?;
    let world = World::build(&scenario).map_err(|e| CliError::Input(e.to_string()))?;
    let calendar = scenario.calendar();
    let from = time(&scenario, args.from.as_deref())?;
    let until = time(&scenario, args.until.as_deref())?;
    let within = |t: SimTime| from.is_none_or(|f| t >= f) && until.is_none_or(|u| t < u);

    let mut rows: Vec<(SimTime, String)> = Timeline::uncontained(&scenario, &world)
        .iter()
        .filter(|(activity, _)| within(activity.occurred))
        .map(|(activity, records)| {
            let logs: Vec<&str> = records.iter().map(|r| r.log.feed).collect();
            (activity.occurred, row(&scenario, &world, activity, &logs))
        })
        .collect();
    if args.background {
        let from = from.unwrap_or(calendar.day_1());
        let until = until.unwrap_or(calendar.day(calendar.day_of(from)) + DAY);
        let timeline = Timeline::new(scenario.clone().into(), world.clone().into());
        for (activity, records) in timeline.background(from, until) {
            let logs: Vec<&str> = records.iter().map(|r| r.log.feed).collect();
            rows.push((activity.occurred, row(&scenario, &world, &activity, &logs)));
        }
    }
    rows.sort();
    if rows.is_empty() {
        eprintln!("nothing is scripted here; --background shows what people do on an ordinary day");
    }
    for (_, row) in rows {
        print_line(&row)?;
    }
    Ok(())
}

/// So many lines are no more than somebody reads.
const MANY_LINES: usize = 200;

/// Prints records. Whoever sees a whole history go by is told how to ask for less; a pipe takes it all.
pub(super) fn records(args: &RecordsArgs) -> Result<(), CliError> {
    let mut lines = 0_usize;
    let scenario = args.source.read()?;
    let app = instance(&scenario, args.app.as_deref())?;
    let world = World::build(&scenario).map_err(|e| CliError::Input(e.to_string()))?;
    let overlay = Timeline::uncontained(&scenario, &world);
    let calendar = scenario.calendar();
    let last = overlay
        .iter()
        .map(|(a, _)| a.occurred)
        .max()
        .map_or(calendar.day(2), |t| t + std::time::Duration::from_secs(1));
    let from = time(&scenario, args.from.as_deref())?.unwrap_or(scenario.history_start());
    let until = time(&scenario, args.until.as_deref())?.unwrap_or(last.max(calendar.day_1()));

    let mut scripted: Vec<_> = overlay
        .into_iter()
        .flat_map(|(_, records)| records)
        .filter(|r| r.log.app == app && r.persisted >= from && r.persisted < until)
        .collect();
    scripted.sort_by(|a, b| (a.persisted, &a.event_id).cmp(&(b.persisted, &b.event_id)));
    let mut scripted = scripted.into_iter().peekable();
    let timeline = Timeline::new(scenario.clone().into(), world.clone().into());
    // A day at a time: history may be long.
    let mut day = from;
    while day < until {
        let next = (day.midnight() + DAY).min(until);
        let mut of_day: Vec<_> = timeline
            .background(day, next)
            .flat_map(|(_, records)| records)
            .filter(|r| r.log.app == app)
            .chain(std::iter::from_fn(|| scripted.next_if(|r| r.persisted < next)))
            .collect();
        of_day.sort_by(|a, b| (a.persisted, &a.event_id).cmp(&(b.persisted, &b.event_id)));
        for record in of_day {
            print_line(&String::from_utf8_lossy(&record.body))?;
            lines += 1;
        }
        day = next;
    }
    if lines == 0 {
        let (from, until) = (calendar.spell(from), calendar.spell(until));
        eprintln!("no record between {from} and {until}");
    }
    let stands = args.from.is_none() && args.until.is_none();
    if stands && lines > MANY_LINES && std::io::stdout().is_terminal() {
        eprintln!("{lines} records, the whole history among them; --from 'day 1 00:00' and --until ask for less");
    }
    Ok(())
}

/// The instance that is meant: the one that is named, or the only one there is.
fn instance(scenario: &Scenario, named: Option<&str>) -> Result<AppIndex, CliError> {
    let apps: Vec<&str> = scenario.apps.iter().map(|a| a.name.as_str()).collect();
    match (named, apps.as_slice()) {
        (Some(name), _) => scenario
            .app(name)
            .map(|(app, _)| app)
            .ok_or_else(|| CliError::Input(format!("unknown app `{name}`; this scenario has {}", apps.join(", ")))),
        (None, [_]) => Ok(AppIndex(0)),
        (None, _) => Err(CliError::Input(format!("--app says whose records: one of {}", apps.join(", ")))),
    }
}

fn time(scenario: &Scenario, text: Option<&str>) -> Result<Option<SimTime>, CliError> {
    text.map(|text| scenario.calendar().parse(text)).transpose().map_err(|e| CliError::Input(e.to_string()))
}

/// `day 1 09:00:00  miro  alice  sign_in  success  London 192.0.2.7  takeover  [audit_log sign_ins]`
fn row(scenario: &Scenario, world: &World, activity: &Activity, logs: &[&str]) -> String {
    let app = activity.app.map_or("-", |a| scenario.apps[a.0].name.as_str());
    let from = match (activity.place, activity.address) {
        (Some(place), Some(address)) => format!("{} {address}", place.name),
        (_, address) => address.map_or_else(|| "-".to_owned(), |a| a.to_string()),
    };
    let label = activity.attack.map_or("benign", |a| scenario.attacks[a.0].name.as_str());
    format!(
        "{}  {app:<8} {:<12} {:<16} {:<14} {from:<24} {label:<12} [{}]",
        scenario.calendar().spell(activity.occurred),
        world.people[activity.actor.0].key,
        activity.verb.name(),
        activity.outcome.name(),
        logs.join(" "),
    )
}
