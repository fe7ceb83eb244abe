//! Which endpoints belong to a segment. A definition is compiled once and then asked endpoint by endpoint.
//!
//! Source: Amazon Pinpoint API Reference, "Segments". Where it is silent: an endpoint without the
//! attribute is in no INCLUSIVE set and in every EXCLUSIVE one; combinations that are not named mean ALL.

use super::{
    Imported, Version,
    checks::{Check, Compare, Place, Test},
};
use crate::{
    pinpoint::shape::{Document, inner, text},
    wire::Fault,
};
use serde_json::Value;
use std::sync::Arc;

/// How many dimensions and source segments a definition may come to, nested ones counted.
const MOST: usize = 1000;

/// How deep segments may be made of segments; deeper ones are taken to contain themselves.
const DEEPEST: usize = 10;

/// A compiled definition.
#[derive(Debug)]
pub(in crate::pinpoint) struct Members(Rule);

#[derive(Debug)]
enum Rule {
    All(Vec<Rule>),
    Any(Vec<Rule>),
    None(Vec<Rule>),
    One(Check),
    Listed(Arc<Imported>),
}

impl Rule {
    fn holds(&self, endpoint: &Document) -> bool {
        match self {
            Self::All(rules) => rules.iter().all(|rule| rule.holds(endpoint)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(endpoint)),
            Self::None(rules) => !rules.iter().any(|rule| rule.holds(endpoint)),
            Self::One(check) => check.holds(endpoint),
            Self::Listed(imported) => imported.holds(endpoint),
        }
    }

    /// Combines by a word of AWS's; no rules at all means everybody.
    fn grouped(word: Option<&str>, rules: Vec<Rule>) -> Self {
        match word {
            _ if rules.is_empty() => Self::All(rules),
            Some("ANY") => Self::Any(rules),
            Some("NONE") => Self::None(rules),
            _ => Self::All(rules),
        }
    }
}

/// Finds a version of another segment, by id and number (none: the newest).
pub(super) type Lookup<'a> = &'a dyn Fn(&str, Option<u64>) -> Option<Version>;

impl Members {
    /// Compiles a version of a segment.
    pub(super) fn compile(version: &Version, lookup: Lookup<'_>) -> Result<Self, Fault> {
        let mut compiler = Compiler {
            left: MOST,
            depth: 0,
            lookup,
        };
        compiler.version(version).map(Self)
    }

    /// Whether this endpoint belongs.
    pub(in crate::pinpoint) fn contain(&self, endpoint: &Document) -> bool {
        self.0.holds(endpoint)
    }
}

struct Compiler<'a> {
    left: usize,
    depth: usize,
    lookup: Lookup<'a>,
}

