//! What names, paths and other members may be. Source: IAM API Reference, the model's constraints.

use crate::wire::{Constraints, Form, Rule, anything, is_document, is_word};

/// The words for a path that is to be made.
const WHOLE_PATH: Form = Form::Words(
    "begin and end with / and contain only alphanumeric characters and/or / characters.",
);

fn is_name(text: &str) -> bool {
    let odd = |c| matches!(c, '+' | '=' | ',' | '.' | '@' | '-');
    !text.is_empty() && text.chars().all(|c| is_word(c) || odd(c))
}

const fn name(max: usize) -> Rule {
    Rule {
        min: 1,
        max,
        form: Form::Words("contain only alphanumeric characters and/or the following: +=,.@_-"),
        fits: is_name,
    }
}

/// The words for the beginning of one.
const PREFIX: Form = Form::Words(
    "begin with the / character and contain only alphanumeric characters and/or / characters.",
);

/// A role, a user that is made, and a user whose managed policies, boundary, password or keys for services are meant.
pub(super) const SHORT_NAME: Rule = name(64);
/// A group, a policy, an instance profile, a certificate, and any other user that is looked up.
pub(super) const LONG_NAME: Rule = name(128);

/// The path of a user, group or role.
pub(super) const PATH: Rule = Rule {
    min: 1,
    max: 512,
    form: WHOLE_PATH,
    fits: |text| {
        let inner = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        text == "/"
            || inner.is_some_and(|inner| {
                !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic())
            })
    },
};

/// The path of a policy.
pub(super) const POLICY_PATH: Rule = Rule {
    min: 1,
    max: 512,
    form: WHOLE_PATH,
    fits: |text| match text
        .strip_prefix('/')
        .map(|rest| rest.strip_suffix('/').unwrap_or(rest))
    {
        Some("") => text == "/",
        Some(inner) => text.ends_with('/') && inner.split('/').all(is_name),
        None => false,
    },
};

/// The beginning of a path. Where policies are listed, and what a policy is attached to, AWS wants a whole path instead.
pub(super) const PATH_PREFIX: Rule = Rule {
    min: 1,
    max: 512,
    form: PREFIX,
    fits: |text| {
        text.strip_prefix('/')
            .is_some_and(|rest| rest.bytes().all(|byte| (0x21..0x80).contains(&byte)))
    },
};

/// An ARN.
pub(super) const ARN: Rule = Rule {
    min: 20,
    max: 2048,
    form: Form::Pattern(""),
    fits: anything,
};

/// A policy document, before its grammar.
pub(super) const DOCUMENT: Rule = Rule {
    min: 1,
    max: 131_072,
    form: Form::Words("contain only printable ASCII characters."),
    fits: is_document,
};

