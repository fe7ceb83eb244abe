//! One comparison of one member of an endpoint.

use crate::pinpoint::shape::{Document, inner};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

/// A member of an endpoint and what it is compared with.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) place: Place,
    pub(super) test: Test,
}

/// Where in an endpoint.
#[derive(Debug)]
pub(super) enum Place {
    Attribute(String),
    UserAttribute(String),
    Demographic(String),
    Channel,
    Country,
    Metric(String),
    Point,
}

/// What it is compared with.
#[derive(Debug)]
pub(super) enum Test {
    Include(Vec<String>),
    Exclude(Vec<String>),
    Contains(Vec<String>),
    /// From the first moment up to, not with, the second; none: without end.
    Times(Option<Timestamp>, Option<Timestamp>),
    Number(Compare, f64),
    Near {
        latitude: f64,
        longitude: f64,
        kilometers: f64,
    },
}

/// The operators of a metric.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compare {
    Equal,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

impl Compare {
    pub(super) fn named(word: &str) -> Self {
        match word {
            "GREATER_THAN" => Self::Greater,
            "LESS_THAN" => Self::Less,
            "GREATER_THAN_OR_EQUAL" => Self::GreaterOrEqual,
            "LESS_THAN_OR_EQUAL" => Self::LessOrEqual,
            _ => Self::Equal,
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "EQUAL means the same number, as it was sent"
    )]
    fn holds(self, has: f64, wanted: f64) -> bool {
        match self {
            Self::Equal => has == wanted,
            Self::Greater => has > wanted,
            Self::Less => has < wanted,
            Self::GreaterOrEqual => has >= wanted,
            Self::LessOrEqual => has <= wanted,
        }
    }
}

impl Check {
    pub(super) fn holds(&self, endpoint: &Document) -> bool {
        let in_location =
            |name| inner(endpoint, "Location").and_then(|location| location.get(name));
        match &self.place {
            Place::Attribute(name) => {
                let attributes = inner(endpoint, "Attributes");
                self.test.texts(attributes.and_then(|of| of.get(name)))
            }
            Place::UserAttribute(name) => {
                let user = inner(endpoint, "User");
                let attributes = user.and_then(|user| inner(user, "UserAttributes"));
                self.test.texts(attributes.and_then(|of| of.get(name)))
            }
            Place::Demographic(name) => {
                let demographic = inner(endpoint, "Demographic");
                self.test.texts(demographic.and_then(|of| of.get(name)))
            }
            Place::Channel => self.test.texts(endpoint.get("ChannelType")),
            Place::Country => self.test.texts(in_location("Country")),
            Place::Metric(name) => {
                let metric = inner(endpoint, "Metrics").and_then(|of| of.get(name));
                match (&self.test, metric.and_then(Value::as_f64)) {
                    (Test::Number(compare, wanted), Some(has)) => compare.holds(has, *wanted),
                    _ => false,
                }
            }
            Place::Point => {
                let coordinate = |name| in_location(name).and_then(Value::as_f64);
                match (&self.test, coordinate("Latitude"), coordinate("Longitude")) {
                    (
                        Test::Near {
                            latitude,
                            longitude,
                            kilometers,
                        },
                        Some(lat),
                        Some(lon),
                    ) => distance((*latitude, *longitude), (lat, lon)) <= *kilometers,
                    _ => false,
                }
            }
        }
    }
}

impl Test {
    /// The tests of AWS that compare times. A day without a time is the whole day in UTC.
    pub(super) fn times(kind: &str, values: &[String]) -> Result<Self, String> {
        let span = |index: usize| {
            let text = values
                .get(index)
                .ok_or_else(|| format!("{kind} needs more values"))?;
            day_or_moment(text).ok_or_else(|| format!("`{text}` is not a time in ISO 8601 format"))
        };
        Ok(match kind {
            "BEFORE" => Self::Times(None, Some(span(0)?.0)),
            "AFTER" => Self::Times(Some(span(0)?.1), None),
            "ON" => {
                let date = span(0)?.0.to_zoned(TimeZone::UTC).date();
                let (from, to) = whole_day(date).ok_or("the day is out of range")?;
                Self::Times(Some(from), Some(to))
            }
            _ => Self::Times(Some(span(0)?.0), Some(span(1)?.1)),
        })
    }

    /// Compares the values of an attribute, or the one value of a plain member.
    fn texts(&self, has: Option<&Value>) -> bool {
        let any = |fits: &dyn Fn(&str) -> bool| match has {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).any(fits),
            Some(Value::String(text)) => fits(text),
            _ => false,
        };
        match self {
            Self::Include(values) => any(&|text| values.iter().any(|value| value == text)),
            Self::Exclude(values) => !any(&|text| values.iter().any(|value| value == text)),
            Self::Contains(values) => {
                any(&|text| values.iter().any(|value| text.contains(value.as_str())))
            }
            Self::Times(from, to) => any(&|text| {
                day_or_moment(text).is_some_and(|(at, _)| {
                    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)
                })
            }),
            Self::Number(..) | Self::Near { .. } => false,
        }
    }
}

/// The first moment of `text`, and the first moment after it.
fn day_or_moment(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        let after = at.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
        return Some((at, after));
    }
    whole_day(text.parse().ok()?)
}

fn whole_day(date: Date) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp());
    Some((start(date)?, start(date.tomorrow().ok()?)?))
}

/// Kilometers between two points, on a sphere (haversine).
fn distance((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    const EARTH: f64 = 6371.0;
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let across = lat1.to_radians().cos() * lat2.to_radians().cos();
    let h = half(lat1, lat2) + across * half(lon1, lon2);
    2.0 * EARTH * h.sqrt().min(1.0).asin()
}
