//! Ranges of versions, as far as the table of advisories needs them.

/// Whether a version is in one of the ranges, which spaces part: `>=1.2.3,<2.0.0 =0.9.9`.
pub(crate) fn within(version: &str, ranges: &str) -> bool {
    let version = numbers(version);
    ranges
        .split_whitespace()
        .filter(|range| *range != "none")
        .any(|range| range.split(',').all(|bound| holds(&version, bound)))
}

fn holds(version: &[u64], bound: &str) -> bool {
    let digits = bound.find(|c: char| c.is_ascii_digit()).expect(bound);
    let (relation, wanted) = bound.split_at(digits);
    let wanted = numbers(wanted);
    match relation {
        ">=" => *version >= *wanted,
        ">" => *version > *wanted,
        "<" => *version < *wanted,
        "<=" => *version <= *wanted,
        "=" => *version == *wanted,
        _ => panic!("`{bound}` is no range"),
    }
}

/// Major, minor, patch; what stands behind a `-` or `+` does not count here.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers: Vec<u64> = plain
        .split('.')
        .map(|it| it.parse().expect(version))
        .collect();
    numbers.resize(3, 0);
    numbers
}

#[test]
fn ranges() {
    for (version, ranges, inside) in [
        ("0.23.46", ">=0.23.45", true),
        ("0.23.44", ">=0.23.45", false),
        ("1.0.0", ">=0.4.8,<1.0.0 >=1.1.0", false),
        ("0.5.0", ">=0.4.8,<1.0.0 >=1.1.0", true),
        ("0.9.10", "none", false),
        ("1.2.0", "<1.2.1", true),
        ("2.0.0+build", ">=2", true),
    ] {
        assert_eq!(within(version, ranges), inside, "{version} {ranges}");
    }
}
