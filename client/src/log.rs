//! One line for each decision, as `rolecall serve` prints it.

use std::borrow::Cow;

use rolecall_policy::{Explanation, Why};
use rolecall_server::Record;
use rolecall_server::gate::What;

use crate::scenario::run::short_arn;

/// `14:02:11  NO  s3:PutObject  s3ExportRole  example-bucket/exports/x.gz  7f3a  nearest SID: resource`
#[must_use]
pub fn line(record: &Record) -> String {
    let time = record.at.strftime("%H:%M:%S");
    let id = record.id.simple().to_string();
    let id = id.get(..6).unwrap_or(&id);
    let answer = if record.allowed() { "ok" } else { "NO" };
    let indent = if record.of.is_some() { "  " } else { "" };
    let (who, what, more) = match &record.what {
        What::Decided { asked, .. } => {
            let denied = if record.allowed() {
                None
            } else {
                record.explain()
            };
            (
                short_arn(&asked.caller.arn),
                short_arn(&asked.demand.resource),
                denied.as_ref().map(because).unwrap_or_default(),
            )
        }
        What::Open { caller, .. } => (short_arn(caller), String::new(), String::new()),
        What::Refused { code, why, .. } => (
            String::new(),
            String::new(),
            format!("{code}: {}", first_line(why)),
        ),
    };
    let action = format!("{indent}{}", record.action());
    let line = format!("{time}  {answer}  {action:<36} {who:<22} {what:<51} {id}  {more}");
    format!("{}\n", on_one_line(line.trim_end()))
}

/// Names come from clients: what would begin a line of its own, or speak to the terminal, is written out.
#[must_use]
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain.into()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `nearest SID: resource`, or the reason when there is no nearest statement.
fn because(explanation: &Explanation) -> String {
    let reasons: Vec<String> = explanation.why().iter().map(Why::to_string).collect();
    match explanation.nearest() {
        Some(nearest) => {
            let words: Vec<&str> = reasons
                .iter()
                .map(|why| why.strip_prefix("mismatch ").unwrap_or(why))
                .collect();
            format!("nearest {}: {}", nearest.statement.label, words.join(", "))
        }
        None => reasons.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_a_line_but_the_log() {
        let forged = "k\n14:02:11  ok  \u{1b}[2Js3:PutObject\u{9b}";
        let shown = "k\\n14:02:11  ok  \\u{1b}[2Js3:PutObject\\u{9b}";
        assert_eq!(on_one_line(forged), shown);
        assert_eq!(on_one_line("s3:PutObject  ä"), "s3:PutObject  ä");
    }
}
