//! `--listen`: where the control plane is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Reads `127.0.0.1:4100`, `[::1]:4100`, `localhost:4100`, `:4100`; the last two mean loopback.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let on_loopback = |port: &str| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse::<u16>().ok()?)));
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':'));
    if let Some(address) = port.and_then(on_loopback) {
        return Ok(address);
    }
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    let why = match text.parse::<u16>() {
        Ok(_) => format!("write `:{text}`"),
        Err(_) if text.parse::<IpAddr>().is_ok() => {
            "the port is missing: write `ADDRESS:PORT`, an IPv6 address in brackets".to_owned()
        }
        Err(_) if text == "localhost" => "the port is missing: write `localhost:4100`".to_owned(),
        Err(_) if matches!(host, "" | "localhost") => "a port is a number up to 65535".to_owned(),
        Err(_) => {
            "write `127.0.0.1:4100`, `localhost:4100` or `:4100`, or `0.0.0.0:4100` for every address of this machine"
                .to_owned()
        }
    };
    Err(why)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_port_alone_and_localhost_mean_loopback() {
        for (text, expected) in [
            ("127.0.0.1:4100", "127.0.0.1:4100"),
            ("localhost:4300", "127.0.0.1:4300"),
            (":4300", "127.0.0.1:4300"),
            ("[::1]:4300", "[::1]:4300"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(address(text), Ok(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_answered_with_one_that_can() {
        for (text, expected) in [
            ("4300", "write `:4300`"),
            ("localhost", "write `localhost:4100`"),
            ("127.0.0.1", "write `ADDRESS:PORT`"),
            ("::1", "in brackets"),
            (":70000", "up to 65535"),
            ("localhost:x", "up to 65535"),
            ("example.com:80", "`0.0.0.0:4100` for every address"),
        ] {
            let why = address(text).unwrap_err();
            assert!(why.ends_with(expected) || why.contains(expected), "{text}: {why}");
        }
    }
}
