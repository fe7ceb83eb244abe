//! The one evaluator: [`decide`] runs it in silence, [`explain`] with everything written down.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use crate::action::LowerAction;
use crate::record::Recorder;
use crate::trace::{Silent, Trace};
use crate::trustee::Grant;
use crate::{
    Attached, Decision, Effect, Explanation, Layer, Layers, Outcome, Place, PolicyKind, Principal,
    Request, Rule, Statement,
};

/// Decides. Nothing is allocated.
#[must_use]
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    let action = LowerAction::new(request.action);
    let asked = Asked {
        request,
        action: action.as_str(),
    };
    weigh(&asked, layers, &mut Silent)
}

/// Decides again, and says why.
#[must_use]
pub fn explain(request: &Request<'_>, layers: &Layers<'_>) -> Explanation {
    let action = LowerAction::new(request.action);
    let asked = Asked {
        request,
        action: action.as_str(),
    };
    let mut recorder = Recorder::new(request);
    let decision = weigh(&asked, layers, &mut recorder);
    recorder.finish(request, layers, decision)
}

/// A request made ready to compare.
pub(crate) struct Asked<'r> {
    pub(crate) request: &'r Request<'r>,
    /// In lower case.
    pub(crate) action: &'r str,
}

impl Asked<'_> {
    /// Whether caller and resource belong to one account, or it does not matter.
    fn same_account(&self) -> bool {
        if self.request.rule == Rule::CallerDecides {
            return true;
        }
        let caller = self.request.principal.account();
        self.request
            .resource_account
            .is_none_or(|account| caller == Some(account))
    }

    /// Whether caller and resource are in partitions that cannot reach each other.
    fn other_partition(&self) -> bool {
        let (caller, resource) = (&self.request.principal, self.request.resource);
        let Some(rest) = resource.strip_prefix("arn:") else {
            return false;
        };
        caller.partition().is_some_and(|partition| {
            let other = rest
                .strip_prefix(partition)
                .is_none_or(|rest| !rest.starts_with(':'));
            other && rest.contains(':')
        })
    }
}

/// What one layer says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    pub(crate) deny: Option<Place>,
    pub(crate) allow: Option<(Place, Grant)>,
}

/// What all layers say.
struct Hearing<'r, 't, T> {
    asked: &'r Asked<'r>,
    trace: &'t mut T,
    /// The first explicit deny, in the order of the layers.
    deny: Option<(Layer, Place)>,
}

