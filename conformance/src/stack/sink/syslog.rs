//! Records that are sent as syslog.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::Shelf;
use super::cef;
use crate::stack::bounds::LONGEST_LINE;

/// The largest datagram there is, bytes.
const DATAGRAM: usize = 65_535;
/// Digits of the length of a message, and the blank after them.
const COUNT: u64 = 12;

pub(super) async fn serve_datagrams(socket: UdpSocket, shelf: Shelf) {
    let mut buffer = vec![0; DATAGRAM];
    while let Ok(length) = socket.recv(&mut buffer).await {
        keep(&shelf, &buffer[..length]);
    }
}

pub(super) async fn serve_streams(listener: TcpListener, shelf: Shelf) {
    let mut streams = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        streams.spawn(read(stream, shelf.clone()));
    }
}

async fn read(stream: TcpStream, shelf: Shelf) {
    let mut stream = BufReader::new(stream);
    while let Some(message) = message(&mut stream).await {
        keep(&shelf, &message);
    }
}

/// The next message: counted if it begins with a number, else up to the end of the line.
async fn message(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let first = *stream.fill_buf().await.ok()?.first()?;
    if first.is_ascii_digit() {
        let mut count = Vec::new();
        (&mut *stream).take(COUNT).read_until(b' ', &mut count).await.ok()?;
        let count: usize =
            String::from_utf8_lossy(&count).trim().parse().ok().filter(|count| *count <= LONGEST_LINE)?;
        let mut message = vec![0; count];
        stream.read_exact(&mut message).await.ok()?;
        return Some(message);
    }
    let (mut line, mut rest) = (Vec::new(), Vec::new());
    (&mut *stream).take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line).await.ok()?;
    // Of a message that is too long, as much is kept as shows it.
    let mut ended = line.len() <= LONGEST_LINE || line.last() == Some(&b'\n');
    while !ended {
        rest.clear();
        (&mut *stream).take(LONGEST_LINE as u64).read_until(b'\n', &mut rest).await.ok()?;
        ended = rest.last().is_none_or(|last| *last == b'\n');
    }
    Some(line)
}

fn keep(shelf: &Shelf, message: &[u8]) {
    let text = String::from_utf8_lossy(message);
    let text = text.trim_end_matches(['\n', '\r', '\0']);
    if !text.is_empty() {
        // A message that cannot be kept is one that was never said: there is nobody to answer.
        let _ = shelf.put(&[record(text).to_string()]);
    }
}

/// The message, and its parts where it holds an event in CEF.
fn record(text: &str) -> Value {
    match cef::event(text) {
        Some(event) => json!({ "text": text, "cef": event }),
        None => json!({ "text": text }),
    }
}
