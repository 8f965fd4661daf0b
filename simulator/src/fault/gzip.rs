//! `gzip`: a body packed as RFC 1952 says, rightly or not.

use std::io::Write as _;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::scenario::Packing;

/// What a bomb holds when it is unpacked, bytes.
const BOMB: usize = 256 << 20;
/// In members of so many each.
const MEMBER: usize = 1 << 20;
/// The last bytes of a member: checksum and length (RFC 1952, section 2.3.1).
const TRAILER: usize = 8;

/// The body, packed.
pub(crate) fn packed(body: &Bytes, form: Packing) -> Bytes {
    match form {
        Packing::Whole => member(body, Compression::fast()),
        Packing::Members => {
            let (first, second) = body.split_at(body.len() / 2);
            [first, second].map(|part| member(part, Compression::fast())).concat().into()
        }
        Packing::Cut => {
            let whole = member(body, Compression::fast());
            whole.slice(..whole.len().saturating_sub(TRAILER) * 3 / 4)
        }
        // Packed as well as can be: what is quickly packed is ten times as large.
        Packing::Bomb => member(&vec![b' '; MEMBER], Compression::best()).repeat(BOMB / MEMBER).into(),
    }
}

fn member(part: &[u8], level: Compression) -> Bytes {
    let mut packer = GzEncoder::new(Vec::new(), level);
    packer.write_all(part).expect("a vector takes all bytes");
    packer.finish().expect("a vector takes all bytes").into()
}

/// Whether a client says that it unpacks gzip (RFC 9110, section 12.5.3), without a weight of nought.
pub(crate) fn is_accepted(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_none = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        matches!(name.trim().to_ascii_lowercase().as_str(), "gzip" | "x-gzip" | "*") && !is_none
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::MultiGzDecoder;

    use super::*;

    fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        MultiGzDecoder::new(packed).read_to_end(&mut whole).map(|_| whole)
    }

    #[test]
    fn what_is_packed_rightly_is_the_same_unpacked() {
        let body = Bytes::from_static(br#"{"data":[{"id":"1"},{"id":"2"}]}"#);
        for form in [Packing::Whole, Packing::Members] {
            assert_eq!(unpacked(&packed(&body, form)).unwrap(), body, "{form:?}");
        }
        assert!(unpacked(&packed(&body, Packing::Cut)).is_err());
    }

    #[test]
    fn a_bomb_is_small_until_it_is_unpacked() {
        let bomb = packed(&Bytes::new(), Packing::Bomb);
        assert!(bomb.len() < BOMB / 500, "{}", bomb.len());
        let mut begin = vec![0; 3 * MEMBER];
        MultiGzDecoder::new(&*bomb).read_exact(&mut begin).unwrap();
        assert!(begin.iter().all(|byte| *byte == b' '));
    }

    #[test]
    fn only_who_says_so_unpacks() {
        #[rustfmt::skip]
        let cases = [
            ("",                      false),
            ("identity",              false),
            ("gzip",                  true),
            ("deflate, gzip;q=0.8",   true),
            ("gzip;q=0",              false),
            ("*",                     true),
            ("br",                    false),
        ];
        for (header, expected) in cases {
            assert_eq!(is_accepted(header), expected, "{header}");
        }
    }
}
