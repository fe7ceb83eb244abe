//! Times as AWS writes them.

use jiff::{Timestamp, fmt::temporal::DateTimePrinter};

/// To the second.
static SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
/// To the millisecond.
static MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// `2026-11-20T14:02:11Z`, as IAM and STS write times.
pub(crate) fn iam_time(at: Timestamp) -> String {
    SECONDS.timestamp_to_string(&at)
}

/// `2026-11-20T14:02:11.271Z`, as S3 and Pinpoint write times.
pub(crate) fn millis_time(at: Timestamp) -> String {
    MILLISECONDS.timestamp_to_string(&at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_aws_form() {
        let at = Timestamp::from_millisecond(1_528_243_963_271).unwrap_or_default();
        assert_eq!(iam_time(at), "2018-06-06T00:12:43Z");
        assert_eq!(millis_time(at), "2018-06-06T00:12:43.271Z");
        let whole = Timestamp::from_second(1_528_243_963).unwrap_or_default();
        assert_eq!(millis_time(whole), "2018-06-06T00:12:43.000Z");
    }
}
