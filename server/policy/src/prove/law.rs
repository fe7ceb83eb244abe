//! The law of evaluation over sets: what [`crate::decide`] does for one resource, for all of them.
//!
//! The formulas are monotone in what the layers allow, and antitone in what they deny. So it is enough to take
//! for each statement the resources it may or must apply to, whichever errs to the asked side.

use super::question::{Question, Side};
use super::set::{Pool, Set};
use super::settled::settled;
use super::word::{Bound, Word};
use crate::action::LowerAction;
use crate::evaluate::{named_by, resource_layer};
use crate::trustee::Grant;
use crate::{Attached, Effect, Layer, Layers, Principal, Rule, Statement};

/// What one layer allows, by how closely it names the caller, and what it denies.
struct Said {
    direct: Set,
    behind: Set,
    account: Set,
    deny: Set,
}

impl Said {
    fn nothing() -> Self {
        Self {
            direct: Set::Nothing,
            behind: Set::Nothing,
            account: Set::Nothing,
            deny: Set::Nothing,
        }
    }

    /// What either allows.
    fn beside(self, other: Self) -> Self {
        Self {
            direct: self.direct.or(other.direct),
            behind: self.behind.or(other.behind),
            account: self.account.or(other.account),
            deny: self.deny.or(other.deny),
        }
    }

    fn allow(&self) -> Set {
        Set::any([
            self.direct.clone(),
            self.behind.clone(),
            self.account.clone(),
        ])
    }
}

/// The law applied to one action.
pub(super) struct Law<'a, 'q> {
    pub(super) question: &'a Question<'q>,
    pub(super) action: LowerAction,
    pub(super) bound: Bound,
    pub(super) pool: &'a mut Pool,
}

impl Law<'_, '_> {
    /// The resources that can be allowed.
    pub(super) fn reach(&mut self) -> Set {
        let mut reach = Set::Nothing;
        let mut elsewhere = Set::Everything;
        for side in self.question.sides() {
            let own = match side.on {
                Some(on) => Set::any(on.iter().map(|text| self.plain(text))),
                None => Set::Everything,
            };
            let allowed = self.weigh(&side);
            // The first one that claims a resource speaks for it.
            reach = reach.or(allowed.and(own.clone()).and(elsewhere.clone()));
            elsewhere = elsewhere.except(own);
        }
        reach
    }

    /// A pattern without variables.
    fn plain(&mut self, text: &str) -> Set {
        let pattern = super::question::plain(text);
        Word::of(&pattern.pattern, self.question.known, Bound::May)
            .map_or(Set::Nothing, |word| self.pool.add(word))
    }

    fn weigh(&mut self, side: &Side<'_>) -> Set {
        let layers = &side.layers;
        let caller = self.question.principal;
        let rule = side.rule;
        let is_root = matches!(caller, Principal::Root { .. });
        let same_account = rule == Rule::CallerDecides
            || side
                .account
                .is_none_or(|account| caller.account() == Some(account));
        let mut denied = Set::Nothing;
        let mut limits = Set::Everything;

        if caller.account().is_some() {
            for level in layers.scps {
                let said = self.hear(Layer::Scp, level);
                limits = limits.and(said.allow());
                denied = denied.or(said.deny);
            }
        }
        for level in layers.rcps {
            denied = denied.or(self.hear(Layer::Rcp, level).deny);
        }
        let owner_root = rule == Rule::OwnerRootAlways && is_root && same_account;
        let mut resource = match layers.resource.filter(|_| !owner_root) {
            Some(policy) => self.hear(resource_layer(rule, layers), &[policy]),
            None => Said::nothing(),
        };
        denied = denied.or(resource.deny.clone());
        if rule == Rule::PolicyOnlyDenies {
            resource = Said::nothing();
        }
        if let Some(acl) = layers.acl {
            let said = self.hear(Layer::Acl, &[acl]);
            denied = denied.or(said.deny.clone());
            resource = resource.beside(said);
        }
        if let Some(policy) = layers.endpoint {
            let said = self.hear(Layer::Endpoint, &[policy]);
            limits = limits.and(said.allow());
            denied = denied.or(said.deny);
        }
        let allowed = if is_root {
            if let Some(policies) = layers.session {
                denied = denied.or(self.hear(Layer::Session, policies).deny);
            }
            match rule {
                Rule::TrustMustAllow | Rule::CallerDecides => Set::Nothing,
                _ if same_account => self.own_partition(),
                _ => resource.allow().and(self.own_partition()),
            }
        } else if caller.has_identity_policies() {
            let identity = self.hear(Layer::Identity, layers.identity);
            let ceiling = self.ceiling(layers, &mut denied);
            denied = denied.or(identity.deny.clone());
            let granted = account(rule, same_account, resource, identity.allow(), ceiling);
            granted.and(self.own_partition())
        } else if rule == Rule::TrustMustAllow && matches!(caller, Principal::Anonymous) {
            Set::Nothing
        } else {
            resource.allow()
        };
        allowed.and(limits).except(denied)
    }

