//! Every admin call: method, path, and what answers it. `docs/openapi.json` describes the same, which a test compares.

use super::{
    Answer, Ask, Refused, clock, decisions, health, metrics, oidc, questions, snapshots, worlds,
};

/// What answers a call.
type Handler = fn(&Ask<'_>) -> Result<Answer, Refused>;

/// One call.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    /// Below `/_rolecall`; a name in braces is one segment.
    pub(super) path: &'static str,
    pub(super) handler: Handler,
}

const fn route(method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route {
        method,
        path,
        handler,
    }
}

/// What an issuer of web identity tokens publishes.
pub(super) const OIDC_CONFIGURATION: &str = "/oidc/{id}/.well-known/openid-configuration";
/// The keys it signs with.
pub(super) const OIDC_KEYS: &str = "/oidc/{id}/.well-known/jwks.json";

/// All of them.
pub(super) static ROUTES: &[Route] = &[
    route("GET", "/health", health::health),
    route("GET", "/ready", health::ready),
    route("GET", "/operations", health::operations),
    route("GET", "/metrics", metrics::metrics),
    route("POST", "/reset", snapshots::reset),
    route("GET", "/snapshots", snapshots::list),
    route("POST", "/snapshots", snapshots::take),
    route("DELETE", "/snapshots/{name}", snapshots::forget),
    route("POST", "/snapshots/{name}/restore", snapshots::restore),
    route("GET", "/diff", snapshots::diff),
    route("POST", "/fork", snapshots::fork),
    route("GET", "/clock", clock::show),
    route("POST", "/clock/freeze", clock::freeze),
    route("POST", "/clock/advance", clock::advance),
    route("POST", "/clock/set", clock::set),
    route("POST", "/clock/run", clock::run),
    route("GET", "/decisions", decisions::list),
    route("GET", "/decisions/{id}", decisions::one),
    route("GET", "/explain/{id}", decisions::explain),
    route("GET", "/events", decisions::events),
    route("POST", "/can", questions::can),
    route("POST", "/prove", questions::prove),
    route("POST", "/given", questions::given),
    route("GET", OIDC_CONFIGURATION, oidc::configuration),
    route("GET", OIDC_KEYS, oidc::keys),
    route("GET", "/worlds", worlds::list),
    route("GET", "/worlds/{name}", worlds::show),
    route("PUT", "/worlds/{name}", worlds::make),
    route("DELETE", "/worlds/{name}", worlds::remove),
];

/// What a path leads to.
pub(super) enum Found<'p> {
    /// The call, and the segment that is a name.
    Route(&'static Route, &'p str),
    /// The path is there, the method is not; these are.
    OtherMethods(Vec<&'static str>),
    /// No such path.
    Nothing,
}

/// Finds the call for a method and a path below `/_rolecall`.
pub(super) fn find<'p>(method: &str, path: &'p str) -> Found<'p> {
    let mut methods = Vec::new();
    for route in ROUTES {
        if let Some(name) = fits(route.path, path) {
            if route.method == method {
                return Found::Route(route, name);
            }
            methods.push(route.method);
        }
    }
    if methods.is_empty() {
        Found::Nothing
    } else {
        Found::OtherMethods(methods)
    }
}

/// The segment that stands for the name in braces; empty where there is none.
fn fits<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    let mut name = "";
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return Some(name),
            (Some(pattern), Some(segment)) if pattern.starts_with('{') => {
                if segment.is_empty() {
                    return None;
                }
                name = segment;
            }
            (Some(pattern), Some(segment)) if pattern == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn paths_find_their_call() {
        assert!(
            matches!(find("GET", "/health/"), Found::Route(route, "") if route.path == "/health")
        );
        assert!(matches!(
            find("POST", "/snapshots/a/restore"),
            Found::Route(_, "a")
        ));
        assert!(
            matches!(find("POST", "/health"), Found::OtherMethods(methods) if methods == ["GET"])
        );
        assert!(matches!(
            find("GET", "/oidc/a/.well-known/jwks.json"),
            Found::Route(_, "a")
        ));
        assert!(matches!(find("GET", "/worlds//"), Found::Nothing));
        assert!(matches!(find("GET", "/"), Found::Nothing));
    }

    #[test]
    fn the_description_has_every_call_and_no_other() {
        let text = include_str!("../../../docs/openapi.json");
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut described = BTreeSet::new();
        for (path, calls) in document["paths"].as_object().unwrap() {
            for method in calls
                .as_object()
                .unwrap()
                .keys()
                .filter(|key| *key != "parameters")
            {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
        let served: BTreeSet<_> = ROUTES
            .iter()
            .map(|route| (route.method.to_owned(), format!("/_rolecall{}", route.path)))
            .collect();
        assert_eq!(described, served);
    }
}
