//! Changes worth trying, the smallest first.

use std::sync::Arc;

use super::edit::{self, Replaced, quoted};
use super::{Change, Edit};
use crate::known::{PLACEHOLDERS, SERVICE_ONLY_KEYS};
use crate::show::segment;
use crate::{
    Asked, Check, Effect, Explanation, Fit, Layer, LayerNode, Layers, Nearest, Part, PartNode,
    Policy, PolicyNode, PrincipalKind,
};

/// The condition keys of the caller's own tags.
const TAG: &str = "aws:PrincipalTag/";

/// A change to try, and where it belongs.
pub(super) struct Candidate {
    pub(super) change: Change,
    pub(super) said: String,
    /// The level, for service control policies, and the policy within its layer.
    pub(super) at: (usize, usize),
    /// The whole text of the policy before the change.
    pub(super) text: Arc<str>,
}

/// The policy a change is for.
struct Target<'e> {
    layer: &'e LayerNode,
    place: usize,
    policy: &'e PolicyNode,
}

pub(super) fn candidates(explanation: &Explanation, layers: &Layers<'_>) -> Vec<Candidate> {
    let asked = &explanation.asked;
    let Some(hit) = explanation.nearest() else {
        return match target(explanation, |layer, _| layer.layer == explanation.by) {
            Some(target) => target.statement(asked).into_iter().collect(),
            None if explanation.by == Layer::Identity && layers.identity.is_empty() => {
                vec![attach(asked)]
            }
            None => Vec::new(),
        };
    };
    let Some(target) = target(explanation, |_, policy| std::ptr::eq(policy, hit.policy)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(misfit) = hit.misfits().first() {
        found.extend(target.mended(asked, &hit, misfit));
    }
    // A statement of its own would get round the conditions of the nearest.
    let conditions = hit
        .misfits()
        .iter()
        .any(|part| part.part == Part::Condition);
    found.extend(target.statement(asked).filter(|_| !conditions));
    // The caller may have no policy at all, where another account's already allows.
    if explanation.by == Layer::Identity && layers.identity.is_empty() {
        found.push(attach(asked));
    }
    found
}

fn target(
    explanation: &Explanation,
    wanted: impl Fn(&LayerNode, &PolicyNode) -> bool,
) -> Option<Target<'_>> {
    explanation.layers.iter().find_map(|layer| {
        let mut policies = layer.policies.iter().enumerate();
        let (place, policy) = policies.find(|(_, policy)| wanted(layer, policy))?;
        Some(Target {
            layer,
            place,
            policy,
        })
    })
}

fn attach(asked: &Asked) -> Candidate {
    let document = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statement(asked, None)
    );
    Candidate {
        said: format!("attach a policy to the caller: {document}"),
        change: Change::Attach { document },
        at: (0, 0),
        text: Arc::default(),
    }
}

/// A statement about this request and no other.
fn statement(asked: &Asked, principal: Option<&str>) -> String {
    let principal = principal
        .map(|principal| format!("\"Principal\": {principal}, "))
        .unwrap_or_default();
    format!(
        "{{\"Effect\": \"Allow\", {principal}\"Action\": {}, \"Resource\": {}}}",
        quoted(&asked.action),
        quoted(&asked.resource)
    )
}

/// The group and the name by which a Principal element would name the caller; nobody is told to open up to everyone.
fn caller(asked: &Asked) -> Option<(&'static str, &str)> {
    let name = asked.behind.as_deref().unwrap_or(&asked.principal);
    match asked.principal_kind {
        PrincipalKind::User | PrincipalKind::RoleSession => Some(("AWS", name)),
        PrincipalKind::FederatedUser => Some(("AWS", &asked.principal)),
        PrincipalKind::Service => Some(("Service", name)),
        PrincipalKind::Federated => Some(("Federated", name)),
        PrincipalKind::Root | PrincipalKind::Anonymous => None,
    }
}