    /// Boundary and session policy.
    fn ceiling(&mut self, layers: &Layers<'_>, denied: &mut Set) -> Set {
        let mut ceiling = Set::Everything;
        if let Some(policy) = layers.boundary {
            let said = self.hear(Layer::Boundary, &[policy]);
            ceiling = ceiling.and(said.allow());
            *denied = denied.clone().or(said.deny);
        }
        match layers.session {
            Some(policies) => {
                let said = self.hear(Layer::Session, policies);
                ceiling = ceiling.and(said.allow());
                *denied = denied.clone().or(said.deny);
            }
            None if matches!(self.question.principal, Principal::FederatedUser { .. }) => {
                ceiling = Set::Nothing;
            }
            None => {}
        }
        ceiling
    }

    /// Resources that are not in another partition than the caller.
    fn own_partition(&mut self) -> Set {
        match self.question.principal.partition() {
            Some(partition) => {
                let own = Word::starting(&format!("arn:{partition}:"));
                let partitioned = Word([Word::starting("arn:").0, Word::starting(":").0].concat());
                self.pool.add(partitioned).not().or(self.pool.add(own))
            }
            None => Set::Everything,
        }
    }

    fn hear(&mut self, layer: Layer, policies: &[Attached<'_>]) -> Said {
        let (mut direct, mut behind, mut account, mut deny) = Default::default();
        for statement in policies
            .iter()
            .flat_map(|attached| attached.policy.statements())
        {
            let Some(grant) = named_by(statement, layer, &self.question.principal) else {
                continue;
            };
            let resources = self.resources(statement);
            let list: &mut Vec<Set> = match (statement.effect, grant) {
                (Effect::Deny, _) => &mut deny,
                (Effect::Allow, Grant::Direct) => &mut direct,
                (Effect::Allow, Grant::Behind) => &mut behind,
                (Effect::Allow, Grant::Account) => &mut account,
            };
            list.push(resources);
        }
        Said {
            direct: Set::any(direct),
            behind: Set::any(behind),
            account: Set::any(account),
            deny: Set::any(deny),
        }
    }

    /// The resources a statement applies to, at most or at least.
    pub(super) fn resources(&mut self, statement: &Statement) -> Set {
        let question = self.question;
        let known = question.known;
        if !covers(statement, self.action.as_str(), known) {
            return Set::Nothing;
        }
        let denies = statement.effect == Effect::Deny;
        let bound = if denies {
            self.bound.other()
        } else {
            self.bound
        };
        for test in &statement.conditions {
            match (settled(test, denies, known), bound) {
                (Some(true), _) | (None, Bound::May | Bound::Likely) => {}
                (Some(false), _) | (None, Bound::Sure) => return Set::Nothing,
            }
        }
        let Some(element) = &statement.resource else {
            return Set::Everything;
        };
        // What NotResource leaves out at most is what it covers at least.
        let inner = if element.negated {
            bound.other()
        } else {
            bound
        };
        let listed = Set::any(element.list.iter().map(|pattern| {
            Word::of(&pattern.pattern, known, inner)
                .map_or(Set::Nothing, |word| self.pool.add(word))
        }));
        if element.negated {
            listed.not()
        } else {
            listed
        }
    }
}

/// Whether a statement is about an action, given in lower case.
pub(super) fn covers(statement: &Statement, action: &str, known: &crate::Context<'_>) -> bool {
    let listed = statement
        .action
        .list
        .iter()
        .any(|listed| listed.pattern.matches(action, known));
    listed != statement.action.negated
}

/// Users and sessions: the closed form of `Sides::account`.
fn account(rule: Rule, same_account: bool, resource: Said, identity: Set, ceiling: Set) -> Set {
    let trust = rule == Rule::TrustMustAllow;
    match (same_account, trust) {
        (false, _) => Set::all([resource.allow(), identity, ceiling]),
        (true, false) => resource
            .direct
            .or(resource.behind.or(identity).and(ceiling)),
        (true, true) => resource.direct.or(resource
            .behind
            .or(resource.account.and(identity))
            .and(ceiling)),
    }
}
