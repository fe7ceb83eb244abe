//! The two ways in which a request says when it was signed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

/// A weekday that is not the date's is the client's business.
const DATES: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

/// The time of a signature, as instant and as the text that was signed (`20150830T123600Z`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignedAt {
    at: Timestamp,
    text: [u8; 16],
}

impl SignedAt {
    /// Reads ISO 8601 basic format, the only one that `X-Amz-Date` may have.
    pub(crate) fn parse_basic(text: &str) -> Option<Self> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let (date, rest) = text.split_once('T')?;
        let clock = rest.strip_suffix('Z')?;
        let [year, month, day] = digits(date, [4, 2, 2])?;
        let [hour, minute, second] = digits(clock, [2, 2, 2])?;
        let narrow = |n: i16| i8::try_from(n).ok();
        let civil = DateTime::new(
            year,
            narrow(month)?,
            narrow(day)?,
            narrow(hour)?,
            narrow(minute)?,
            narrow(second)?,
            0,
        )
        .ok()?;
        let at = TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self { at, text: *bytes })
    }

    /// Reads a `Date` header: an HTTP date, or basic format.
    pub(crate) fn parse_date_header(text: &str) -> Option<Self> {
        Self::parse_basic(text).or_else(|| {
            let zoned = DATES.parse_zoned(text).ok()?;
            Self::parse_basic(&basic(zoned.timestamp()))
        })
    }

    /// The instant.
    pub fn timestamp(&self) -> Timestamp {
        self.at
    }

    /// The text of the string to sign.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// `YYYYMMDD`, which the credential scope must repeat.
    pub fn date(&self) -> &str {
        self.as_str().split('T').next().unwrap_or_default()
    }
}

impl std::fmt::Display for SignedAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for SignedAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `20150830T123600Z`.
pub(crate) fn basic(at: Timestamp) -> String {
    let t = TimeZone::UTC.to_datetime(at);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// `2015-08-30T12:36:00Z`, which S3 shows in its errors.
pub(crate) fn extended(at: Timestamp) -> String {
    let t = TimeZone::UTC.to_datetime(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// Whether `text` is eight digits that name a day.
pub(crate) fn is_date(text: &str) -> bool {
    digits(text, [4, 2, 2]).is_some_and(|[year, month, day]| {
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
            return false;
        };
        jiff::civil::Date::new(year, month, day).is_ok()
    })
}

/// Cuts `text` into numbers of the given widths, with nothing left over.
fn digits<const N: usize>(text: &str, widths: [usize; N]) -> Option<[i16; N]> {
    if !text.bytes().all(|b| b.is_ascii_digit()) || text.len() != widths.iter().sum::<usize>() {
        return None;
    }
    let mut rest = text;
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let (head, tail) = rest.split_at_checked(width)?;
        *number = head.parse().ok()?;
        rest = tail;
    }
    Some(numbers)
}
