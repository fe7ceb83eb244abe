//! Times as AWS writes them.

use jiff::{Timestamp, tz::TimeZone};

/// `2026-11-20T14:02:11Z`, as IAM and STS write times.
pub(crate) fn iam_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// `2026-11-20T14:02:11.271Z`, as S3 and Pinpoint write times.
pub(crate) fn millis_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_aws_form() {
        let at = Timestamp::from_millisecond(1_528_243_963_271).unwrap_or_default();
        assert_eq!(iam_time(at), "2018-06-06T00:12:43Z");
        assert_eq!(millis_time(at), "2018-06-06T00:12:43.271Z");
    }
}
