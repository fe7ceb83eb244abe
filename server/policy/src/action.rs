//! Actions: `prefix:Name`, letter case does not count.

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::pattern::{Pattern, Syntax};

/// An action of a request in lower case, on the stack.
pub(crate) struct LowerAction(SmallVec<[u8; 128]>);

impl LowerAction {
    pub(crate) fn new(action: &str) -> Self {
        let mut lower = SmallVec::from_slice(action.as_bytes());
        lower.make_ascii_lowercase();
        Self(lower)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A value of Action or NotAction.
#[derive(Debug, Clone)]
pub(crate) struct ActionPattern {
    pub(crate) text: Arc<str>,
    pub(crate) span: Range<usize>,
    /// In lower case.
    pub(crate) pattern: Pattern,
}

impl ActionPattern {
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
    pub(crate) fn compile(text: &str, span: Range<usize>) -> Self {
        let syntax = Syntax {
            wildcards: true,
            variables_from: None,
        };
        Self {
            text: text.into(),
            span,
            pattern: Pattern::compile(&text.to_ascii_lowercase(), syntax),
        }
    }
}

/// A value of Resource or NotResource.
#[derive(Debug, Clone)]
pub(crate) struct ResourcePattern {
    pub(crate) text: Arc<str>,
    pub(crate) span: Range<usize>,
    pub(crate) pattern: Pattern,
}

impl ResourcePattern {
    /// A pattern with fewer than six parts stands for any further ones, as `arn:aws:s3` does.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub(crate) fn compile(text: &str, span: Range<usize>, variables: bool) -> Self {
        let resource_part = crate::arn::resource_part(text);
        let syntax = Syntax {
            wildcards: true,
            variables_from: resource_part.filter(|_| variables),
        };
        let pattern = match (resource_part, text) {
            (Some(_), _) | (None, "*") => Pattern::compile(text, syntax),
            (None, short) => Pattern::compile(&format!("{short}:*"), syntax),
        };
        Self {
            text: text.into(),
            span,
            pattern,
        }
    }
}
