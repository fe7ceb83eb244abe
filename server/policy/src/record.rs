//! Writes an evaluation down as an [`Explanation`].

use std::sync::Arc;

use crate::arn;
use crate::condition::{Test, each};
use crate::evaluate::{Asked, Heard};
use crate::operand::Item;
use crate::pattern::Miss;
use crate::trace::Trace;
use crate::trustee::Grant;
use crate::{
    Asked as AskedNote, Attached, Check, Context, Decision, Explanation, Fit, Given, Layer,
    LayerNode, Layers, Near, Origin, OriginNote, Part, PartNode, PolicyNode, Principal, Request,
    Says, Source, Statement, StatementNode,
};

/// Collects the tree from the leaves up.
pub(crate) struct Recorder {
    layers: Vec<LayerNode>,
    parts: Vec<PartNode>,
    // What every check of an element repeats.
    caller: Arc<str>,
    action: Arc<str>,
    resource: Arc<str>,
}

impl Recorder {
    pub(crate) fn new(request: &Request<'_>) -> Self {
        Self {
            layers: Vec::new(),
            parts: Vec::new(),
            caller: request.principal.display().into(),
            action: request.action.into(),
            resource: request.resource.into(),
        }
    }

    pub(crate) fn finish(
        self,
        request: &Request<'_>,
        layers: &Layers<'_>,
        decision: Decision,
    ) -> Explanation {
        Explanation {
            asked: asked_note(request),
            context: given(request.context),
            outcome: decision.outcome,
            by: decision.by,
            reason: decision.reason(request, layers),
            layers: self.layers,
            remedy: None,
        }
    }
}

impl Trace for Recorder {
    const WHOLE: bool = true;

    fn layer(&mut self, layer: Layer, level: usize) {
        let level = matches!(layer, Layer::Scp | Layer::Rcp).then_some(level);
        self.layers.push(LayerNode {
            layer,
            level,
            says: Says::NoPolicy,
            policies: Vec::new(),
        });
    }

    fn policy(&mut self, attached: &Attached<'_>) {
        if let Some(layer) = self.layers.last_mut() {
            layer.policies.push(PolicyNode {
                name: attached.source.name.to_owned(),
                arn: attached.source.arn.map(str::to_owned),
                holder: attached.source.holder.map(str::to_owned),
                text: attached.policy.text.clone(),
                statements: Vec::new(),
            });
        }
    }

    fn action(&mut self, statement: &Statement, asked: &Asked<'_>, fits: bool) {
        let action = asked.action;
        let context = asked.request.context;
        let checks = statement.action.list.iter().map(|pattern| {
            let miss = pattern.pattern.miss(action, context);
            Check {
                pattern: pattern.text.clone(),
                actual: Some(self.action.clone()),
                origin: None,
                matches: miss.is_none(),
                span: pattern.span.clone(),
                near: miss.map(Near::from),
                unfilled: None,
            }
        });
        let mut part = element(
            Part::Action,
            statement.action.span.clone(),
            fits,
            checks.collect(),
        );
        part.negated = statement.action.negated;
        self.parts.push(part);
    }

    fn principal(&mut self, statement: &Statement, asked: &Asked<'_>, fits: bool) {
        let Some(trustees) = &statement.principal else {
            return;
        };
        let caller = &asked.request.principal;
        let checks = trustees.list.iter().map(|trustee| Check {
            pattern: trustee.value.clone(),
            actual: Some(self.caller.clone()),
            origin: Some(OriginNote::from(Origin::Caller)),
            matches: trustee.grant(caller).is_some(),
            span: trustee.span.clone(),
            near: None,
            unfilled: None,
        });
        let mut part = element(
            Part::Principal,
            trustees.span.clone(),
            fits,
            checks.collect(),
        );
        part.negated = trustees.negated;
        self.parts.push(part);
    }

    fn resource(&mut self, statement: &Statement, asked: &Asked<'_>, fits: bool) {
        let Some(resource) = &statement.resource else {
            return;
        };
        let (wanted, context) = (asked.request.resource, asked.request.context);
        let checks = resource.list.iter().map(|pattern| {
            let miss = pattern.pattern.miss(wanted, context);
            Check {
                pattern: pattern.text.clone(),
                actual: Some(self.resource.clone()),
                origin: None,
                matches: miss.is_none(),
                span: pattern.span.clone(),
                near: miss
                    .map(|miss| arn::aligned_miss(&pattern.text, wanted, miss).unwrap_or(miss))
                    // A short ARN is matched with its missing parts; offsets stay within what was written.
                    .map(|miss| Near {
                        pattern: miss.pattern.min(pattern.text.len()),
                        actual: miss.text,
                    }),
                unfilled: pattern.pattern.unresolved(context).map(str::to_owned),
            }
        });
        let mut part = element(
            Part::Resource,
            resource.span.clone(),
            fits,
            checks.collect(),
        );
        part.negated = resource.negated;
        self.parts.push(part);
    }