/// What something is for.
pub(super) const DESCRIPTION: Rule = Rule {
    min: 0,
    max: 1000,
    form: Form::Pattern(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*"),
    fits: |text| {
        text.chars()
            .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{A1}'..='\u{FF}'))
    },
};

/// A version of a managed policy.
pub(super) const VERSION: Rule = Rule {
    min: 1,
    max: 64,
    form: Form::Pattern(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"),
    fits: |text| version_number(text).is_some(),
};

/// 7 for `v7`.
pub(super) fn version_number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('v')?.split('.').next()?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// A password.
pub(super) const PASSWORD: Rule = Rule {
    min: 1,
    max: 128,
    ..DOCUMENT
};

/// A certificate, or a key.
pub(super) const CERTIFICATE: Rule = Rule {
    min: 1,
    max: 16_384,
    ..DOCUMENT
};

/// Certificates that vouch for one another.
pub(super) const CERTIFICATE_CHAIN: Rule = Rule {
    min: 1,
    max: 2_097_152,
    ..DOCUMENT
};

/// The id of a credential of a user's.
pub(super) const CREDENTIAL: Rule = Rule {
    min: 20,
    max: 128,
    form: Form::Pattern(r"[\w]+"),
    fits: |text| text.chars().all(is_word),
};

/// The id of a job.
pub(super) const JOB_ID: Rule = Rule {
    min: 36,
    max: 36,
    form: Form::Pattern(""),
    fits: anything,
};

/// What the actions of a service begin with.
pub(super) const NAMESPACE: Rule = Rule {
    min: 1,
    max: 64,
    form: Form::Pattern(r"[\w-]*"),
    fits: |text| text.chars().all(|c| is_word(c) || c == '-'),
};

/// What comes after the name of a service-linked role.
pub(super) const SUFFIX: Rule = name(64);

/// The serial number of an MFA device: for virtual ones their ARN.
pub(super) const SERIAL: Rule = Rule {
    min: 9,
    max: 256,
    form: Form::Pattern(r"[\w+=/:,.@-]+"),
    fits: |text| text.chars().all(|c| is_word(c) || "+=/:,.@-".contains(c)),
};

/// An access key id.
pub(super) const ACCESS_KEY: Rule = Rule {
    // AWS wants 16 at least; keys that people choose for rolecall may be shorter.
    min: 1,
    max: 128,
    form: Form::Pattern(r"[\w]+"),
    fits: |text| !text.is_empty() && text.chars().all(is_word),
};

/// An account alias.
pub(super) const ALIAS: Rule = Rule {
    min: 3,
    max: 63,
    form: Form::Pattern("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"),
    fits: |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        text.chars().all(plain)
            && !text.contains("--")
            && !text.starts_with('-')
            && !text.ends_with('-')
    },
};

/// A tag key.
pub(super) const TAG_KEY: Rule = Rule {
    min: 1,
    max: 128,
    form: Form::Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
    fits: |text| !text.is_empty() && is_tag_text(text),
};

/// A tag value.
pub(super) const TAG_VALUE: Rule = Rule {
    min: 0,
    max: 256,
    form: Form::Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"),
    fits: is_tag_text,
};

fn is_tag_text(text: &str) -> bool {
    let odd = |c| {
        matches!(
            c,
            '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@' | ' ' | '\u{A0}'
        )
    };
    text.chars()
        .all(|c| c.is_alphanumeric() || odd(c) || (c.is_whitespace() && !c.is_control()))
}

/// `user/` + path + name, without a doubled slash: the last part of an ARN.
pub(super) fn arn_tail(kind: &str, path: &str, name: &str) -> String {
    format!("{kind}{path}{name}")
}

/// The members of every request for a page of a list.
pub(super) fn paging(
    constraints: Constraints,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Constraints {
    const MARKER: Rule = Rule {
        min: 1,
        max: 2048,
        form: Form::Pattern(r"[\u0020-\u00FF]+"),
        fits: anything,
    };
    constraints
        .text("marker", marker, &MARKER)
        .number("maxItems", max_items, 1..=1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str, rule: &Rule) -> bool {
        Constraints::iam()
            .text("it", Some(text), rule)
            .done()
            .is_ok()
    }

    #[test]
    fn names_paths_and_versions_follow_the_model() {
        assert!(ok("a.b-c_d@e+f=g,h", &SHORT_NAME));
        for bad in ["", "a b", "a/b", "ä", "a:b"] {
            assert!(!ok(bad, &SHORT_NAME), "{bad}");
        }
        assert!(!ok(&"x".repeat(65), &SHORT_NAME));
        assert!(ok(&"x".repeat(128), &LONG_NAME));
        for good in ["/", "/a/", "/a/b!/"] {
            assert!(ok(good, &PATH), "{good}");
        }
        for bad in ["", "a", "/a", "a/", "//x y/", "/ä/"] {
            assert!(!ok(bad, &PATH), "{bad}");
        }
        assert!(ok("/", &POLICY_PATH) && ok("/a/b/", &POLICY_PATH));
        assert!(!ok("/a!/", &POLICY_PATH) && !ok("/a", &POLICY_PATH) && !ok("//", &POLICY_PATH));
        assert_eq!(version_number("v12"), Some(12));
        assert_eq!(version_number("v01"), None);
        assert_eq!(version_number("1"), None);
        assert_eq!(arn_tail("user", "/a/b/", "n"), "user/a/b/n");
        assert!(ok("my-alias", &ALIAS) && !ok("my--alias", &ALIAS) && !ok("ab", &ALIAS));
        assert!(ok("Cost Center/é", &TAG_KEY) && !ok("a\tb", &TAG_KEY) && !ok("a#b", &TAG_KEY));
    }
}
