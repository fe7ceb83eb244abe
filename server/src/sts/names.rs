//! What members may be, and faults that several operations have. Source: STS API Reference, the model's constraints.

use crate::{
    iam::{TWINS, Tag, has_twins, reserved_tag},
    wire::{Fault, Form, Rule, anything, is_word},
};

/// The name of a role session, a source identity or a federated user.
const fn session_name(min: usize, max: usize) -> Rule {
    Rule {
        min,
        max,
        form: Form::Pattern(r"[\w+=,.@-]*"),
        fits: |text| text.chars().all(|c| is_word(c) || "+=,.@-".contains(c)),
    }
}

pub(super) const SESSION_NAME: Rule = session_name(2, 64);
pub(super) const FEDERATED_NAME: Rule = session_name(2, 32);

/// A source identity that is asked for.
pub(super) const SOURCE_IDENTITY: Rule = session_name(2, 256);

/// How many bytes of a session token can be asked for. Source: STS API Reference, "MinimumSessionTokenSize".
pub(super) const TOKEN_SIZES: std::ops::RangeInclusive<i64> = 0..=4096;

pub(super) const EXTERNAL_ID: Rule = Rule {
    min: 2,
    max: 1224,
    form: Form::Pattern(r"[\w+=,.@:\/-]*"),
    fits: |text| text.chars().all(|c| is_word(c) || "+=,.@:/-".contains(c)),
};

pub(super) const ARN: Rule = Rule {
    min: 20,
    max: 2048,
    form: Form::Pattern(""),
    fits: anything,
};

/// A web identity token.
pub(super) const TOKEN: Rule = Rule {
    min: 4,
    max: 20_000,
    form: Form::Pattern(""),
    fits: anything,
};

/// A SAML response in base 64.
pub(super) const ASSERTION: Rule = Rule {
    min: 4,
    max: 100_000,
    form: Form::Pattern(""),
    fits: anything,
};

pub(super) const ACCESS_KEY: Rule = Rule {
    // AWS wants 16 at least; keys that people choose for rolecall may be shorter.
    min: 1,
    max: 128,
    form: Form::Pattern(r"[\w]*"),
    fits: |text| text.chars().all(is_word),
};

pub(super) const ENCODED_MESSAGE: Rule = Rule {
    min: 1,
    max: 10_240,
    form: Form::Pattern(""),
    fits: anything,
};

pub(super) fn invalid_parameter(message: &str) -> Fault {
    Fault::service(400, "InvalidParameterValue", message)
}

pub(super) fn validation(message: impl Into<String>) -> Fault {
    Fault::service(400, "ValidationError", message)
}

pub(super) fn denied(message: impl Into<String>) -> Fault {
    Fault::service(403, "AccessDenied", message)
}

/// No tag key twice, none of AWS's own.
pub(super) fn distinct(tags: &[Tag]) -> Result<(), Fault> {
    if has_twins(tags) {
        return Err(invalid_parameter(TWINS));
    }
    match reserved_tag(tags) {
        Some(sentence) => Err(invalid_parameter(&sentence)),
        None => Ok(()),
    }
}