    fn condition(&mut self, test: &Test, asked: &Asked<'_>, holds: bool) {
        let context = asked.request.context;
        self.parts.push(PartNode {
            part: Part::Condition,
            negated: false,
            operator: Some(test.operator_name.clone()),
            key: Some(test.key.clone()),
            fit: test.fit(context),
            holds,
            span: test.span.clone(),
            checks: condition_checks(test, context),
        });
    }

    fn statement(
        &mut self,
        source: &Source<'_>,
        statement: &Statement,
        index: usize,
        applies: Option<Grant>,
    ) {
        let mut parts = std::mem::take(&mut self.parts);
        let effect = statement
            .span_of(Part::Effect)
            .unwrap_or_else(|| statement.span());
        parts.push(element(Part::Effect, effect, true, Vec::new()));
        parts.sort_by_key(|part| order(part.part));
        let node = StatementNode {
            index,
            label: statement.label(source.name, index),
            effect: statement.effect,
            span: statement.span(),
            applies: applies.is_some(),
            grant: applies,
            parts,
        };
        if let Some(policy) = self
            .layers
            .last_mut()
            .and_then(|layer| layer.policies.last_mut())
        {
            policy.statements.push(node);
        }
    }

    fn heard(&mut self, heard: Heard) {
        if let Some(layer) = self.layers.last_mut() {
            layer.says = match heard {
                Heard { deny: Some(_), .. } => Says::Deny,
                Heard { allow: Some(_), .. } => Says::Allow,
                _ if layer.policies.is_empty() => Says::NoPolicy,
                _ => Says::Nothing,
            };
        }
    }
}

/// The order in which people write the elements.
fn order(part: Part) -> u8 {
    match part {
        Part::Sid => 0,
        Part::Effect => 1,
        Part::Principal => 2,
        Part::Action => 3,
        Part::Resource => 4,
        Part::Condition => 5,
    }
}

fn element(part: Part, span: std::ops::Range<usize>, fits: bool, checks: Vec<Check>) -> PartNode {
    let fit = if fits { Fit::Fits } else { Fit::Mismatch };
    PartNode {
        part,
        negated: false,
        operator: None,
        key: None,
        fit,
        holds: fits,
        span,
        checks,
    }
}

/// Every value of the policy against every value of the request; against nothing when the key is absent.
fn condition_checks(test: &Test, context: &Context<'_>) -> Vec<Check> {
    let entry = context.entry(&test.key);
    let origin = entry.map(|entry| OriginNote::from(entry.origin));
    let mut checks = Vec::new();
    for operand in &test.operands {
        let mut check = |item: Option<Item<'_>>| {
            let matches = match (test.operator, item) {
                (Some(operator), Some(item)) => operand.matches(operator, item, context),
                _ => false,
            };
            checks.push(Check {
                pattern: operand.text.clone(),
                actual: item.map(|item| Arc::from(&*item.text())),
                origin: origin.clone(),
                matches,
                span: operand.span.clone(),
                near: item
                    .filter(|_| !matches)
                    .and_then(|item| operand.miss(item, context))
                    .map(Near::from),
                unfilled: operand.unresolved(context).map(str::to_owned),
            });
        };
        match entry {
            Some(entry) => each(&entry.value, |item| check(Some(item))),
            None => check(None),
        }
    }
    checks
}

fn asked_note(request: &Request<'_>) -> AskedNote {
    let behind = match request.principal {
        Principal::RoleSession { role_arn, .. } => Some(role_arn),
        Principal::FederatedUser { user_arn, .. } => Some(user_arn),
        _ => None,
    };
    AskedNote {
        principal: request.principal.display().to_owned(),
        principal_kind: request.principal.kind(),
        behind: behind.map(str::to_owned),
        account: request.principal.account().map(str::to_owned),
        action: request.action.to_owned(),
        resource: request.resource.to_owned(),
        resource_account: request.resource_account.map(str::to_owned),
        rule: request.rule,
    }
}

fn given(context: &Context<'_>) -> Vec<Given> {
    let note = |entry: &crate::Entry<'_>| {
        let mut values = Vec::new();
        each(&entry.value, |item| values.push(item.text().to_owned()));
        Given {
            key: entry.key.to_string(),
            values,
            several: matches!(entry.value, crate::Value::List(_)),
            origin: entry.origin.into(),
        }
    };
    context.iter().map(note).collect()
}

impl From<Miss> for Near {
    fn from(miss: Miss) -> Self {
        Self {
            pattern: miss.pattern,
            actual: miss.text,
        }
    }
}

impl From<Origin> for OriginNote {
    fn from(origin: Origin) -> Self {
        let (from, because) = match origin {
            Origin::Caller => ("caller", None),
            Origin::Request => ("request", None),
            Origin::Resource => ("resource", None),
            Origin::Service => ("service", None),
            Origin::Clock => ("clock", None),
            Origin::Connection => ("connection", None),
            Origin::Given => ("given", None),
            Origin::Choice(because) => ("choice", Some(because)),
        };
        Self {
            from: from.into(),
            because: because.map(Into::into),
        }
    }
}