impl Target<'_> {
    fn candidate(&self, (span, replacement): Replaced, said: String) -> Candidate {
        Candidate {
            change: Change::Edit(Edit {
                layer: self.layer.layer,
                policy: self.policy.name.clone(),
                holder: self.policy.holder.clone(),
                span,
                replacement,
            }),
            said,
            at: (self.layer.level.unwrap_or(0), self.place),
            text: self.policy.text.clone(),
        }
    }

    /// Ways to make one element fit.
    fn mended(&self, asked: &Asked, hit: &Nearest<'_>, misfit: &PartNode) -> Vec<Candidate> {
        let of = format!("{} ({})", hit.statement.label, self.policy.name);
        match misfit.part {
            _ if misfit.negated => Vec::new(),
            Part::Action => {
                // What else the statement is about must be what was asked for.
                let rest = hit
                    .statement
                    .parts
                    .iter()
                    .all(|part| part.holds || part.part == Part::Action);
                let added = self.added(misfit, &asked.action, &format!("the Action of {of}"));
                added.filter(|_| rest).into_iter().collect()
            }
            Part::Resource => {
                let element = format!("the Resource of {of}");
                let rewritten = misfit
                    .checks
                    .iter()
                    .filter_map(|check| self.rewritten(check, &element));
                rewritten
                    .chain(self.added(misfit, &asked.resource, &element))
                    .collect()
            }
            Part::Principal => self.named(asked, misfit, &of).into_iter().collect(),
            Part::Condition => self.met(asked, misfit, &of),
            Part::Sid | Part::Effect => Vec::new(),
        }
    }

    /// One more value.
    fn added(&self, part: &PartNode, value: &str, element: &str) -> Option<Candidate> {
        let text = &self.policy.text;
        let last = part.checks.iter().max_by_key(|check| check.span.end)?;
        let replaced = edit::after(text, edit::with_quotes(text, &last.span), &quoted(value))?;
        Some(self.candidate(replaced, format!("add {value:?} to {element}")))
    }

    /// Another letter case, a placeholder replaced, a slash too many: one stretch of a pattern.
    fn rewritten(&self, check: &Check, element: &str) -> Option<Candidate> {
        let (near, actual) = (check.near?, check.actual.as_deref()?);
        let piece = segment(&check.pattern, near.pattern);
        let wanted = check.pattern.get(piece.clone())?;
        let said = actual.get(segment(actual, near.actual))?;
        let slash = check.pattern.get(..near.pattern)?.ends_with(':')
            && check.pattern.get(near.pattern..)?.starts_with('/');
        let (piece, said) = match () {
            () if slash => (near.pattern..near.pattern + 1, ""),
            () if !wanted.is_empty()
                && (wanted.eq_ignore_ascii_case(said) || PLACEHOLDERS.contains(&wanted)) =>
            {
                (piece, said)
            }
            () => return None,
        };
        let place = |offset| Policy::place(&self.policy.text, &check.span, offset);
        let wanted = check.pattern.get(piece.clone())?;
        let told = match said {
            "" => format!("take the {wanted:?} out of {element}"),
            said => format!("write {said:?} instead of {wanted:?} in {element}"),
        };
        Some(self.candidate(
            (place(piece.start)..place(piece.end), edit::escaped(said)),
            told,
        ))
    }

    /// The caller among those who are named.
    fn named(&self, asked: &Asked, part: &PartNode, of: &str) -> Option<Candidate> {
        let (group, name) = caller(asked)?;
        let replaced = edit::one_more_principal(&self.policy.text, &part.span, group, name)?;
        Some(self.candidate(replaced, format!("name {name:?} in the Principal of {of}")))
    }

    /// A condition that is met: one more value in the policy, or another one in the request.
    fn met(&self, asked: &Asked, part: &PartNode, of: &str) -> Vec<Candidate> {
        let (Some(operator), Some(key)) = (&part.operator, &part.key) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let base = operator.rsplit(':').next().unwrap_or(operator);
        let listed = ["String", "Arn", "IpAddress"]
            .iter()
            .any(|family| base.starts_with(family))
            && !base.contains("Not");
        let actual = part
            .checks
            .iter()
            .find(|check| !check.matches)
            .and_then(|check| check.actual.as_deref());
        if let Some(actual) = actual.filter(|_| listed && part.fit == Fit::Mismatch) {
            found.extend(self.added(part, actual, &format!("{operator} {key} of {of}")));
        }
        let (value, told) = match part.checks.first() {
            // Anything but what is ruled out.
            Some(check) if base.contains("Not") => {
                let told = format!("with another value than {:?}", check.pattern);
                (format!("not-{}", check.pattern.replace('*', "")), told)
            }
            // `Null` asks for the key and no particular value.
            Some(_) if base == "Null" => ("x".to_owned(), "with any value".to_owned()),
            Some(check) => {
                let value = check.pattern.replace('*', "");
                let told = format!("{value:?}, as {of} wants it");
                (value, told)
            }
            None => return found,
        };
        let tag = key
            .get(..TAG.len())
            .filter(|start| start.eq_ignore_ascii_case(TAG))
            .and_then(|_| key.get(TAG.len()..));
        // A value that is of no use to the operator is not mended by another.
        let of_use = part.fit != Fit::NotUnderstood;
        if of_use && (carries(asked, key) || tag.is_some()) && !value.contains("${") {
            found.push(Candidate {
                said: match tag {
                    Some(tag) => format!("give the caller the tag {tag} {told}"),
                    None => format!("let the request carry {key} {told}"),
                },
                change: Change::Carry {
                    key: key.to_string(),
                    value,
                },
                at: (0, 0),
                text: Arc::default(),
            });
        }
        found
    }

    /// A statement of its own at the end of the policy.
    fn statement(&self, asked: &Asked) -> Option<Candidate> {
        let principal = match self.layer.layer {
            Layer::Identity | Layer::Boundary | Layer::Session | Layer::Scp => None,
            Layer::Bucket | Layer::Resource => {
                let (group, name) = caller(asked)?;
                Some(format!("{{\"{group}\": {}}}", quoted(name)))
            }
            Layer::Endpoint => Some("\"*\"".to_owned()),
            // Whom a role trusts is a question of its Principal, and what limits resources never allows.
            Layer::Trust | Layer::Acl | Layer::Root | Layer::Rcp => return None,
        };
        let last = self
            .policy
            .statements
            .iter()
            .max_by_key(|statement| statement.span.end)?;
        let added = statement(asked, principal.as_deref());
        let replaced = edit::after(&self.policy.text, last.span.clone(), &added)?;
        let allows = self
            .policy
            .statements
            .iter()
            .any(|statement| statement.effect == Effect::Allow);
        let told = match allows {
            true => format!("add a statement to {}: {added}", self.policy.name),
            false => format!(
                "add a statement to {}, which has no Allow: {added}",
                self.policy.name
            ),
        };
        Some(self.candidate(replaced, told))
    }
}

/// Whether a caller can choose what a key holds: who it is and what only services carry it cannot.
fn carries(asked: &Asked, key: &str) -> bool {
    let service_only = SERVICE_ONLY_KEYS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(key));
    let own = ["aws:principal", "aws:user", "aws:resource", "aws:federated"];
    let lower = key.to_ascii_lowercase();
    let fixed = own.iter().any(|start| lower.starts_with(start)) && lower != "aws:useragent";
    !fixed && (!service_only || asked.principal_kind == PrincipalKind::Service)
}
