//! The evaluator.

use crate::{Decision, Layer, Layers, Outcome, Request};

/// Decides.
#[must_use]
pub fn decide(_request: &Request<'_>, _layers: &Layers<'_>) -> Decision {
    Decision {
        outcome: Outcome::ImplicitDeny,
        by: Layer::Identity,
        at: None,
    }
}

/// Decides again, and says why.
#[must_use]
pub fn explain(request: &Request<'_>, _layers: &Layers<'_>) -> crate::Explanation {
    crate::Explanation {
        asked: crate::Asked {
            principal: request.principal.display().to_owned(),
            principal_kind: request.principal.kind(),
            behind: None,
            account: request.principal.account().map(str::to_owned),
            action: request.action.to_owned(),
            resource: request.resource.to_owned(),
            resource_account: request.resource_account.map(str::to_owned),
            rule: request.rule,
        },
        context: Vec::new(),
        outcome: Outcome::ImplicitDeny,
        by: Layer::Identity,
        reason: String::new(),
        layers: Vec::new(),
    }
}
