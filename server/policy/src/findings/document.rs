//! A document as rules look at it: whatever can be read is there, whatever is wrong elsewhere.

use std::ops::Range;

use super::finding::PolicyType;
use crate::Effect;
use crate::json::{Json, Member, Node, source_offset};
use crate::operator::Operator;

/// What the document is a policy of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'s> {
    pub(crate) policy_type: PolicyType,
    pub(crate) resource_type: Option<&'s str>,
}

impl Subject<'_> {
    pub(crate) fn is_trust(&self) -> bool {
        self.is("AWS::IAM::AssumeRolePolicyDocument")
    }

    pub(crate) fn is_bucket(&self) -> bool {
        self.is("AWS::S3::Bucket")
    }

    /// A bucket, or an access point of one.
    pub(crate) fn is_s3(&self) -> bool {
        self.policy_type == PolicyType::Resource
            && self
                .resource_type
                .is_some_and(|name| name.starts_with("AWS::S3"))
    }

    fn is(&self, name: &str) -> bool {
        self.policy_type == PolicyType::Resource && self.resource_type == Some(name)
    }
}

/// A document, read.
pub(crate) struct Document<'t> {
    pub(crate) text: &'t str,
    pub(crate) root: &'t Node,
    pub(crate) subject: Subject<'t>,
    pub(crate) members: &'t [Member],
    pub(crate) statements: Vec<Statement<'t>>,
}

/// A statement, as far as it can be read.
pub(crate) struct Statement<'t> {
    pub(crate) node: &'t Node,
    pub(crate) members: &'t [Member],
    pub(crate) effect: Option<Effect>,
    /// Action or NotAction.
    pub(crate) actions: Option<Texts<'t>>,
    /// Resource or NotResource.
    pub(crate) resources: Option<Texts<'t>>,
    pub(crate) principal: Option<Principals<'t>>,
    pub(crate) tests: Vec<Test<'t>>,
}

/// The texts of an element.
pub(crate) struct Texts<'t> {
    pub(crate) member: &'t Member,
    pub(crate) negated: bool,
    pub(crate) list: Vec<Text<'t>>,
}

/// Principal or NotPrincipal.
pub(crate) struct Principals<'t> {
    pub(crate) member: &'t Member,
    pub(crate) negated: bool,
    /// Under which key, and who; the bare star has no key.
    pub(crate) list: Vec<(Option<&'t Member>, Text<'t>)>,
}

/// A key of a condition, with its operator and values.
pub(crate) struct Test<'t> {
    pub(crate) operator: &'t Member,
    pub(crate) parsed: Option<Operator>,
    pub(crate) key: &'t Member,
    pub(crate) values: &'t [Node],
}

/// A string of the document.
#[derive(Clone, Copy)]
pub(crate) struct Text<'t> {
    pub(crate) text: &'t str,
    pub(crate) node: &'t Node,
}

impl<'t> Text<'t> {
    pub(crate) fn of(node: &'t Node) -> Option<Self> {
        match &node.value {
            Json::Text(text) => Some(Self { text, node }),
            _ => None,
        }
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.node.span.clone()
    }

    /// The bytes of the document that stand for a part of the text.
    pub(crate) fn part(&self, part: Range<usize>, document: &str) -> Range<usize> {
        let inner = self.node.inner_span();
        let raw = document.get(inner.clone()).unwrap_or_default();
        inner.start + source_offset(raw, part.start)..inner.start + source_offset(raw, part.end)
    }
}

impl<'t> Document<'t> {
    pub(crate) fn new(text: &'t str, root: &'t Node, subject: Subject<'t>) -> Self {
        let members = members(root);
        let statements = match find(members, "Statement") {
            Some(member) => member
                .value
                .each()
                .iter()
                .filter(|node| matches!(node.value, Json::Object(_)))
                .map(Statement::new)
                .collect(),
            None => Vec::new(),
        };
        Self {
            text,
            root,
            subject,
            members,
            statements,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'t Member> {
        find(self.members, name)
    }

    pub(crate) fn version(&self) -> Option<Text<'t>> {
        self.get("Version")
            .and_then(|member| Text::of(&member.value))
    }
}

