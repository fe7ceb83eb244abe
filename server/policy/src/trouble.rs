//! What can be wrong with a document, and the words for it: AWS's and ours.

mod aws;
mod ours;

use std::ops::Range;

use crate::{Fault, FaultCode, PolicyKind};

/// One thing found wrong, before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) trouble: Trouble,
    span: Range<usize>,
    also: Option<(Range<usize>, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    NotJson {
        why: String,
        help: Option<&'static str>,
        brace: bool,
    },
    Repeated(Box<str>),
    UnknownElement {
        name: Box<str>,
        place: &'static str,
        meant: Option<&'static str>,
    },
    WrongType {
        what: String,
        wanted: &'static str,
        is: &'static str,
    },
    StatementMissing,
    StatementEmpty,
    EffectMissing,
    EffectUnknown(Box<str>),
    EffectCase(Box<str>),
    /// An element and its negation; the second one.
    Both(Box<str>),
    VersionUnknown(Box<str>),
    VersionOld(Option<Box<str>>),
    OperatorUnknown {
        name: Box<str>,
        meant: Option<&'static str>,
    },
    /// An element that this kind of policy must not have.
    Prohibited(&'static str),
    PrincipalMissing,
    PrincipalEmpty,
    PrincipalInvalid {
        group: Box<str>,
        value: Box<str>,
        why: &'static str,
    },
    DateUnreadable(Box<str>),
    ResourceColons(Box<str>),
    SidRepeated(Box<str>),
    SidCharacters(Box<str>),
    ActionMissing,
    ResourceMissing,
    ResourceNotArn(Box<str>),
    Partition {
        partition: Box<str>,
        shown: String,
    },
    ResourceVendor(Box<str>),
    IamRegion(Box<str>),
    S3Region(Box<str>),
    IamPath(Box<str>),
    ActionPrefixMissing(Box<str>),
    ActionColons(Box<str>),
    ActionVendor(Box<str>),
    /// An action that policies of this kind cannot be about.
    ActionForeign(Box<str>),
    ResourceForeign(Box<str>),
    /// A condition key that no action of the statement has.
    ConditionUnfit {
        key: Box<str>,
        known: bool,
    },
    /// An S3 action none of whose resources is of its kind.
    ActionUnfit {
        action: Box<str>,
        object: bool,
    },
}

use Trouble as T;

impl Found {
    pub(crate) fn at(trouble: Trouble, span: Range<usize>) -> Self {
        Self {
            trouble,
            span,
            also: None,
        }
    }

    /// Adds a second place.
    pub(crate) fn and(mut self, span: Range<usize>, label: &str) -> Self {
        self.also = Some((span, label.to_owned()));
        self
    }

    pub(crate) fn into_fault(self, kind: PolicyKind) -> Fault {
        Fault {
            code: self.trouble.code(),
            message: self.trouble.message(kind),
            why: self.trouble.why(kind),
            help: self.trouble.help(kind),
            span: self.span,
            also: self.also,
        }
    }
}

impl Trouble {
    /// AWS's order of checks: the whole document for one kind of fault, then for the next.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            T::NotJson { .. } => 0,
            T::Repeated(_)
            | T::UnknownElement { .. }
            | T::WrongType { .. }
            | T::StatementMissing
            | T::StatementEmpty
            | T::EffectMissing
            | T::EffectUnknown(_)
            | T::Both(_)
            | T::VersionUnknown(_)
            | T::OperatorUnknown { .. } => 1,
            T::Prohibited(_) => 2,
            T::VersionOld(_) => 3,
            T::EffectCase(_) | T::DateUnreadable(_) | T::ResourceColons(_) => 4,
            T::SidRepeated(_) | T::SidCharacters(_) => 5,
            T::PrincipalMissing => 6,
            T::ActionMissing => 7,
            T::PrincipalEmpty | T::PrincipalInvalid { .. } => 8,
            T::ResourceNotArn(_)
            | T::Partition { .. }
            | T::ResourceVendor(_)
            | T::IamRegion(_)
            | T::S3Region(_)
            | T::IamPath(_) => 9,
            T::ActionPrefixMissing(_)
            | T::ActionColons(_)
            | T::ActionVendor(_)
            | T::ActionForeign(_) => 10,
            T::ResourceMissing
            | T::ResourceForeign(_)
            | T::ActionUnfit { .. }
            | T::ConditionUnfit { .. } => 11,
        }
    }

    fn code(&self) -> FaultCode {
        match self {
            T::NotJson { .. } => FaultCode::NotJson,
            T::Repeated(_) => FaultCode::RepeatedKey,
            T::UnknownElement { .. } | T::Both(_) => FaultCode::UnknownElement,
            T::WrongType { .. } => FaultCode::WrongType,
            T::StatementMissing
            | T::StatementEmpty
            | T::EffectMissing
            | T::PrincipalMissing
            | T::ActionMissing
            | T::ResourceMissing => FaultCode::MissingElement,
            T::EffectUnknown(_) | T::EffectCase(_) => FaultCode::Effect,
            T::VersionUnknown(_) | T::VersionOld(_) => FaultCode::Version,
            T::OperatorUnknown { .. } | T::DateUnreadable(_) => FaultCode::Condition,
            T::ConditionUnfit { .. } => FaultCode::Condition,
            T::Prohibited("Principal" | "NotPrincipal")
            | T::PrincipalEmpty
            | T::PrincipalInvalid { .. } => FaultCode::Principal,
            T::Prohibited(_) => FaultCode::UnknownElement,
            T::SidRepeated(_) | T::SidCharacters(_) => FaultCode::Sid,
            T::ResourceColons(_)
            | T::ResourceNotArn(_)
            | T::Partition { .. }
            | T::ResourceVendor(_)
            | T::IamRegion(_)
            | T::S3Region(_)
            | T::IamPath(_)
            | T::ResourceForeign(_) => FaultCode::Resource,
            T::ActionPrefixMissing(_)
            | T::ActionColons(_)
            | T::ActionVendor(_)
            | T::ActionForeign(_)
            | T::ActionUnfit { .. } => FaultCode::Action,
        }
    }
}