impl Compiler<'_> {
    /// Counts one more part.
    fn step(&mut self) -> Result<(), Fault> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let why =
                format!("the segment comes to more than {MOST} dimensions and source segments");
            Fault::malformed("SegmentGroups", why)
        })?;
        Ok(())
    }

    fn version(&mut self, version: &Version) -> Result<Rule, Fault> {
        self.step()?;
        match &version.imported {
            Some(imported) => Ok(Rule::Listed(imported.clone())),
            None => self.segment(&version.definition),
        }
    }

    fn segment(&mut self, definition: &Document) -> Result<Rule, Fault> {
        let mut rules = Vec::new();
        if let Some(dimensions) = inner(definition, "Dimensions") {
            rules.push(self.dimensions(dimensions)?);
        }
        if let Some(list) = inner(definition, "SegmentGroups") {
            let groups: Result<_, _> = objects(list, "Groups")
                .map(|group| self.group(group))
                .collect();
            rules.push(Rule::grouped(text(list, "Include"), groups?));
        }
        Ok(Rule::All(rules))
    }

    fn group(&mut self, group: &Document) -> Result<Rule, Fault> {
        let base: Result<_, _> = objects(group, "SourceSegments")
            .map(|of| self.source(of))
            .collect();
        let base = Rule::grouped(text(group, "SourceType"), base?);
        let dimensions: Result<_, _> = objects(group, "Dimensions")
            .map(|of| self.dimensions(of))
            .collect();
        Ok(Rule::All(vec![
            base,
            Rule::grouped(text(group, "Type"), dimensions?),
        ]))
    }

    fn source(&mut self, of: &Document) -> Result<Rule, Fault> {
        let id = text(of, "Id").unwrap_or_default();
        let version = of.get("Version").and_then(Value::as_u64);
        let version = (self.lookup)(id, version).ok_or_else(|| {
            Fault::malformed(
                "SegmentGroups",
                format!("there is no segment `{id}` of that version in this app"),
            )
        })?;
        if self.depth == DEEPEST {
            let why = format!(
                "the segment contains itself, or segments within segments more than {DEEPEST} deep"
            );
            return Err(Fault::malformed("SegmentGroups", why));
        }
        self.depth += 1;
        let rule = self.version(&version)?;
        self.depth -= 1;
        Ok(rule)
    }

    /// All of these must hold.
    fn dimensions(&mut self, of: &Document) -> Result<Rule, Fault> {
        let mut rules = Vec::new();
        for (member, place) in [
            ("Attributes", Place::Attribute as fn(String) -> Place),
            ("UserAttributes", Place::UserAttribute),
        ] {
            for (name, dimension) in inner(of, member).into_iter().flatten() {
                self.step()?;
                let Some(dimension) = dimension.as_object() else {
                    continue;
                };
                let test = attribute(dimension)
                    .map_err(|why| Fault::malformed(format!("Dimensions.{member}.{name}"), why))?;
                rules.push(Rule::One(Check {
                    place: place(name.clone()),
                    test,
                }));
            }
        }
        let demographic = inner(of, "Demographic").into_iter().flatten();
        for (name, dimension) in demographic {
            self.step()?;
            let Some(dimension) = dimension.as_object() else {
                continue;
            };
            let place = if name == "Channel" {
                Place::Channel
            } else {
                Place::Demographic(name.clone())
            };
            rules.push(Rule::One(Check {
                place,
                test: set(dimension),
            }));
        }
        if let Some(location) = inner(of, "Location") {
            self.step()?;
            if let Some(country) = inner(location, "Country") {
                rules.push(Rule::One(Check {
                    place: Place::Country,
                    test: set(country),
                }));
            }
            if let Some(point) = inner(location, "GPSPoint") {
                rules.push(Rule::One(Check {
                    place: Place::Point,
                    test: near(point),
                }));
            }
        }
        for (name, dimension) in inner(of, "Metrics").into_iter().flatten() {
            self.step()?;
            let Some(dimension) = dimension.as_object() else {
                continue;
            };
            let value = dimension
                .get("Value")
                .and_then(Value::as_f64)
                .unwrap_or_default();
            let compare = Compare::named(text(dimension, "ComparisonOperator").unwrap_or_default());
            rules.push(Rule::One(Check {
                place: Place::Metric(name.clone()),
                test: Test::Number(compare, value),
            }));
        }
        Ok(Rule::All(rules))
    }
}

fn objects<'d>(document: &'d Document, name: &str) -> impl Iterator<Item = &'d Document> {
    let items = document.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object)
}

