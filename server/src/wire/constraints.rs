//! Bounds of members: everything that is out of bounds in one sentence, counted as AWS counts it.

use super::Fault;
use std::{fmt::Display, ops::RangeInclusive};

/// What a text may be.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Fewest characters.
    pub(crate) min: usize,
    /// Most characters.
    pub(crate) max: usize,
    /// How AWS says what it must look like.
    pub(crate) form: Form,
    /// Whether it looks like that.
    pub(crate) fits: fn(&str) -> bool,
}

/// What a text must look like, as AWS says it.
#[derive(Debug)]
pub(crate) enum Form {
    /// By the regular expression of the model: one constraint of several.
    Pattern(&'static str),
    /// In words, what follows on `It must`. Names and paths of IAM have words. They are looked at first, and
    /// nothing else is said then. Recorded by several clients of IAM.
    Words(&'static str),
}

/// Letters, digits and `_`: what `\w` means in AWS's patterns.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether a text has only characters that a policy document may have.
pub(crate) fn is_document(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}'))
}

/// Every text is in the pattern.
pub(crate) fn anything(_: &str) -> bool {
    true
}

/// Collects what is out of bounds.
#[derive(Debug)]
pub(crate) struct Constraints {
    shows_values: bool,
    /// The sentence about the first text that does not look as its words say.
    strange: Option<String>,
    broken: Vec<String>,
}

impl Constraints {
    /// IAM's sentences leave the value out, as recorded in 2025.
    pub(crate) fn iam() -> Self {
        Self {
            shows_values: false,
            strange: None,
            broken: Vec::new(),
        }
    }

    /// STS shows the value.
    pub(crate) fn sts() -> Self {
        Self {
            shows_values: true,
            strange: None,
            broken: Vec::new(),
        }
    }

    /// `member` is a text in the bounds of `rule`, or absent.
    pub(crate) fn text(mut self, member: &str, value: Option<&str>, rule: &Rule) -> Self {
        let Some(value) = value else { return self };
        let length = value.chars().count();
        if length > rule.max {
            self.say(
                member,
                value,
                format_args!("have length less than or equal to {}", rule.max),
            );
        }
        if length < rule.min {
            self.say(
                member,
                value,
                format_args!("have length greater than or equal to {}", rule.min),
            );
        }
        if (rule.fits)(value) {
            return self;
        }
        match rule.form {
            Form::Pattern(pattern) => self.say(
                member,
                value,
                format_args!("satisfy regular expression pattern: {pattern}"),
            ),
            Form::Words(words) => {
                self.strange.get_or_insert_with(|| {
                    format!("The specified value for {member} is invalid. It must {words}")
                });
            }
        }
        self
    }

    /// `member` is a number in `range`, or absent.
    pub(crate) fn number(
        mut self,
        member: &str,
        value: Option<i64>,
        range: RangeInclusive<i64>,
    ) -> Self {
        let Some(value) = value else { return self };
        if value > *range.end() {
            self.say(
                member,
                value,
                format_args!("have value less than or equal to {}", range.end()),
            );
        }
        if value < *range.start() {
            self.say(
                member,
                value,
                format_args!("have value greater than or equal to {}", range.start()),
            );
        }
        self
    }

    /// `member` is one of `values`, or absent.
    pub(crate) fn one_of(mut self, member: &str, value: Option<&str>, values: &[&str]) -> Self {
        if let Some(value) = value.filter(|value| !values.contains(value)) {
            if self.shows_values {
                let set = values.join(", ");
                self.say(
                    member,
                    value,
                    format_args!("satisfy enum value set: [{set}]"),
                );
            } else {
                self.say(member, value, "satisfy enum value set");
            }
        }
        self
    }

    /// `member` has at most `max` members.
    pub(crate) fn count(mut self, member: &str, count: usize, max: usize) -> Self {
        if count > max {
            // A whole list is never shown.
            let must = format_args!("have length less than or equal to {max}");
            self.broken.push(sentence(member, "", must));
        }
        self
    }

    /// `member` has one member at least.
    pub(crate) fn some(mut self, member: &str, count: usize) -> Self {
        if count == 0 {
            let must = "have length greater than or equal to 1";
            self.broken.push(sentence(member, "", must));
        }
        self
    }

    /// Nothing was out of bounds, or AWS's sentence about all that was.
    pub(crate) fn done(self) -> Result<(), Fault> {
        if let Some(sentence) = self.strange {
            return Err(Fault::service(400, "ValidationError", sentence));
        }
        let count = self.broken.len();
        let errors = match count {
            0 => return Ok(()),
            1 => "error",
            _ => "errors",
        };
        let sentence = format!(
            "{count} validation {errors} detected: {}",
            self.broken.join("; ")
        );
        Err(Fault::service(400, "ValidationError", sentence))
    }

    fn say(&mut self, member: &str, value: impl Display, must: impl Display) {
        let shown = if self.shows_values {
            format!(" '{value}'")
        } else {
            String::new()
        };
        self.broken.push(sentence(member, &shown, must));
    }
}

fn sentence(member: &str, shown: &str, must: impl Display) -> String {
    format!("Value{shown} at '{member}' failed to satisfy constraint: Member must {must}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Rule = Rule {
        min: 2,
        max: 5,
        form: Form::Pattern(r"[\w]*"),
        fits: |text| text.chars().all(is_word),
    };

    const PATH: Rule = Rule {
        form: Form::Words("begin with /"),
        fits: |text| text.starts_with('/'),
        ..NAME
    };

    fn answer(constraints: Constraints) -> String {
        constraints
            .done()
            .map_or_else(|fault| fault.to_string(), |()| String::new())
    }

    #[test]
    fn all_that_is_wrong_is_counted_in_one_sentence() {
        assert_eq!(
            answer(
                Constraints::sts()
                    .text("name", Some("ab_1"), &NAME)
                    .text("other", None, &NAME)
            ),
            ""
        );
        assert_eq!(
            answer(Constraints::sts().text("name", Some("a:b"), &NAME)),
            r"ValidationError: 1 validation error detected: Value 'a:b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]*"
        );
        assert_eq!(
            answer(
                Constraints::iam()
                    .text("name", Some("abcdef"), &NAME)
                    .number("maxItems", Some(0), 1..=1000)
            ),
            "ValidationError: 2 validation errors detected: Value at 'name' failed to satisfy constraint: Member must have length less than or equal to 5; Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"
        );
        assert_eq!(
            answer(Constraints::iam().one_of("status", Some("On"), &["Active", "Inactive"])),
            "ValidationError: 1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"
        );
        assert_eq!(
            answer(
                Constraints::iam()
                    .text("name", Some("abcdef"), &NAME)
                    .text("path", Some("a"), &PATH)
                    .text("prefix", Some("b"), &PATH)
            ),
            "ValidationError: The specified value for path is invalid. It must begin with /"
        );
    }
}
