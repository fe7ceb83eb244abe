//! The shapes of S3's documents as tables. What does not fit a table is AWS's `MalformedXML`.

use super::{faults, xml::Element};
use crate::wire::Fault;

/// A member of an element: its name, how often it may stand there, and what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    name: &'static str,
    least: usize,
    most: usize,
    kind: Kind,
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Flag,
    /// A moment in ISO 8601.
    Date,
    /// Members.
    Tree(&'static [Member]),
    /// Exactly one of these members.
    Only(&'static [Member]),
    /// Members, and an `xsi:type`.
    Typed(&'static [Member]),
}

const fn times(name: &'static str, least: usize, most: usize, kind: Kind) -> Member {
    Member {
        name,
        least,
        most,
        kind,
    }
}

/// A member that must be there.
pub(super) const fn one(name: &'static str, kind: Kind) -> Member {
    times(name, 1, 1, kind)
}

/// A member that may be there.
pub(super) const fn maybe(name: &'static str, kind: Kind) -> Member {
    times(name, 0, 1, kind)
}

/// A member that may be there any number of times.
pub(super) const fn any(name: &'static str, kind: Kind) -> Member {
    times(name, 0, usize::MAX, kind)
}

/// A member that is there at least once and at most `most` times.
pub(super) const fn some(name: &'static str, most: usize, kind: Kind) -> Member {
    times(name, 1, most, kind)
}

/// `Enabled` or `Disabled`.
pub(super) const STATUS: Kind = Kind::OneOf(&["Enabled", "Disabled"]);

/// `<Tag>`
pub(super) const TAG: Kind = Kind::Tree(&[one("Key", Kind::Text), one("Value", Kind::Text)]);

/// Refuses a document that is not called `root` or does not have these members.
pub(super) fn check(document: &Element, root: &str, members: &[Member]) -> Result<(), Fault> {
    if document.name() == root && fits(document, members) {
        Ok(())
    } else {
        Err(faults::malformed_xml())
    }
}

fn fits(element: &Element, members: &[Member]) -> bool {
    let known = |child: &Element| {
        let member = members.iter().find(|member| member.name == child.name());
        member.is_some_and(|member| holds(child, member.kind))
    };
    let counts = |member: &Member| {
        let count = element.all(member.name).count();
        (member.least..=member.most).contains(&count)
    };
    element.text().trim().is_empty()
        && element.children().iter().all(known)
        && members.iter().all(counts)
}

fn holds(element: &Element, kind: Kind) -> bool {
    let text = element.text();
    match kind {
        Kind::Tree(members) => fits(element, members),
        Kind::Only(members) => fits(element, members) && element.children().len() == 1,
        Kind::Typed(members) => element.kind().is_some() && fits(element, members),
        _ if !element.children().is_empty() => false,
        Kind::Text => true,
        Kind::OneOf(words) => words.contains(&text),
        Kind::Whole => text.trim().parse::<i64>().is_ok(),
        Kind::Flag => matches!(
            text.trim(),
            "true" | "false" | "TRUE" | "FALSE" | "True" | "False"
        ),
        Kind::Date => moment(text).is_some(),
    }
}

/// A moment as clients write it: with an offset, or a day alone, which is its midnight in UTC.
pub(super) fn moment(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    let day = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    let clock = || {
        let clock: jiff::civil::DateTime = text.parse().ok()?;
        Some(clock.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(day).or_else(clock)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{super::xml, *};

    const RULES: &[Member] = &[
        some(
            "Rule",
            2,
            Kind::Tree(&[one("Status", STATUS), maybe("Days", Kind::Whole)]),
        ),
        maybe("At", Kind::Date),
    ];

    #[test]
    fn documents_fit_their_tables() {
        let fits = |text: &str| check(&xml::read(text).unwrap(), "A", RULES).is_ok();
        let rule = "<Rule><Status>Enabled</Status></Rule>";
        assert!(fits(&format!("<A>{rule}</A>")));
        assert!(fits(&format!(
            "<A>{rule}<At>2030-01-01T00:00:00Z</At>{rule}</A>"
        )));
        assert!(fits(&format!("<A><At>2030-01-01</At>{rule}</A>")));
        for bad in [
            "<A/>".to_owned(),
            format!("<B>{rule}</B>"),
            format!("<A>{rule}{rule}{rule}</A>"),
            format!("<A>{rule}<Other/></A>"),
            format!("<A>{rule}<At>soon</At></A>"),
            "<A><Rule><Status>enabled</Status></Rule></A>".to_owned(),
            "<A><Rule><Status>Enabled</Status><Days>x</Days></Rule></A>".to_owned(),
            "<A><Rule><Status><Enabled/></Status></Rule></A>".to_owned(),
        ] {
            assert!(!fits(&bad), "{bad}");
        }
    }
}