impl<T: Trace> Hearing<'_, '_, T> {
    /// Asks every statement of a layer, or of one level of it.
    fn hear(&mut self, layer: Layer, level: usize, policies: &[Attached<'_>]) -> Heard {
        let mut heard = Heard::default();
        // An explicit deny ends the matter; only an explanation wants to hear the rest.
        if self.deny.is_some() && !T::WHOLE {
            return heard;
        }
        self.trace.layer(layer, level);
        for (policy, attached) in policies.iter().enumerate() {
            self.trace.policy(attached);
            let index = &attached.policy.index;
            for (start, all, about) in index.about(self.asked.action, self.asked.request.context) {
                for place in if T::WHOLE { all } else { about } {
                    let at = Place {
                        level,
                        policy,
                        statement: start + place,
                    };
                    self.ask(layer, attached, at, about.has(place), &mut heard);
                    if heard.deny.is_some() && !T::WHOLE {
                        return heard;
                    }
                }
            }
        }
        self.trace.heard(heard);
        heard
    }

    /// Asks one statement; `fits` tells whether it is about the action.
    fn ask(
        &mut self,
        layer: Layer,
        attached: &Attached<'_>,
        at: Place,
        fits: bool,
        heard: &mut Heard,
    ) {
        let Some(statement) = attached.policy.statements.get(at.statement) else {
            return;
        };
        let known = heard.allow.map(|(_, grant)| grant);
        if !T::WHOLE && statement.effect == Effect::Allow && known == Some(Grant::Direct) {
            return;
        }
        let grant = applies(statement, layer, self.asked, fits, self.trace);
        self.trace
            .statement(&attached.source, statement, at.statement, grant);
        match (statement.effect, grant) {
            (Effect::Allow, Some(grant)) if known < Some(grant) => heard.allow = Some((at, grant)),
            (Effect::Deny, Some(_)) => {
                heard.deny = heard.deny.or(Some(at));
                self.deny = self.deny.or(Some((layer, at)));
            }
            _ => {}
        }
    }

    /// Asks a layer that may be there or not: whether it stands in the way.
    fn permits(&mut self, layer: Layer, policy: Option<Attached<'_>>) -> bool {
        match policy {
            Some(policy) => self.hear(layer, 0, &[policy]).allow.is_some(),
            None => {
                self.hear(layer, 0, &[]);
                true
            }
        }
    }
}

/// How a statement applies to the request, if it does; `fits` tells whether it is about the action.
fn applies<T: Trace>(
    statement: &Statement,
    layer: Layer,
    asked: &Asked<'_>,
    fits: bool,
    trace: &mut T,
) -> Option<Grant> {
    let context = asked.request.context;
    let denies = statement.effect == Effect::Deny;

    trace.action(statement, asked, fits);
    let mut all = fits;

    let grant = named_by(statement, layer, &asked.request.principal);
    trace.principal(statement, asked, grant.is_some());
    if grant.is_none() && !T::WHOLE {
        return None;
    }

    if let Some(resource) = &statement.resource {
        let wanted = asked.request.resource;
        // A pattern whose variable has no value matches nothing, in NotResource too.
        let mut list = resource.list.iter();
        let named = wanted
            .as_bytes()
            .starts_with(statement.resource_start.as_bytes())
            && list.any(|resource| resource.pattern.matches(wanted, context));
        let fits = named != resource.negated;
        trace.resource(statement, asked, fits);
        if !fits && !T::WHOLE {
            return None;
        }
        all &= fits;
    }

    for test in &statement.conditions {
        let holds = test.holds(denies, context);
        trace.condition(test, asked, holds);
        if !holds && !T::WHOLE {
            return None;
        }
        all &= holds;
    }
    grant.filter(|_| all)
}

/// How a statement names the caller.
pub(crate) fn named_by(
    statement: &Statement,
    layer: Layer,
    caller: &Principal<'_>,
) -> Option<Grant> {
    match &statement.principal {
        Some(trustees) => {
            let grant = trustees.grant(caller);
            // A canonical user id says nothing until it is bound to an account: it may be anybody's.
            let unclear = statement.effect == Effect::Deny
                && caller.account().is_some()
                && trustees.has_stranger();
            grant.or_else(|| unclear.then_some(Grant::Direct))
        }
        // A resource-based policy must name somebody; one that does not can only deny.
        None => {
            (statement.effect == Effect::Deny || !names_principals(layer)).then_some(Grant::Direct)
        }
    }
}

fn names_principals(layer: Layer) -> bool {
    matches!(
        layer,
        Layer::Trust | Layer::Bucket | Layer::Resource | Layer::Acl | Layer::Rcp | Layer::Endpoint
    )
}

/// The layer a resource-based policy makes.
pub(crate) fn resource_layer(rule: Rule, layers: &Layers<'_>) -> Layer {
    match (layers.resource.map(|attached| attached.policy.kind()), rule) {
        (Some(PolicyKind::Trust), _) | (None, Rule::TrustMustAllow) => Layer::Trust,
        (Some(PolicyKind::Bucket), _) | (None, Rule::OwnerRootAlways) => Layer::Bucket,
        _ => Layer::Resource,
    }
}

/// Hears every layer, then concludes.
fn weigh<T: Trace>(asked: &Asked<'_>, layers: &Layers<'_>, trace: &mut T) -> Decision {
    let request = asked.request;
    let caller = request.principal;
    let is_root = matches!(caller, Principal::Root { .. });
    let owner_root = request.rule == Rule::OwnerRootAlways && is_root && asked.same_account();
    let mut hearing = Hearing {
        asked,
        trace,
        deny: None,
    };

    let mut scps_allow = true;
    if caller.account().is_some() {
        for (level, policies) in layers.scps.iter().enumerate() {
            scps_allow &= hearing.hear(Layer::Scp, level, policies).allow.is_some();
        }
    }
    // RCPFullAWSAccess cannot be detached, so resource control policies only ever deny.
    for (level, policies) in layers.rcps.iter().enumerate() {
        hearing.hear(Layer::Rcp, level, policies);
    }
    let resource_layer = resource_layer(request.rule, layers);
    let resource = match layers.resource {
        Some(policy) if !owner_root => hearing.hear(resource_layer, 0, &[policy]),
        _ => hearing.hear(resource_layer, 0, &[]),
    };
    let acl = match layers.acl {
        Some(acl) => hearing.hear(Layer::Acl, 0, &[acl]),
        None => Heard::default(),
    };
    let mut identity = Heard::default();
    let (mut boundary, mut session) = (true, true);
    if caller.has_identity_policies() {
        identity = hearing.hear(Layer::Identity, 0, layers.identity);
        boundary = hearing.permits(Layer::Boundary, layers.boundary);
        session = match (layers.session, caller) {
            (Some(policies), _) => hearing.hear(Layer::Session, 0, policies).allow.is_some(),
            (None, Principal::User { .. }) => true,
            // A GetFederationToken session has no permissions but those of its session policies.
            (None, caller) => {
                hearing.hear(Layer::Session, 0, &[]);
                !matches!(caller, Principal::FederatedUser { .. })
            }
        };
    } else if is_root && let Some(policies) = layers.session {
        // The task of a session that AssumeRoot began: it denies what is not part of it, and allows nothing.
        hearing.hear(Layer::Session, 0, policies);
    }
    let endpoint = layers.endpoint.is_none() || hearing.permits(Layer::Endpoint, layers.endpoint);

    if let Some((by, place)) = hearing.deny {
        return Decision {
            outcome: Outcome::ExplicitDeny,
            by,
            at: Some(place),
        };
    }
    if !scps_allow {
        return implicit(Layer::Scp);
    }
    if !endpoint {
        return implicit(Layer::Endpoint);
    }
    let policy = resource
        .allow
        .filter(|_| request.rule != Rule::PolicyOnlyDenies);
    let grant_of = |allow: Option<(Place, Grant)>| allow.map(|(_, grant)| grant);
    let (granting_layer, resource) = if grant_of(acl.allow) > grant_of(policy) {
        (Layer::Acl, acl.allow)
    } else {
        (resource_layer, policy)
    };
    // A role has no policy about being passed on, so the caller's own account speaks for it or nobody does.
    let passes = asked.action == "iam:passrole" && layers.resource.is_none();
    let sides = Sides {
        asked,
        silent: if passes {
            Layer::Identity
        } else {
            resource_layer
        },
        granting_layer,
        resource,
        identity,
        boundary,
        session,
    };
    if is_root {
        sides.root()
    } else if caller.has_identity_policies() {
        sides.account()
    } else {
        sides.resource_only()
    }
}

fn implicit(by: Layer) -> Decision {
    Decision {
        outcome: Outcome::ImplicitDeny,
        by,
        at: None,
    }
}

fn allowed(by: Layer, at: Option<(Place, Grant)>) -> Decision {
    Decision {
        outcome: Outcome::Allowed,
        by,
        at: at.map(|(place, _)| place),
    }
}

/// What the layers said, with no explicit deny among it.
struct Sides<'r> {
    asked: &'r Asked<'r>,
    /// The layer to name when the resource's side does not allow.
    silent: Layer,
    /// The layer that `resource` comes from: the resource's policy, or its access control list.
    granting_layer: Layer,
    resource: Option<(Place, Grant)>,
    identity: Heard,
    boundary: bool,
    session: bool,
}

