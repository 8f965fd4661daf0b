//! From a request's method and path to the route that was declared for it.

use axum::http::Method;

use crate::protocol::exchange::Route;
use crate::vendors::VendorSpec;

/// Longest path that is compared with those that exist, in bytes: twice the longest of them.
const LONGEST_COMPARED: usize = 256;

/// The routes of one vendor, ready to be searched.
pub(crate) struct RouteTable {
    paths: matchit::Router<Vec<&'static Route>>,
    all: &'static [Route],
}

/// What became of looking for a route.
pub(crate) enum Found {
    /// The route, with its decoded path parameters.
    Route(&'static Route, Vec<(String, String)>),
    /// The path exists under other methods.
    OtherMethods(Vec<Method>),
    /// No such path; the nearest one that exists.
    Nothing { nearest: Option<&'static str> },
}

impl RouteTable {
    /// The table of a vendor's declared routes.
    pub(crate) fn new(spec: &'static VendorSpec) -> Self {
        let mut by_path: Vec<(&'static str, Vec<&'static Route>)> = Vec::new();
        for route in spec.routes {
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, routes)) => routes.push(route),
                None => by_path.push((route.path, vec![route])),
            }
        }
        let mut paths = matchit::Router::new();
        for (path, routes) in by_path {
            paths.insert(path, routes).expect("declared paths do not contradict one another: a test walks all vendors");
        }
        Self { paths, all: spec.routes }
    }

    /// Looks a request up.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let Ok(matched) = self.paths.at(path) else {
            // Comparing costs as much as both are long; what is longer than this is like none.
            let compared: &[Route] = if path.len() > LONGEST_COMPARED { &[] } else { self.all };
            let nearest = compared.iter().map(|r| (strsim::normalized_levenshtein(r.path, path), r.path));
            let nearest = nearest.filter(|(likeness, _)| *likeness > 0.5).max_by(|a, b| a.0.total_cmp(&b.0));
            return Found::Nothing { nearest: nearest.map(|(_, path)| path) };
        };
        match matched.value.iter().find(|r| r.method == *method) {
            Some(route) => {
                let params = matched.params.iter().map(|(k, v)| (k.to_owned(), decode(v))).collect();
                Found::Route(route, params)
            }
            None => Found::OtherMethods(matched.value.iter().map(|r| r.method.clone()).collect()),
        }
    }
}

/// Percent-decodes a path segment (a `+` stays a `+`).
fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors;

    #[test]
    fn declared_paths_of_no_vendor_contradict_one_another() {
        for spec in vendors::all() {
            let table = RouteTable::new(spec);
            for route in spec.routes {
                let path = route.path.replace(['{', '}'], "");
                assert!(matches!(table.find(&route.method, &path), Found::Route(..)), "{} {path}", spec.title);
            }
        }
    }

    #[test]
    fn a_path_that_is_nearly_one_is_told_which_and_a_very_long_one_is_not_compared() {
        for spec in vendors::all() {
            let nearest = |path: &str| match RouteTable::new(spec).find(&Method::GET, path) {
                Found::Nothing { nearest } => nearest,
                _ => None,
            };
            assert!(spec.routes.iter().all(|route| route.path.len() <= LONGEST_COMPARED / 2), "{}", spec.title);
            assert!(spec.routes.iter().any(|route| nearest(&format!("{}x", route.path)).is_some()), "{}", spec.title);
            assert_eq!(nearest(&format!("/{}", "z".repeat(7_000_000))), None, "{}", spec.title);
        }
    }

    #[test]
    fn path_segments_are_decoded_once_and_keep_their_plus() {
        assert_eq!(decode("ada%40contoso.example"), "ada@contoso.example");
        assert_eq!(decode("a+b%2520&c=d"), "a+b%20&c=d");
    }
}
