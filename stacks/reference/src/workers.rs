//! Who does the work: for each connected app a task that reads it and tasks that act upon it, and the listeners.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;

use crate::StackError;
use crate::api::Api;
use crate::asked::{Asked, Order};
use crate::bug::{Bug, planted};
use crate::config::Config;
use crate::connections::{Access, App, Connections, Vendor};
use crate::connectors::connection::{Connection, Rules};
use crate::connectors::intake::Intake;
use crate::connectors::receive::Receivers;
use crate::connectors::{Connector, connector};
use crate::geo::Geo;
use crate::govern::{Governor, hands};
use crate::http::Http;
use crate::lists::Lists;
use crate::oauth::Grant;
use crate::oauth::consent::{Consents, authorize_url};
use crate::posture::{self, Posture};
use crate::scan::{Scanner, can_be_scanned};
use crate::state::{State, StateError};
use crate::usage::contacts::Contacts;
use crate::usage::{self, Sync};

type Tasks = JoinSet<Result<(), StateError>>;

/// An app that is worked on.
struct Job {
    api: Api,
    app: App,
    what: What,
}

/// What is read of an app.
enum What {
    /// Who uses which app, out of a product that knows.
    Usage,
    /// Users and logs, once an administrator has consented where one has to.
    Records { intake: Intake, consented: Arc<Notify> },
}

impl Job {
    /// Directories before the other connectors, which read them.
    fn turn(&self) -> u8 {
        match self.what {
            What::Usage => 0,
            What::Records { .. } if self.is_directory() => 1,
            What::Records { .. } => 2,
        }
    }

    fn is_directory(&self) -> bool {
        self.app.vendor == Vendor::Entra
    }
}

/// Sets everybody to work.
pub(crate) async fn start(
    config: &Config,
    connections: Connections,
    state: &Arc<State>,
    http: &Http,
) -> Result<Tasks, StackError> {
    let (rules, apps) = rules(config, connections)?;
    // Whoever is told to come here next finds an open door.
    let redirect = listen(&config.redirect).await?;
    let hooks = match &config.webhooks {
        Some(webhooks) => Some(listen(&webhooks.listen).await?),
        None => None,
    };
    let office = Office { state, http, rules: Arc::clone(&rules) };
    let mut consents = Consents::new(Arc::clone(state));
    let mut receivers = Receivers::new(Arc::clone(state), http.clock().clone());
    let (mut jobs, mut directory) = (Vec::new(), None);
    for (instance, app) in apps {
        if office.is_second_directory(&instance, &app, &mut directory)? {
            continue;
        }
        jobs.push(match connector(&app) {
            None => office.usage(instance, app),
            Some(connector) => office.records(instance, app, connector, &mut consents, &mut receivers)?,
        });
    }
    serve(redirect, consents.router());
    if let Some(hooks) = hooks {
        serve(hooks, receivers.router());
    }
    tokio::spawn(test_when_asked(Arc::clone(&rules)));
    Ok(set_to_work(config, jobs, &rules))
}

/// What holds for all apps, and the apps.
fn rules(config: &Config, connections: Connections) -> Result<(Arc<Rules>, BTreeMap<String, App>), StackError> {
    let mut geo = Geo::open(&connections.geo, &connections.feeds, connections.networks)?;
    let wanted = connections.feeds.taxii().filter(|_| connections.policies.want_lists());
    geo.lists = wanted.map(Lists::at);
    let rules = Rules {
        geo,
        policies: connections.policies,
        poll_every: config.poll_every.0,
        look_back: config.look_back.0,
        backfill: config.backfill.iter().map(|(app, span)| (app.clone(), span.0)).collect(),
        lateness: config.lateness.0,
        health_within: config.health_within.0,
        instances: connections.apps.iter().map(|(name, app)| (name.clone(), app.vendor)).collect(),
        hooks_url: config.webhooks.as_ref().map(|webhooks| webhooks.url.clone()),
        ordered: watch::Sender::new(()),
        habits: config.habits.clone(),
        turn: Mutex::new(()),
        tests: watch::Sender::new(()),
        awaited: connections.apps.keys().map(|name| (name.clone(), Notify::new())).collect(),
    };
    Ok((Arc::new(rules), connections.apps))
}

/// Where jobs are made out.
struct Office<'a> {
    state: &'a Arc<State>,
    http: &'a Http,
    rules: Arc<Rules>,
}

