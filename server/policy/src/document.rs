//! The policy document: parsed, validated and compiled once.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::{ActionPattern, ResourcePattern};
use crate::condition::Test;
use crate::index::ActionIndex;
use crate::raw::{self, RawPolicy};
use crate::trouble::{Found, Trouble};
use crate::trustee::{Group, Trustees};
use crate::{Faults, NamedPrincipal, Pattern, compile, json, pattern, validate};

/// What a policy hangs on; it decides which elements may and must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// A managed or inline policy of a user, group or role.
    Identity,
    /// A session policy.
    Session,
    /// A permissions boundary.
    Boundary,
    /// The trust policy of a role.
    Trust,
    /// A bucket policy.
    Bucket,
    /// Any other resource-based policy, such as that of an SES identity.
    Resource,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint policy.
    Endpoint,
}

/// What to do when an object has the same key twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateKeys {
    /// Refuse the document; IAM's grammar does not allow it.
    #[default]
    Refuse,
    /// Keep the last, as lenient parsers do.
    Last,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// The elements of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// `Sid`
    Sid,
    /// `Effect`
    Effect,
    /// `Principal` or `NotPrincipal`
    Principal,
    /// `Action` or `NotAction`
    Action,
    /// `Resource` or `NotResource`
    Resource,
    /// `Condition`
    Condition,
}

/// A policy document, ready to decide. Immutable; share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) text: Arc<str>,
    pub(crate) kind: PolicyKind,
    pub(crate) version: &'static str,
    pub(crate) size: usize,
    pub(crate) statements: Box<[Statement]>,
    pub(crate) index: ActionIndex,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// `None` in policies that are about whoever holds them.
    pub(crate) principal: Option<Trustees>,
    pub(crate) action: Patterns<ActionPattern>,
    /// `None` in trust policies, which are about their own role.
    pub(crate) resource: Option<Patterns<ResourcePattern>>,
    /// What all resource patterns begin with.
    pub(crate) resource_start: Box<str>,
    pub(crate) conditions: Box<[Test]>,
    pub(crate) span: Range<usize>,
    pub(crate) sid_span: Option<Range<usize>>,
    pub(crate) effect_span: Range<usize>,
    pub(crate) condition_span: Option<Range<usize>>,
}

/// Action, NotAction, Resource or NotResource.
#[derive(Debug, Clone)]
pub(crate) struct Patterns<P> {
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    pub(crate) list: Box<[P]>,
}

impl Patterns<ResourcePattern> {
    /// What every pattern of the list begins with: most lists name one bucket or one kind of resource, so that
    /// one look settles them.
    pub(crate) fn start(&self) -> Box<str> {
        let mut starts = self.list.iter().map(|resource| resource.pattern.start());
        let mut shared = starts.next().unwrap_or_default();
        for start in starts {
            shared = shared
                .get(..pattern::common(shared, start))
                .unwrap_or_default();
        }
        shared.into()
    }
}