impl<'t> Statement<'t> {
    fn new(node: &'t Node) -> Self {
        let members = members(node);
        let either = |name: &str, negation: &str| {
            find(members, name)
                .map(|member| (member, false))
                .or_else(|| find(members, negation).map(|member| (member, true)))
        };
        let texts = |name, negation| {
            either(name, negation).map(|(member, negated)| Texts {
                member,
                negated,
                list: member.value.each().iter().filter_map(Text::of).collect(),
            })
        };
        Self {
            node,
            members,
            effect: find(members, "Effect")
                .and_then(|member| Text::of(&member.value))
                .and_then(|text| match text.text {
                    "Allow" => Some(Effect::Allow),
                    "Deny" => Some(Effect::Deny),
                    _ => None,
                }),
            actions: texts("Action", "NotAction"),
            resources: texts("Resource", "NotResource"),
            principal: either("Principal", "NotPrincipal")
                .map(|(member, negated)| principals(member, negated)),
            tests: tests(members),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'t Member> {
        find(self.members, name)
    }

    pub(crate) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// The values of Action, not those of NotAction.
    pub(crate) fn named_actions(&self) -> impl Iterator<Item = Text<'t>> {
        self.actions
            .iter()
            .filter(|texts| !texts.negated)
            .flat_map(|texts| texts.list.iter().copied())
    }

    /// All strings of Action, NotAction, Resource and NotResource, also when both of a pair stand there.
    pub(crate) fn texts(&self, names: [&str; 2]) -> impl Iterator<Item = Text<'t>> {
        let members = self.members;
        names
            .into_iter()
            .filter_map(|name| find(members, name))
            .collect::<Vec<_>>()
            .into_iter()
            .flat_map(|member| member.value.each().iter().filter_map(Text::of))
    }

    /// Those named under one key of Principal, not those of NotPrincipal.
    pub(crate) fn trusted(&self, group: &str) -> impl Iterator<Item = Text<'t>> {
        self.principal
            .iter()
            .filter(|principal| !principal.negated)
            .flat_map(|principal| &principal.list)
            .filter(move |(key, _)| key.is_some_and(|key| &*key.name == group))
            .map(|(_, text)| *text)
    }

    /// Whether a condition key is tested, in any letter case.
    pub(crate) fn tests_key(&self, name: &str) -> bool {
        self.tests
            .iter()
            .any(|test| test.key.name.eq_ignore_ascii_case(name))
    }
}

impl<'t> Test<'t> {
    pub(crate) fn texts(&self) -> impl Iterator<Item = Text<'t>> {
        self.values.iter().filter_map(Text::of)
    }

    /// The operator without what stands before and behind it.
    pub(crate) fn base(&self) -> &'t str {
        let name: &str = &self.operator.name;
        let name = name.split_once(':').map_or(name, |(_, base)| base);
        name.strip_suffix("IfExists").unwrap_or(name)
    }

    /// Whether `ForAllValues` or `ForAnyValue` stands before the operator.
    pub(crate) fn qualifier(&self) -> Option<&'t str> {
        self.operator
            .name
            .split_once(':')
            .map(|(qualifier, _)| qualifier)
            .filter(|qualifier| matches!(*qualifier, "ForAllValues" | "ForAnyValue"))
    }
}

/// The members of an object; none for anything else.
pub(crate) fn members(node: &Node) -> &[Member] {
    match &node.value {
        Json::Object(members) => members,
        _ => &[],
    }
}

fn find<'t>(members: &'t [Member], name: &str) -> Option<&'t Member> {
    members.iter().find(|member| &*member.name == name)
}

fn principals(member: &Member, negated: bool) -> Principals<'_> {
    let list = match &member.value.value {
        Json::Object(groups) => groups
            .iter()
            .flat_map(|group| {
                group
                    .value
                    .each()
                    .iter()
                    .filter_map(Text::of)
                    .map(move |text| (Some(group), text))
            })
            .collect(),
        _ => Text::of(&member.value)
            .map(|text| (None, text))
            .into_iter()
            .collect(),
    };
    Principals {
        member,
        negated,
        list,
    }
}

fn tests(members: &[Member]) -> Vec<Test<'_>> {
    let operators =
        find(members, "Condition").map_or(&[] as &[Member], |member| self::members(&member.value));
    operators
        .iter()
        .flat_map(|operator| {
            self::members(&operator.value).iter().map(move |key| Test {
                operator,
                parsed: Operator::parse(&operator.name),
                key,
                values: key.value.each(),
            })
        })
        .collect()
}
