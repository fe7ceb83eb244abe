//! Dates as policies write them: the W3C profile of ISO 8601, or seconds since 1970.

/// Seconds and nanoseconds since 1970; wide enough for every year IAM takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i64,
    nanoseconds: u32,
}

/// The years that policy creation accepts.
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

impl Instant {
    pub(crate) fn from_timestamp(time: jiff::Timestamp) -> Self {
        let nanoseconds = time.as_nanosecond();
        Self {
            seconds: i64::try_from(nanoseconds.div_euclid(1_000_000_000)).unwrap_or(i64::MAX),
            nanoseconds: u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0),
        }
    }

    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            nanoseconds: 0,
        }
    }

    /// Reads a date the way IAM does: `2016-12-13`, `2016-12-13T02:00:00.5Z`, `2016-12-13t2:00:00+01:00`, `01T`,
    /// or a whole number of seconds.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.contains(['t', 'T', '-']) {
            return text
                .parse()
                .ok()
                .filter(|seconds| *seconds >= 0)
                .map(Self::from_seconds);
        }
        let (date, time) = text.split_once(['t', 'T']).unwrap_or((text, ""));
        let (seconds, nanoseconds) = if time.is_empty() {
            (0, 0)
        } else {
            time_of_day(time)?
        };
        Some(Self {
            seconds: days(date)? * 86_400 + seconds,
            nanoseconds,
        })
    }
}

fn within(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(())?;
    text.parse().ok().filter(|number| range.contains(number))
}

/// Days since 1970 of `YEAR[-MONTH[-DAY]]`.
fn days(date: &str) -> Option<i64> {
    let (sign, date) = match date.strip_prefix('-') {
        Some(date) => (-1, date),
        None => (1, date),
    };
    let mut parts = date.split('-');
    let year = within(parts.next()?, 0..=*YEARS.end()).map(|year| sign * year)?;
    let month = parts
        .next()
        .map_or(Some(1), |month| within(month, 1..=12))?;
    let day = parts.next().map_or(Some(1), |day| within(day, 1..=31))?;
    (parts.next().is_none() && YEARS.contains(&year)).then_some(())?;
    // Count in years that begin in March, so that the leap day is the last one.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468)
}

/// Seconds and nanoseconds of `HOUR[:MINUTE[:SECOND[.FRACTION]]][ZONE]`, in UTC.
fn time_of_day(text: &str) -> Option<(i64, u32)> {
    let (clock, east) = match text.find(['z', 'Z', '+', '-']) {
        Some(at) => (text.get(..at)?, zone(text.get(at..)?)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let hour = within(parts.next()?, 0..=23)?;
    let minute = parts
        .next()
        .map_or(Some(0), |minute| within(minute, 0..=59))?;
    let (second, nanoseconds) = match parts.next() {
        None => (0, 0),
        Some(second) => match second.split_once('.') {
            None => (within(second, 0..=59)?, 0),
            Some((second, fraction)) => {
                within(fraction, 0..=999_999_999)?;
                let digits = u32::try_from(fraction.len())
                    .ok()
                    .filter(|digits| *digits <= 9)?;
                let nanoseconds = fraction.parse::<u32>().ok()? * 10_u32.pow(9 - digits);
                (within(second, 0..=59)?, nanoseconds)
            }
        },
    };
    parts.next().is_none().then_some(())?;
    Some((hour * 3600 + minute * 60 + second - east, nanoseconds))
}

/// Seconds east of Greenwich of `Z`, `+01`, `+01:30`, `-08:00`.
fn zone(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text
        .get(1..)
        .map(|text| text.split_once(':').unwrap_or((text, "00")))?;
    (hours.len() == 2 && minutes.len() == 2).then_some(())?;
    Some(sign * (within(hours, 0..=23)? * 3600 + within(minutes, 0..=59)? * 60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn dates_are_read_as_moments() {
        for (text, same) in [
            ("2016-12-13T02:00:00Z", "2016-12-13T02:00:00Z"),
            ("2016-12-13t2:00:00+01:00", "2016-12-13T01:00:00Z"),
            (
                "2016-12-13T02:00:00.593194-08:00",
                "2016-12-13T10:00:00.593194Z",
            ),
            ("2016-12-13", "2016-12-13T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
            ("2000-02-29", "2000-02-29T00:00:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("1481594400", "2016-12-13T02:00:00Z"),
        ] {
            let time: jiff::Timestamp = same.parse().unwrap();
            assert_eq!(
                Instant::parse(text),
                Some(Instant::from_timestamp(time)),
                "{text}"
            );
        }
    }

    #[test]
    fn odd_dates_iam_takes() {
        for text in [
            "01T",
            "-292275054",
            "292278993-01-01",
            "2016-12-13t2:00:00.593194+23",
        ] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_date() {
        for text in [
            "",
            "sdfdsf",
            "234-13",
            "2016-12-13t2:00:00.1999999999+10:59",
            "1.5",
            "T",
            "2016-1-1T25",
            "1-1-1-1",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
