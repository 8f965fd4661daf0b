//! What a page of the audit log costs, against a bare axum handler that returns the same bytes; and what a long history
//! costs at start-up and in memory.
//!
//! Each server is a process of its own, so that its CPU time and memory are its own: this program starts itself again
//! as the server. Loopback only, a fixed number of requests. Linux only: it reads `/proc`.
//!
//! `cargo bench -p simulator --bench audit_log`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the machine's clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use simulator::clock::{ClockMode, wall_now};
use simulator::control::Extent;
use simulator::protocol::limiter::{Algorithm, Allowance, Cost, Limiter, Limits, Quota};
use simulator::scenario;
use simulator::server::{self, Listen, ServeOptions};
use simulator::time::DAY_US;
use simulator::{Simulation, cli};

/// Turns that the two servers take, so that both meet the same weather; the medians count.
const ROUNDS: usize = 9;
/// Requests a turn whose cost is measured when the answer is at hand.
const WARM: u32 = 5_000;
/// Requests for pages of as many different days.
const COLD: u32 = 60;
const PEOPLE: u32 = 100;
/// The vendor's budget would end the measurement after a thousand requests; this one is computed all the same.
static NO_END: Limits = Limits {
    quotas: &[Quota {
        name: "credits",
        routes: &[],
        cost: Cost::OfRoute,
        allowance: Allowance::Fixed(1_000_000_000_000),
        window: Duration::from_secs(60),
        algorithm: Algorithm::FixedWindow,
    }],
    key: |principal| principal.client_id.clone(),
    headers: |_| Vec::new(),
    told_by: &[],
    secondary: None,
    source: "",
};
const SCENARIO: &str = "title: Benchmark\npeople: 100\napps: { miro: {} }\n";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|a| a == "--server") {
        Some(i) if arguments[i + 1] == "bare" => serve_bare(),
        Some(i) => serve_simulator(arguments[i + 1].parse().unwrap()),
        None => measure(),
    }
}

/// Serves a history of so many days; prints address and token.
fn serve_simulator(days: u32) {
    let mut scenario = scenario::read_text("bench.yaml", SCENARIO, &cli::FOREIGN).unwrap();
    let apart = wall_now().us() - scenario.calendar().day_1().us();
    scenario.shift(apart.div_euclid(DAY_US));
    scenario.history_days = days;
    scenario.apps[0].retention = Some(Duration::from_secs(u64::from(days) * 86_400));
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let sim = Simulation::new(scenario, ClockMode::Wall).unwrap();
        let token = sim.state().instances[0].tokens.issue_ready_token(sim.clock.now());
        sim.state().instances[0].limiter = Limiter::new(&NO_END, 1);
        let options = ServeOptions {
            listen: Listen::Ephemeral,
            redirect_uris: Vec::new(),
            control: Extent::Desk,
            authority: None,
        };
        let running = server::start(Arc::clone(&sim), options).await.unwrap();
        println!("{} {token}", running.app_address("miro").unwrap());
        std::future::pending::<()>().await;
    });
}

/// Serves the bytes it is given on standard input, from a bare handler.
fn serve_bare() {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body).unwrap();
    let body = axum::body::Bytes::from(body);
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{} none", listener.local_addr().unwrap());
        let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
        let handler = axum::routing::get(move || async move { (json, body) });
        axum::serve(listener, axum::Router::new().route("/v2/audit/logs", handler)).await.unwrap();
    });
}

/// A server process and a connection to it.
struct Server {
    child: Child,
    token: String,
    connection: BufReader<TcpStream>,
    /// From start to first answer.
    start_up: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(what: &str, input: &[u8], first: &str) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--server", what])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (address, token) = line.trim().split_once(' ').unwrap();
        let connection = TcpStream::connect(address.parse::<SocketAddr>().unwrap()).unwrap();
        connection.set_nodelay(true).unwrap();
        let connection = BufReader::new(connection);
        let mut server = Self { child, token: token.to_owned(), connection, start_up: Duration::ZERO };
        server.get(first);
        server.start_up = begun.elapsed();
        server
    }

    fn get(&mut self, target: &str) -> Vec<u8> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n", self.token);
        self.connection.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut length, mut line) = (0, String::new());
        self.connection.read_line(&mut line).unwrap();
        let ok = line.contains(" 200 ");
        while line != "\r\n" {
            line.clear();
            self.connection.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).unwrap();
        assert!(ok, "refused: {}", String::from_utf8_lossy(&body));
        body
    }

    /// CPU time of the process so far, user and system.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in mebibytes.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// CPU microseconds a request.
    fn cost(&mut self, count: u32, mut target: impl FnMut(u32) -> String) -> f64 {
        let before = self.cpu();
        for n in 0..count {
            let target = target(n);
            self.get(&target);
        }
        (self.cpu() - before).as_secs_f64() * 1e6 / f64::from(count)
    }
}

/// A page of 100 events that begins so many days ago.
fn page(days_ago: u32) -> String {
    let spell = |days: u32| {
        let at = wall_now().midnight() - Duration::from_secs(u64::from(days) * 86_400);
        at.civil().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    };
    format!("/v2/audit/logs?createdAfter={}&createdBefore={}&limit=100", spell(days_ago), spell(0))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn measure() {
    let short = Server::start("1", &[], &page(1));
    let long_days = 10_000_000 / (PEOPLE * 8);
    let mut long = Server::start(&long_days.to_string(), &[], &page(7));
    let (short_memory, long_memory) = (short.memory(), long.memory());

    let warm_page = page(7);
    let body = long.get(&warm_page);
    let events = body.windows(10).filter(|w| w == b"\"createdAt").count();
    let cold = long.cost(COLD, |n| page(8 + n * (long_days / COLD - 1)));
    let cold_memory = long.memory();
    let mut bare = Server::start("bare", &body, "/v2/audit/logs");
    let turns = (0..=ROUNDS).map(|_| {
        let reference = bare.cost(WARM, |_| warm_page.clone());
        (reference, long.cost(WARM, |_| warm_page.clone()))
    });
    // The first turn fills caches and the journal.
    let turns: Vec<(f64, f64)> = turns.skip(1).collect();
    let reference = median(turns.iter().map(|t| t.0));
    let warm = median(turns.iter().map(|t| t.1));
    let ratio = median(turns.iter().map(|t| t.1 / t.0));

    println!("a page of {events} events, {} bytes; CPU of the serving process, whole process, per request", body.len());
    println!("  bare axum handler, same bytes  {reference:9.1} us");
    println!("  simulator, warm                {warm:9.1} us   {ratio:.2} x bare");
    println!("  simulator, cold (another day)  {cold:9.1} us   {:.1} x bare", cold / reference);
    println!("history                          start to first answer   memory at start   after {COLD} cold days");
    let row = |name: &str, s: &Server, memory: f64, after: &str| {
        println!("  {name:<30} {:15.1} ms   {memory:11.1} MiB   {after}", s.start_up.as_secs_f64() * 1e3);
    };
    row("1 day (about 1,000 events)", &short, short_memory, "");
    row(&format!("{long_days} days (about 10,000,000)"), &long, long_memory, &format!("{cold_memory:.1} MiB"));
}