impl Sides<'_> {
    /// Services, federated and unsigned callers: nothing but the resource's policy speaks for them.
    fn resource_only(&self) -> Decision {
        let nobody = matches!(self.asked.request.principal, Principal::Anonymous);
        match self.resource {
            // Not even a role that trusts everybody is for somebody who did not sign.
            _ if nobody && self.asked.request.rule == Rule::TrustMustAllow => {
                implicit(Layer::Trust)
            }
            Some(_) => allowed(self.granting_layer, self.resource),
            None => implicit(self.silent),
        }
    }

    /// The root user may do everything in its account, except take on a role or another account's root user.
    fn root(&self) -> Decision {
        match self.asked.request.rule {
            Rule::TrustMustAllow => implicit(Layer::Trust),
            Rule::CallerDecides => implicit(Layer::Identity),
            _ if self.asked.other_partition() => implicit(self.silent),
            _ if self.asked.same_account() => allowed(Layer::Root, None),
            _ => self.resource_only(),
        }
    }

    /// Users and sessions.
    fn account(&self) -> Decision {
        let grant = self.resource.map(|(_, grant)| grant);
        let trust = self.asked.request.rule == Rule::TrustMustAllow;
        if self.asked.other_partition() || (trust && grant.is_none()) {
            return implicit(self.silent);
        }
        if !self.asked.same_account() {
            // Both accounts must allow, whatever form the resource's policy uses.
            return match grant {
                Some(_) => self.limited(
                    self.identity
                        .allow
                        .map(|_| (self.granting_layer, self.resource)),
                ),
                None => implicit(self.silent),
            };
        }
        match grant {
            Some(Grant::Direct) => allowed(self.granting_layer, self.resource),
            // Naming the account adds nothing but, for a role, the right to rely on identity policies.
            Some(Grant::Account) if trust => self.limited(
                self.identity
                    .allow
                    .map(|_| (self.granting_layer, self.resource)),
            ),
            Some(Grant::Behind) => {
                let identity = self
                    .identity
                    .allow
                    .filter(|_| !trust)
                    .map(|_| (Layer::Identity, self.identity.allow));
                self.limited(identity.or(Some((self.granting_layer, self.resource))))
            }
            Some(Grant::Account) | None => self.limited(
                self.identity
                    .allow
                    .map(|_| (Layer::Identity, self.identity.allow)),
            ),
        }
    }

    /// A grant within boundary and session policy.
    fn limited(&self, grant: Option<(Layer, Option<(Place, Grant)>)>) -> Decision {
        match grant {
            None => implicit(Layer::Identity),
            Some(_) if !self.boundary => implicit(Layer::Boundary),
            Some(_) if !self.session => implicit(Layer::Session),
            Some((by, at)) => allowed(by, at),
        }
    }
}