impl Office<'_> {
    /// One directory says who people are. The first is kept in `first`; of another it is told that it is left out.
    fn is_second_directory(&self, instance: &str, app: &App, first: &mut Option<String>) -> Result<bool, StateError> {
        if app.vendor != Vendor::Entra || planted(Bug::SecondDirectory) {
            return Ok(false);
        }
        let Some(first) = first else {
            *first = Some(instance.to_owned());
            return Ok(false);
        };
        let reason = format!("one instance of Microsoft Entra ID can be connected, and {first} is");
        self.state.status(&json!({"phase": "degraded", "app": instance, "reason": reason}))?;
        Ok(true)
    }

    fn usage(&self, instance: String, app: App) -> Job {
        let manners = usage::manners(&app);
        let grant = Arc::new(Grant::new(&instance, &app, self.http.clone(), Arc::clone(self.state), manners));
        let pace = Some(Arc::new(usage::pace(self.state, &instance, self.http.clock().now())));
        let api = Api { instance, http: self.http.clone(), grant, state: Arc::clone(self.state), manners, pace };
        Job { api, app, what: What::Usage }
    }

    /// Where an administrator has to consent first, this asks for it.
    fn records(
        &self,
        instance: String,
        app: App,
        connector: &'static Connector,
        consents: &mut Consents,
        receivers: &mut Receivers,
    ) -> Result<Job, StateError> {
        let manners = &connector.manners;
        let grant = Arc::new(Grant::new(&instance, &app, self.http.clone(), Arc::clone(self.state), manners));
        let consented = match app.access() {
            Access::Consent => consents.expect(&instance, &app),
            Access::Ready | Access::ClientCredentials | Access::Installation => Arc::new(Notify::new()),
        };
        if grant.needs_consent()? {
            let url = authorize_url(&instance, &app);
            self.state.status(&json!({"phase": "consent_needed", "app": instance, "authorize_url": url}))?;
        }
        let intake = Intake { instance: instance.clone(), connector, rules: Arc::clone(&self.rules) };
        receivers.expect(&app, intake.clone());
        let api = Api { instance, http: self.http.clone(), grant, state: Arc::clone(self.state), manners, pace: None };
        Ok(Job { api, app, what: What::Records { intake, consented } })
    }
}

fn set_to_work(config: &Config, mut jobs: Vec<Job>, rules: &Arc<Rules>) -> Tasks {
    let directory = jobs.iter().find(|job| job.is_directory());
    let contacts = Contacts::new(directory.map(|job| (&job.api, &job.app)), &config.usage);
    let scans = rules.policies.want_scans();
    jobs.sort_by_key(Job::turn);
    let (mut tasks, mut directories) = (Tasks::new(), Vec::new());
    for job in jobs {
        let is_directory = job.is_directory();
        let Job { api, app, what } = job;
        if let Some(hands) = hands(app.vendor) {
            tasks.spawn(Governor::new(api.clone(), app.clone(), hands, Arc::clone(rules)).run());
        }
        if is_directory && posture::is_told(rules) {
            tasks.spawn(Posture::new(api.clone(), app.clone()).run());
        }
        if scans && can_be_scanned(app.vendor) {
            tasks.spawn(Scanner::new(api.clone(), app.clone(), Arc::clone(rules)).run());
        }
        match what {
            What::Usage => {
                let look_back = config.look_back.0;
                tasks.spawn(Sync::new(api, &app, config.usage.clone(), look_back, contacts.clone()).run());
            }
            What::Records { intake, consented } => {
                let before = if is_directory { Vec::new() } else { directories.clone() };
                let connection = Arc::new(Connection::new(api, app, intake, consented, before));
                if is_directory {
                    directories.push(Arc::clone(&connection));
                }
                let watched = Arc::clone(&connection);
                tasks.spawn(async move { watched.watch().await });
                tasks.spawn(connection.run());
            }
        }
    }
    tasks
}

/// Passes on that a test of every connector is asked for.
async fn test_when_asked(rules: Arc<Rules>) {
    let mut asked = Asked::listen(Order::Test);
    loop {
        asked.next().await;
        rules.tests.send_replace(());
    }
}

async fn listen(address: &str) -> Result<TcpListener, StackError> {
    let failed = |source| StackError::Listener { address: address.to_owned(), source };
    match TcpListener::bind(address).await {
        Err(_) if planted(Bug::StateTwoReplicas) => TcpListener::bind("127.0.0.1:0").await.map_err(failed),
        bound => bound.map_err(failed),
    }
}

fn serve(listener: TcpListener, router: axum::Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}
