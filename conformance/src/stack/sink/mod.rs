//! Places of ours that a stack sends its report to: a URL that it posts to, an address for its syslog.
//!
//! What arrives is written to a file, a record a line, and read from there like any other report. An answer is given once
//! it stands there, so that nothing is lost when the stack is stopped.

mod cef;
mod http;
mod syslog;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::bounds::LARGEST_LOG;
use super::ports;

/// How many addresses are tried for one that is free both for streams and for datagrams.
const TRIES: usize = 20;

/// In which form records arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Posted as JSON: one value, a list, or a value a line; packed or not.
    Http,
    /// Syslog, by datagram or stream: a message a datagram, a line, or counted (RFC 6587).
    Syslog,
}

/// A place that is open, and listens once it is served.
#[derive(Debug)]
pub struct Sink {
    form: Form,
    stream: TcpListener,
    datagrams: Option<UdpSocket>,
    file: PathBuf,
}

/// The places that are listened at; dropped, they are closed.
#[derive(Debug, Default)]
pub struct Served {
    _tasks: JoinSet<()>,
}

impl Sink {
    /// Opens a place on loopback; what arrives is to be appended to `file`.
    pub fn open(form: Form, file: PathBuf) -> std::io::Result<Self> {
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
        for _ in 0..TRIES {
            let port = ports::allot()?;
            let both = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|stream| {
                let datagrams = match form {
                    Form::Http => None,
                    Form::Syslog => Some(UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?),
                };
                Ok((stream, datagrams))
            });
            match both {
                Ok((stream, datagrams)) => return Ok(Self { form, stream, datagrams, file }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// `127.0.0.1:20117`.
    pub fn address(&self) -> std::io::Result<String> {
        Ok(self.stream.local_addr()?.to_string())
    }

    /// The file that what arrives is appended to.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// Listens at these places.
pub fn serve(sinks: Vec<Sink>) -> std::io::Result<Served> {
    let mut tasks = JoinSet::new();
    for sink in sinks {
        let shelf = Shelf::new(&sink.file)?;
        sink.stream.set_nonblocking(true)?;
        let stream = tokio::net::TcpListener::from_std(sink.stream)?;
        match sink.form {
            Form::Http => drop(tasks.spawn(http::serve(stream, shelf.clone()))),
            Form::Syslog => drop(tasks.spawn(syslog::serve_streams(stream, shelf.clone()))),
        }
        if let Some(datagrams) = sink.datagrams {
            datagrams.set_nonblocking(true)?;
            tasks.spawn(syslog::serve_datagrams(tokio::net::UdpSocket::from_std(datagrams)?, shelf));
        }
    }
    Ok(Served { _tasks: tasks })
}

/// The file that what arrives is put into.
#[derive(Clone, Debug)]
struct Shelf {
    file: Arc<Mutex<File>>,
}

impl Shelf {
    fn new(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file: Arc::new(Mutex::new(file)) })
    }

    /// Appends a line for each record.
    fn put(&self, records: &[String]) -> std::io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.metadata()?.len() > LARGEST_LOG {
            // Far beyond what is read of it.
            return Ok(());
        }
        records.iter().try_for_each(|record| writeln!(file, "{record}"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::super::bounds::LONGEST_LINE;
    use super::*;

    /// What stands in the file after `send` was given the address and `count` records have arrived.
    async fn received(form: Form, count: usize, send: impl FnOnce(String) + Send + 'static) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let sink = Sink::open(form, dir.path().join("received.ndjson")).unwrap();
        let (file, address) = (sink.file().to_owned(), sink.address().unwrap());
        let _served = serve(vec![sink]).unwrap();
        tokio::task::spawn_blocking(move || send(address)).await.unwrap();
        loop {
            let lines: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
            if lines.len() >= count {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    }

    fn post(address: &str, headers: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /alerts HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn what_is_posted_is_a_record_a_line_however_it_is_framed() {
        let lines = received(Form::Http, 5, |address| {
            assert_eq!(post(&address, "", b"{\"a\": 1}"), "HTTP/1.1 200 OK");
            post(&address, "", b"[{\"a\":2},{\"a\":3}]");
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(b"{\"a\":4}\n{\"a\":5}\n").unwrap();
            post(&address, "Content-Encoding: gzip\r\n", &packed.finish().unwrap());
        })
        .await;
        assert_eq!(lines, [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#, r#"{"a":4}"#, r#"{"a":5}"#]);
    }

    #[tokio::test]
    async fn what_is_posted_and_is_no_json_is_kept_as_it_is() {
        let lines = received(Form::Http, 1, |address| drop(post(&address, "", b"an alert\nby mail"))).await;
        assert_eq!(lines, ["an alert by mail"]);
    }

    #[tokio::test]
    async fn of_a_message_that_is_too_long_as_much_is_kept_as_shows_it() {
        let lines = received(Form::Syslog, 3, |address| {
            let (too_long, longest) = ("x".repeat(3 * LONGEST_LINE), "y".repeat(LONGEST_LINE));
            let sent = format!("{too_long}\n{longest}\n<14>two\n");
            TcpStream::connect(&address).unwrap().write_all(sent.as_bytes()).unwrap();
        })
        .await;
        let length =
            |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().len();
        assert_eq!(lines.iter().map(length).collect::<Vec<_>>(), [LONGEST_LINE + 1, LONGEST_LINE, 7]);
    }

    #[tokio::test]
    async fn syslog_is_heard_by_datagram_and_by_stream_in_both_framings() {
        let lines = received(Form::Syslog, 3, |address| {
            UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"<14>one", &address).unwrap();
            TcpStream::connect(&address).unwrap().write_all(b"<14>two\n9 <14>\ntrio").unwrap();
        })
        .await;
        let mut texts: Vec<String> = lines
            .iter()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
            .collect();
        texts.sort();
        assert_eq!(texts, ["<14>\ntrio", "<14>one", "<14>two"]);
    }
}
