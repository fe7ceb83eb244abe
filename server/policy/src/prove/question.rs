//! What is to be proved.

use crate::action::ResourcePattern;
use crate::evaluate::resource_layer;
use crate::{Attached, Context, Layer, Layers, Principal, Rule, Statement};

/// One caller, one action or a pattern of actions, every resource.
///
/// Conditions are free: a request may carry whatever makes an Allow apply and a Deny not.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `prefix:Name` in any letter case; `*` and `?` stand for several actions.
    pub action: &'a str,
    /// The policies in force.
    pub layers: Layers<'a>,
    /// The special rule of the action, if it has one.
    pub rule: Rule,
    /// The account that owns the resources; `None` means the caller's own.
    pub resource_account: Option<&'a str>,
    /// Resources with a policy or an owner of their own; they go before `layers.resource`, `layers.acl` and
    /// `resource_account`.
    pub owned: &'a [Owned<'a>],
    /// Condition keys that have this very value in every request, such as `aws:PrincipalAccount`.
    pub known: &'a Context<'a>,
}

/// A resource with a policy or an owner of its own, such as a bucket.
#[derive(Debug, Clone, Copy)]
pub struct Owned<'a> {
    /// Patterns for the resource and what is in it: `arn:aws:s3:::b` and `arn:aws:s3:::b/*`.
    pub on: &'a [&'a str],
    /// Its policy.
    pub policy: Option<Attached<'a>>,
    /// What its access control list grants, written as a policy.
    pub acl: Option<Attached<'a>>,
    /// The account that owns it; `None` means the caller's own.
    pub account: Option<&'a str>,
    /// How its policy weighs in; `None` means as for the others.
    pub rule: Option<Rule>,
}

/// The policies and the owner for some of the resources; `None` means all that are left.
pub(super) struct Side<'a> {
    pub(super) on: Option<&'a [&'a str]>,
    pub(super) layers: Layers<'a>,
    pub(super) account: Option<&'a str>,
    pub(super) rule: Rule,
}

impl<'a> Question<'a> {
    /// The policies that are asked about this caller; what the others say neither helps nor hinders it.
    fn heard(&self) -> Layers<'a> {
        let (layers, caller) = (self.layers, self.principal);
        let own = caller.has_identity_policies();
        let bound = own || matches!(caller, Principal::Root { .. });
        Layers {
            scps: caller.account().map_or(&[], |_| layers.scps),
            identity: if own { layers.identity } else { &[] },
            boundary: layers.boundary.filter(|_| own),
            session: layers.session.filter(|_| bound),
            ..layers
        }
    }

    pub(super) fn sides(&self) -> impl Iterator<Item = Side<'a>> + use<'a> {
        let (layers, account, rule) = (self.heard(), self.resource_account, self.rule);
        let owned = self.owned.iter().map(move |owned| Side {
            on: Some(owned.on),
            layers: Layers {
                resource: owned.policy,
                acl: owned.acl,
                ..layers
            },
            account: owned.account,
            rule: owned.rule.unwrap_or(rule),
        });
        owned.chain([Side {
            on: None,
            layers,
            account,
            rule,
        }])
    }

    /// The policies and the owner of one resource.
    pub(super) fn side(&self, resource: &str) -> Side<'a> {
        let nothing = Context::new();
        let mine = |side: &Side<'_>| {
            side.on.is_none_or(|on| {
                on.iter()
                    .any(|text| plain(text).pattern.matches(resource, &nothing))
            })
        };
        // The last side takes every resource.
        self.sides().find(mine).unwrap_or(Side {
            on: None,
            layers: self.heard(),
            account: self.resource_account,
            rule: self.rule,
        })
    }
}

/// A pattern as users write it: wildcards, no variables.
pub(super) fn plain(text: &str) -> ResourcePattern {
    ResourcePattern::compile(text, 0..text.len(), false)
}

/// A statement and where it is spoken.
#[derive(Clone, Copy)]
pub(super) struct Spoken<'a> {
    pub(super) layer: Layer,
    pub(super) level: usize,
    pub(super) attached: Attached<'a>,
    pub(super) index: usize,
    pub(super) statement: &'a Statement,
}

impl Spoken<'_> {
    pub(super) fn label(&self) -> String {
        self.statement.label(self.attached.source.name, self.index)
    }
}

impl<'a> Side<'a> {
    /// Every statement of every layer.
    pub(super) fn statements(&self) -> Vec<Spoken<'a>> {
        let layers = &self.layers;
        let one = |policy: Option<Attached<'a>>| policy.into_iter().collect::<Vec<_>>();
        let mut groups: Vec<(Layer, usize, Vec<Attached<'a>>)> = vec![
            (Layer::Identity, 0, layers.identity.to_vec()),
            (resource_layer(self.rule, layers), 0, one(layers.resource)),
            (Layer::Acl, 0, one(layers.acl)),
            (Layer::Boundary, 0, one(layers.boundary)),
            (
                Layer::Session,
                0,
                layers.session.unwrap_or_default().to_vec(),
            ),
            (Layer::Endpoint, 0, one(layers.endpoint)),
        ];
        for (layer, levels) in [(Layer::Scp, layers.scps), (Layer::Rcp, layers.rcps)] {
            let levels = levels.iter().enumerate();
            groups.extend(levels.map(|(level, policies)| (layer, level, policies.to_vec())));
        }
        let mut spoken = Vec::new();
        for (layer, level, policies) in groups {
            for attached in policies {
                let statements = attached.policy.statements().iter().enumerate();
                spoken.extend(statements.map(|(index, statement)| Spoken {
                    layer,
                    level,
                    attached,
                    index,
                    statement,
                }));
            }
        }
        spoken
    }
}

impl Question<'_> {
    /// The caller without partition and account.
    pub(super) fn by(&self) -> String {
        let arn = match self.principal {
            Principal::RoleSession { role_arn, .. } => role_arn,
            _ => self.principal.display(),
        };
        arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned()
    }

    /// The known keys on their own.
    pub(super) fn known_owned(&self) -> Context<'static> {
        let mut context = Context::new();
        for entry in self.known.iter() {
            context.set(
                entry.key.clone().into_owned(),
                entry.value.clone().into_owned(),
                entry.origin,
            );
        }
        context
    }
}