impl Policy {
    /// Parses and validates; two equal keys in one object are refused.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the document, in AWS's order of checks.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, Faults> {
        Self::parse_with(text, kind, DuplicateKeys::Refuse)
    }

    /// Parses and validates.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the document, in AWS's order of checks.
    pub fn parse_with(text: &str, kind: PolicyKind, keys: DuplicateKeys) -> Result<Self, Faults> {
        let mut found = Vec::new();
        let raw = match json::read(text) {
            Ok((node, repeated)) => {
                // S3 looks at the first byte before anything else.
                if kind == PolicyKind::Bucket && !text.trim_start().starts_with('{') {
                    let trouble = Trouble::NotJson {
                        why: "a policy is an object".to_owned(),
                        help: None,
                        brace: false,
                    };
                    found.push(Found::at(trouble, node.span.clone()));
                }
                if keys == DuplicateKeys::Refuse {
                    found.extend(repeated.into_iter().map(|again| {
                        Found::at(Trouble::Repeated(again.name), again.again)
                            .and(again.first, "the first one")
                    }));
                }
                let raw = raw::read(&node, &mut found);
                validate::check(&raw, kind, &mut found);
                raw
            }
            Err(fault) => {
                let brace = text.starts_with('{');
                let trouble = Trouble::NotJson {
                    why: fault.why,
                    help: fault.help,
                    brace,
                };
                found.push(Found::at(trouble, fault.span));
                RawPolicy::default()
            }
        };
        found.sort_by_key(|found| found.trouble.rank());
        let whole = raw.span.clone();
        match Faults::collect(kind, found.into_iter().map(|found| found.into_fault(kind))) {
            Some(faults) => Err(faults),
            // Validation leaves nothing that cannot be compiled; were it otherwise, nothing may be dropped.
            None => compile::policy(text, kind, raw).ok_or_else(|| {
                Faults::one(
                    kind,
                    Found::at(Trouble::StatementMissing, whole).into_fault(kind),
                )
            }),
        }
    }

    /// The document byte for byte as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the policy hangs on.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// `2012-10-17` or `2008-10-17`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version
    }

    /// The statements in the order of the document.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Characters as quotas count them: without the white space between tokens.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Everything named in `Principal` and `NotPrincipal`, for existence checks.
    pub fn principals(&self) -> impl Iterator<Item = NamedPrincipal<'_>> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// Binds named users and roles to the unique ids they have now, so that somebody who is created later under
    /// the same name is not meant. `id_of` answers with the id of an ARN; others stay as they are.
    ///
    /// IAM does this when a trust or bucket policy is stored:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    #[must_use]
    pub fn with_principal_ids(mut self, id_of: impl Fn(&str) -> Option<String>) -> Self {
        for element in self
            .statements
            .iter_mut()
            .filter_map(|statement| statement.principal.as_mut())
        {
            for trustee in element
                .list
                .iter_mut()
                .filter(|trustee| trustee.group == Group::Aws)
            {
                trustee.id = id_of(&trustee.value).map(Into::into);
            }
        }
        self
    }

    /// Binds canonical user ids to the accounts that they stand for; `account_of` answers with the account of an id.
    /// An id that is bound to none allows nobody and denies everybody who belongs to an account.
    #[must_use]
    pub fn with_canonical_users(mut self, account_of: impl Fn(&str) -> Option<String>) -> Self {
        let elements = self
            .statements
            .iter_mut()
            .filter_map(|statement| statement.principal.as_mut());
        for trustee in elements
            .flat_map(|element| element.list.iter_mut())
            .filter(|trustee| trustee.group == Group::CanonicalUser)
        {
            trustee.account = account_of(&trustee.value).map(Into::into);
        }
        self
    }

    /// What a named principal was bound to.
    pub(crate) fn principal_id(&self, arn: &str) -> Option<String> {
        let elements = self
            .statements
            .iter()
            .filter_map(|statement| statement.principal.as_ref());
        let mut named = elements
            .flat_map(|element| &element.list)
            .filter(|trustee| *trustee.value == *arn);
        named.find_map(|trustee| trustee.bound().map(str::to_owned))
    }

    /// Every pattern in `Resource` and `NotResource`, for checks that need to know the resource.
    pub fn resources(&self) -> impl Iterator<Item = Pattern<'_>> {
        self.statements.iter().flat_map(Statement::resources)
    }

    /// The line and the column of a byte of the text, both from 1.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        position(&self.text, at)
    }

    /// The place of a byte of a string, given where the string stands without its quotes.
    pub(crate) fn place(text: &str, span: &Range<usize>, offset: usize) -> usize {
        span.start + json::source_offset(text.get(span.clone()).unwrap_or_default(), offset)
    }
}

/// The line and the column of a byte, both from 1; columns count characters.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |line| line.chars().count())
        + 1;
    (line, column)
}
