//! The agent that a customer runs beside a product that has no push of its own: it forwards what becomes known as lines of
//! syslog, over TCP or UDP.
//!
//! On its first connection it sends the last two days, then what is new. When the connection was lost it sends a window once
//! more, so that whoever listens has to bear duplicates. A clock that jumps is made to stop for it once a minute, and stands
//! still while it sends.
//!
//! # Sources
//! Microsoft's pages on its SIEM agent: two days, duplicates. How wide the window is, and how often it looks, are guesses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

use crate::clock::Clock;
use crate::protocol::security::Line;
use crate::scenario::AppIndex;
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::vendors;

/// What is sent on the first connection.
const FIRST: Duration = Duration::from_secs(2 * 86_400);
/// What is sent again after an outage.
const AGAIN: Duration = Duration::from_secs(3_600);
/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);
/// The same under a clock that jumps: each look is a stop.
const EVERY_STOP: Duration = Duration::from_secs(60);

/// Where lines are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyslogTarget {
    /// A line ends with a line break.
    Tcp(SocketAddr),
    /// A line is a datagram.
    Udp(SocketAddr),
}

/// An address that is none, or not on this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form tcp://127.0.0.1:514 or udp://127.0.0.1:514, on loopback")]
pub struct SyslogTargetError(String);

impl std::str::FromStr for SyslogTarget {
    type Err = SyslogTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once("://").and_then(|(scheme, address)| {
            let address = address.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback())?;
            match scheme {
                "tcp" => Some(Self::Tcp(address)),
                "udp" => Some(Self::Udp(address)),
                _ => None,
            }
        });
        parsed.ok_or_else(|| SyslogTargetError(text.to_owned()))
    }
}

enum Connection {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Connection {
    async fn open(target: SyslogTarget) -> std::io::Result<Self> {
        match target {
            SyslogTarget::Tcp(address) => TcpStream::connect(address).await.map(Self::Tcp),
            SyslogTarget::Udp(address) => {
                let local = if address.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(address).await?;
                Ok(Self::Udp(socket))
            }
        }
    }

    async fn send_all(&mut self, lines: &[Line]) -> std::io::Result<()> {
        for line in lines {
            self.send(line).await?;
        }
        Ok(())
    }

    async fn send(&mut self, line: &Line) -> std::io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(format!("{}\n", line.text).as_bytes()).await,
            Self::Udp(socket) => socket.send(line.text.as_bytes()).await.map(|_| ()),
        }
    }
}

/// How far the agent has come.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// Everything that was known by then has been sent.
    through: SimTime,
    /// Whether the connection was lost since.
    is_interrupted: bool,
}

impl Sent {
    /// From when on it sends: after an outage, however long and however often it tried, from a window earlier.
    fn until(self) -> SimTime {
        if self.is_interrupted { self.through - AGAIN } else { self.through }
    }
}

/// Forwards what one instance tells, for as long as it is polled. Instances that have nothing to tell have no agent.
pub async fn forward(sim: Arc<Simulation>, app: AppIndex, target: SyslogTarget) {
    let instance = &sim.world.instances[app.0];
    let Some(stream) = vendors::spec(instance.vendor).stream else { return };
    let every = match sim.clock {
        Clock::Virtual(_) => EVERY_STOP,
        Clock::Wall(_) => EVERY,
    };
    let name = format!("siem:{}", instance.name);
    let mut sent = Sent { through: sim.clock.now() - FIRST, is_interrupted: false };
    let (mut connection, mut held) = (None, sim.clock.hold());
    loop {
        let now = sim.clock.now();
        let open = match connection.take() {
            Some(open) => Ok(open),
            None => Connection::open(target).await,
        };
        if let Ok(mut open) = open {
            let lines = {
                let mut state = sim.state();
                state.timeline.advance(now);
                stream(&sim.world, instance, &state.timeline, sim.scenario.seed, (sent.until(), now))
            };
            sent.is_interrupted = open.send_all(&lines).await.is_err();
            if !sent.is_interrupted {
                sent.through = now;
                connection = Some(open);
            }
        }
        // The next look stands before the clock is let go.
        let next = sim.clock.alarm(now + every, &name);
        drop(held);
        held = next.due().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_costs_one_window_however_often_it_is_tried() {
        let at = SimTime::from_ms(86_400_000);
        let mut sent = Sent { through: at, is_interrupted: false };
        assert_eq!(sent.until(), at);
        for _ in 0..3 {
            sent.is_interrupted = true;
            assert_eq!(sent.until(), at - AGAIN);
        }
    }

    #[test]
    fn a_target_is_on_this_machine() {
        let address: SocketAddr = "127.0.0.1:514".parse().expect("a literal");
        assert_eq!("tcp://127.0.0.1:514".parse(), Ok(SyslogTarget::Tcp(address)));
        assert_eq!("udp://127.0.0.1:514".parse(), Ok(SyslogTarget::Udp(address)));
        for wrong in ["127.0.0.1:514", "tcp://192.0.2.1:514", "tls://127.0.0.1:514", "udp://siem.example:514"] {
            assert!(wrong.parse::<SyslogTarget>().is_err(), "{wrong}");
        }
    }
}