fn values(dimension: &Document) -> Vec<String> {
    let values = dimension.get("Values").and_then(Value::as_array);
    let texts = values.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn set(dimension: &Document) -> Test {
    match text(dimension, "DimensionType") {
        Some("EXCLUSIVE") => Test::Exclude(values(dimension)),
        _ => Test::Include(values(dimension)),
    }
}

fn attribute(dimension: &Document) -> Result<Test, String> {
    let values = values(dimension);
    let kind = text(dimension, "AttributeType").unwrap_or("INCLUSIVE");
    Ok(match kind {
        "EXCLUSIVE" => Test::Exclude(values),
        "CONTAINS" => Test::Contains(values),
        "BEFORE" | "AFTER" | "ON" | "BETWEEN" => Test::times(kind, &values)?,
        _ => Test::Include(values),
    })
}

fn near(point: &Document) -> Test {
    let number = |document: &Document, name: &str| document.get(name).and_then(Value::as_f64);
    let at = inner(point, "Coordinates");
    let coordinate = |name| at.and_then(|at| number(at, name)).unwrap_or_default();
    Test::Near {
        latitude: coordinate("Latitude"),
        longitude: coordinate("Longitude"),
        kilometers: number(point, "RangeInKilometers").unwrap_or_default(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Document {
        match value {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    }

    fn version(definition: Value) -> Version {
        Version {
            definition: Arc::new(object(definition)),
            modified: jiff::Timestamp::UNIX_EPOCH,
            imported: None,
        }
    }

    fn contains(definition: Value, endpoint: Value) -> bool {
        let other = |id: &str, _: Option<u64>| {
            let italy = json!({"Dimensions": {"Location": {"Country": {"Values": ["IT"]}}}});
            (id == "italy").then(|| version(italy))
        };
        Members::compile(&version(definition), &other)
            .unwrap()
            .contain(&object(endpoint))
    }

    #[test]
    fn every_dimension_must_hold() {
        let segment = json!({"Dimensions": {
            "Attributes": {"plan": {"Values": ["pro", "max"]}},
            "UserAttributes": {"team": {"AttributeType": "EXCLUSIVE", "Values": ["red"]}},
            "Demographic": {"Channel": {"Values": ["EMAIL"]}, "Platform": {"DimensionType": "EXCLUSIVE", "Values": ["ios"]}},
            "Location": {"GPSPoint": {"Coordinates": {"Latitude": 43.7, "Longitude": 10.4}, "RangeInKilometers": 20.0}},
            "Metrics": {"visits": {"ComparisonOperator": "GREATER_THAN_OR_EQUAL", "Value": 3.0}},
        }});
        let fits = json!({"ChannelType": "EMAIL", "Attributes": {"plan": ["free", "max"]}, "Demographic": {"Platform": "android"},
            "Location": {"Latitude": 43.72, "Longitude": 10.41}, "Metrics": {"visits": 3}, "User": {"UserAttributes": {"team": ["blue"]}}});
        assert!(contains(segment.clone(), fits.clone()));
        for (path, wrong) in [
            ("/ChannelType", json!("SMS")),
            ("/Attributes/plan", json!(["free"])),
            ("/Demographic/Platform", json!("ios")),
            ("/Location/Latitude", json!(45.0)),
            ("/Metrics/visits", json!(2.9)),
            ("/User/UserAttributes/team", json!(["blue", "red"])),
        ] {
            let mut other = fits.clone();
            *other.pointer_mut(path).unwrap() = wrong;
            assert!(!contains(segment.clone(), other), "{path}");
        }
        assert!(!contains(segment, json!({"ChannelType": "EMAIL"})));
        assert!(contains(json!({"Dimensions": {}}), json!({})));
    }

    #[test]
    fn times_and_parts_of_texts_compare() {
        let with = |kind: &str, values: Value, has: &str| {
            contains(
                json!({"Dimensions": {"Attributes": {"seen": {"AttributeType": kind, "Values": values}}}}),
                json!({"Attributes": {"seen": [has]}}),
            )
        };
        assert!(with("CONTAINS", json!(["ell"]), "hello"));
        assert!(!with("CONTAINS", json!(["elk"]), "hello"));
        assert!(with(
            "BEFORE",
            json!(["2026-01-02T00:00:00Z"]),
            "2026-01-01T23:59:59Z"
        ));
        assert!(!with(
            "AFTER",
            json!(["2026-01-02T00:00:00Z"]),
            "2026-01-01T23:59:59Z"
        ));
        assert!(with("ON", json!(["2026-01-02"]), "2026-01-02T15:00:00Z"));
        assert!(with(
            "BETWEEN",
            json!(["2026-01-01", "2026-01-03"]),
            "2026-01-02"
        ));
        assert!(!with(
            "BETWEEN",
            json!(["2026-01-01", "2026-01-03"]),
            "2026-01-04"
        ));
        assert!(!with(
            "BEFORE",
            json!(["2026-01-02T00:00:00Z"]),
            "not a time"
        ));
    }

    #[test]
    fn groups_combine_segments_and_dimensions() {
        let group = |source_type: &str, include: &str| {
            json!({"SegmentGroups": {"Include": include, "Groups": [
                {"SourceSegments": [{"Id": "italy"}], "SourceType": source_type, "Type": "ANY",
                 "Dimensions": [{"Attributes": {"a": {"Values": ["1"]}}}, {"Attributes": {"b": {"Values": ["1"]}}}]}]}})
        };
        let rome = json!({"Location": {"Country": "IT"}, "Attributes": {"b": ["1"]}});
        let paris = json!({"Location": {"Country": "FR"}, "Attributes": {"b": ["1"]}});
        assert!(contains(group("ALL", "ALL"), rome.clone()));
        assert!(!contains(group("ALL", "ALL"), paris.clone()));
        assert!(!contains(group("NONE", "ANY"), rome.clone()));
        assert!(contains(group("NONE", "ANY"), paris.clone()));
        assert!(!contains(group("ALL", "NONE"), rome));
        assert!(contains(group("ALL", "NONE"), paris));
    }

    #[test]
    fn who_is_listed_belongs() {
        let imported = Imported {
            endpoints: ["e-1".into()].into(),
            users: ["u-1".into()].into(),
        };
        let listed = Version {
            imported: Some(Arc::new(imported)),
            ..version(json!({}))
        };
        let members = Members::compile(&listed, &|_, _| None).unwrap();
        let holds = |endpoint: Value| members.contain(&object(endpoint));
        assert!(holds(json!({"Id": "e-1"})));
        assert!(holds(json!({"Id": "e-2", "User": {"UserId": "u-1"}})));
        assert!(!holds(json!({"Id": "e-2", "User": {"UserId": "u-2"}})));
    }

    #[test]
    fn a_segment_that_contains_itself_is_refused() {
        let own =
            version(json!({"SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": "own"}]}]}}));
        let error = Members::compile(&own, &|_, _| Some(own.clone())).unwrap_err();
        assert!(error.to_string().contains("contains itself"), "{error}");
        assert!(Members::compile(&own, &|_, _| None).is_err());
    }
}
