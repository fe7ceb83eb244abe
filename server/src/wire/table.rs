//! Finds the row of a request: by `Action` for awsQuery, by method and path for REST.

use super::{Parts, Row};
use http::{HeaderMap, HeaderName, Method};
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;
use std::{borrow::Cow, collections::HashMap};

/// A service's rows, ready to be looked up.
#[derive(Debug)]
pub(crate) struct Table {
    by_name: HashMap<&'static str, &'static Row>,
    /// By method.
    routes: Vec<(&'static str, Vec<Route>)>,
}

/// A row with its path split.
#[derive(Debug)]
pub(crate) struct Route {
    /// The row.
    pub(crate) row: &'static Row,
    segments: Vec<Segment>,
    /// Query parameters that must be there, with their value where the row gives one.
    query: Vec<(&'static str, Option<&'static str>)>,
    /// Headers that must be there.
    headers: Vec<HeaderName>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
    /// `{key+}`: everything that is left, slashes included.
    Rest(&'static str),
}

impl Table {
    /// Splits the paths of `rows`.
    pub(crate) fn new(rows: &'static [Row]) -> Self {
        let mut routes: Vec<(&'static str, Vec<Route>)> = Vec::new();
        for row in rows {
            match routes.iter_mut().find(|(method, _)| *method == row.method) {
                Some((_, routes)) => routes.push(Route::new(row)),
                None => routes.push((row.method, vec![Route::new(row)])),
            }
        }
        for (_, routes) in &mut routes {
            // The most demanding row first: `PUT /b/k?partNumber&uploadId` before `PUT /b/k`.
            routes.sort_by_key(|route| std::cmp::Reverse(route.query.len() + route.headers.len()));
        }
        Self {
            by_name: rows.iter().map(|row| (row.name, row)).collect(),
            routes,
        }
    }

    /// The row called `name`.
    pub(crate) fn named(&self, name: &str) -> Option<&'static Row> {
        self.by_name.get(name).copied()
    }

    /// The row for a method and a raw path, and the labels of the path, decoded.
    pub(crate) fn find<'a>(
        &self,
        method: &Method,
        path: &'a str,
        query: &[(Cow<'_, str>, Cow<'_, str>)],
        headers: &HeaderMap,
        parts: &mut Parts<'a>,
    ) -> Option<&'static Row> {
        let (_, routes) = self
            .routes
            .iter()
            .find(|(known, _)| *known == method.as_str())?;
        let fits = |route: &&Route| route.demands(query, headers);
        for route in routes.iter().filter(fits) {
            if let Some(labels) = route.labels(path) {
                for (name, text) in labels {
                    parts.text(name, text);
                }
                return Some(route.row);
            }
        }
        None
    }
}

/// The labels of a path, decoded: a bucket and a key, or an app and something of it.
type Labels<'a> = SmallVec<[(&'static str, Cow<'a, str>); 4]>;

impl Route {
    fn new(row: &'static Row) -> Self {
        let (rest, header) = row.path.split_once('#').unwrap_or((row.path, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let segments = path
            .split('/')
            .skip(1)
            .filter(|segment| !segment.is_empty());
        let parameter = |text: &'static str| match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Self {
            row,
            segments: segments.map(Segment::new).collect(),
            query: query
                .split('&')
                .filter(|text| !text.is_empty())
                .map(parameter)
                .collect(),
            headers: header
                .split('#')
                .filter(|text| !text.is_empty())
                .map(HeaderName::from_static)
                .collect(),
        }
    }

    /// Whether the parameters and headers that this row asks for are there.
    fn demands(&self, query: &[(Cow<'_, str>, Cow<'_, str>)], headers: &HeaderMap) -> bool {
        let sent = |(name, value): &(&str, Option<&str>)| {
            let same = |(n, v): &(Cow<'_, str>, Cow<'_, str>)| {
                n == name && value.is_none_or(|value| v == value)
            };
            query.iter().any(same)
        };
        self.query.iter().all(sent) && self.headers.iter().all(|name| headers.contains_key(name))
    }

    /// The labels of `path`, decoded; none when the path is not this route's.
    fn labels<'a>(&self, path: &'a str) -> Option<Labels<'a>> {
        let mut labels = Labels::new();
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        let mut segments = self.segments.iter().peekable();
        while let Some(segment) = segments.next() {
            if rest.is_empty() {
                return None;
            }
            if let Segment::Rest(name) = segment {
                labels.push((*name, decoded(rest)?));
                return Some(labels);
            }
            let (here, more) = match at_slash(rest) {
                // `/bucket/` is the bucket, `/bucket/key` is not.
                Some((here, more)) if segments.peek().is_none() && !more.is_empty() => {
                    let _ = here;
                    return None;
                }
                Some((here, more)) => (here, more),
                None => (rest, ""),
            };
            match segment {
                Segment::Literal(text) if *text == here => {}
                Segment::Label(name) if !here.is_empty() => labels.push((*name, decoded(here)?)),
                _ => return None,
            }
            rest = more;
        }
        rest.is_empty().then_some(labels)
    }
}

impl Segment {
    fn new(text: &'static str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            None => Self::Literal(text),
            Some(name) => name.strip_suffix('+').map_or(Self::Label(name), Self::Rest),
        }
    }
}

/// A label without its percent signs; none when it is not UTF-8. Most have none, which one look tells.
pub(crate) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    match text.as_bytes().contains(&b'%') {
        true => percent_decode_str(text).decode_utf8().ok(),
        false => Some(Cow::Borrowed(text)),
    }
}

/// What stands before the first slash, and after it. The search of the standard library is made for long texts.
fn at_slash(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == b'/')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
