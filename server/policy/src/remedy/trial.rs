//! Makes a change and lends the world with it.

use super::Change;
use super::candidate::Candidate;
use crate::{Attached, Layer, Layers, Origin, Policy, PolicyKind, Request, Source, Value};

impl Candidate {
    /// Whether the change does what is hoped for; one that cannot be made does not.
    pub(super) fn tried(
        &self,
        request: &Request<'_>,
        layers: &Layers<'_>,
        mut good: impl FnMut(&Request<'_>, &Layers<'_>) -> bool,
    ) -> bool {
        match &self.change {
            Change::Carry { key, value } => {
                let mut context = request.context.clone();
                context.unset(key);
                context.set(key.as_str(), Value::from(value.as_str()), Origin::Given);
                let request = Request {
                    context: &context,
                    ..*request
                };
                good(&request, layers)
            }
            Change::Attach { document } => {
                Policy::parse(document, PolicyKind::Identity).is_ok_and(|policy| {
                    let source = Source {
                        name: "new",
                        arn: None,
                        holder: None,
                    };
                    let identity = [Attached {
                        source,
                        policy: &policy,
                    }];
                    good(
                        request,
                        &Layers {
                            identity: &identity,
                            ..*layers
                        },
                    )
                })
            }
            Change::Edit(edit) => {
                let (level, place) = self.at;
                let Some(old) = layers.policy(edit.layer, level, place) else {
                    return false;
                };
                let policy = edit
                    .apply(&self.text)
                    .and_then(|text| Policy::parse(&text, old.policy.kind()).ok());
                policy.is_some_and(|policy| {
                    let bound = |name: &str| old.policy.principal_id(name);
                    let policy = policy.with_principal_ids(bound).with_canonical_users(bound);
                    swapped(layers, edit.layer, (level, place), &policy, |layers| {
                        good(request, layers)
                    })
                })
            }
        }
    }
}

/// The layers with another policy in one place.
fn swapped<'p>(
    layers: &Layers<'p>,
    layer: Layer,
    (level, place): (usize, usize),
    policy: &'p Policy,
    run: impl FnOnce(&Layers<'_>) -> bool,
) -> bool {
    let swap = |list: &[Attached<'p>]| {
        let mut list = list.to_vec();
        if let Some(attached) = list.get_mut(place) {
            attached.policy = policy;
        }
        list
    };
    let only =
        |attached: Option<Attached<'p>>| attached.map(|attached| Attached { policy, ..attached });
    match layer {
        Layer::Identity => run(&Layers {
            identity: &swap(layers.identity),
            ..*layers
        }),
        Layer::Session => run(&Layers {
            session: Some(&swap(layers.session.unwrap_or_default())),
            ..*layers
        }),
        Layer::Boundary => run(&Layers {
            boundary: only(layers.boundary),
            ..*layers
        }),
        Layer::Endpoint => run(&Layers {
            endpoint: only(layers.endpoint),
            ..*layers
        }),
        Layer::Trust | Layer::Bucket | Layer::Resource => run(&Layers {
            resource: only(layers.resource),
            ..*layers
        }),
        Layer::Scp => {
            let levels = layers.scps.iter().enumerate();
            let levels: Vec<Vec<_>> = levels
                .map(|(at, list)| {
                    if at == level {
                        swap(list)
                    } else {
                        list.to_vec()
                    }
                })
                .collect();
            let levels: Vec<&[_]> = levels.iter().map(Vec::as_slice).collect();
            run(&Layers {
                scps: &levels,
                ..*layers
            })
        }
        // Nothing there ever allows.
        Layer::Rcp | Layer::Root => false,
    }
}
