//! Which condition keys policies ask for.

use super::{Access, parse, subject::Subject};
use crate::{
    gate::{Demand, Facts, Granted},
    iam::{asking, names::ARN, says},
    wire::{Constraints, Fault, Members, Operation},
};
use rolecall_policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};

/// The answer to `GetContextKeysFor…Policy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::iam) struct Keys {
    context_key_names: Members<String>,
}

impl Keys {
    fn of<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Self {
        let mut names: Vec<String> = Vec::new();
        for key in policies.into_iter().flat_map(Policy::context_keys) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                names.push(key.to_owned());
            }
        }
        Self {
            context_key_names: names.into_iter().collect(),
        }
    }
}

fn policies(texts: &[String]) -> Result<Vec<std::sync::Arc<Policy>>, Fault> {
    let kinds = [
        PolicyKind::Identity,
        PolicyKind::Resource,
        PolicyKind::Trust,
    ];
    let numbered = texts.iter().zip(1..);
    numbered
        .map(|(text, number)| parse(&format!("PolicyInputList.{number}"), text, &kinds))
        .collect()
}

/// `GetContextKeysForCustomPolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::iam) struct GetContextKeysForCustomPolicy {
    policy_input_list: Vec<String>,
}

impl Operation for GetContextKeysForCustomPolicy {
    says!(GetContextKeysForCustomPolicy -> Keys);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GetContextKeysForCustomPolicy", "*").into())
    }

    async fn run(self, _: Granted<'_, Self>) -> Result<Keys, Fault> {
        let policies = policies(&self.policy_input_list)?;
        Ok(Keys::of(policies.iter().map(|policy| &**policy)))
    }
}

/// `GetContextKeysForPrincipalPolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::iam) struct GetContextKeysForPrincipalPolicy {
    policy_source_arn: String,
    #[serde(default)]
    policy_input_list: Vec<String>,
}

impl Operation for GetContextKeysForPrincipalPolicy {
    says!(GetContextKeysForPrincipalPolicy -> Keys);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("policySourceArn", Some(&self.policy_source_arn), &ARN)
            .done()?;
        let action = "iam:GetContextKeysForPrincipalPolicy";
        Ok(asking::by_arn(facts, action, &self.policy_source_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Keys, Fault> {
        let given = policies(&self.policy_input_list)?;
        cx.read(|world| {
            let subject = Subject::named(world, &self.policy_source_arn)?;
            let own = subject.identity.iter().chain(&subject.boundary);
            let own = own.map(|document| &*document.policy);
            Ok(Keys::of(own.chain(given.iter().map(|policy| &**policy))))
        })
    }
}
