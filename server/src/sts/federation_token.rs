//! Temporary credentials for somebody whom a user vouches for.

use super::{
    Session, SessionKind,
    credentials::{self, Credentials},
    names::{self, FEDERATED_NAME, TOKEN_SIZES},
    session_policies::{self, PolicyDescriptor},
    session_token::{DURATIONS, seconds},
};
use crate::{
    gate::{Access, Demand, Facts, Granted, Who},
    iam::{Holder, Tag, tag_bounds, tag_pairs},
    wire::{Constraints, Fault, Operation},
};
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// `GetFederationToken`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetFederationToken {
    name: String,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    duration_seconds: Option<i64>,
    #[serde(default)]
    tags: Vec<Tag>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `GetFederationToken`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FederationToken {
    credentials: Credentials,
    federated_user: FederatedUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FederatedUser {
    federated_user_id: String,
    arn: String,
}

fn arn(partition: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:sts::{account}:federated-user/{name}")
}

impl Operation for GetFederationToken {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetFederationToken";
    type Output = FederationToken;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::sts()
            .text("name", Some(&self.name), &FEDERATED_NAME)
            .number("durationSeconds", self.duration_seconds, DURATIONS)
            .number(
                "minimumSessionTokenSize",
                self.minimum_session_token_size,
                TOKEN_SIZES,
            );
        let constraints =
            session_policies::bounds(constraints, self.policy.as_deref(), &self.policy_arns);
        tag_bounds(constraints, &self.tags).done()?;
        names::distinct(&self.tags)?;
        let ask = |action| {
            let keys: Vec<String> = self.tags.iter().map(|tag| tag.key.clone()).collect();
            let tags = self.tags.iter().map(|tag| (&tag.key, &tag.value));
            Demand::new(action, arn(facts.partition(), facts.account(), &self.name))
                .with_tags(Origin::Request, "aws:RequestTag/", tags)
                .with("aws:TagKeys", Some(keys).filter(|keys| !keys.is_empty()))
        };
        let access = Access::from(ask("sts:GetFederationToken"));
        Ok(if self.tags.is_empty() {
            access
        } else {
            access.and(ask("sts:TagSession"))
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<FederationToken, Fault> {
        let caller = cx.caller();
        let user_id = match &caller.who {
            Who::Root => None,
            Who::User { id, .. } => Some(id.clone()),
            Who::Session(_) | Who::Service(_) | Who::Federated(_) | Who::Anonymous => {
                return Err(names::denied(
                    "Cannot call GetFederationToken with session credentials",
                ));
            }
        };
        let arn = arn(caller.partition, cx.account(), &self.name);
        let tags = tag_pairs(&self.tags);
        cx.write(|world| {
            let (policies, packed_policy_size) = session_policies::read(
                &world.law,
                cx.account(),
                self.policy.as_deref(),
                &self.policy_arns,
                &tags,
            )?;
            let session = Session {
                kind: SessionKind::Federated {
                    arn: arn.as_str().into(),
                    name: self.name.as_str().into(),
                    user_id,
                    user_arn: caller.arn.clone(),
                },
                token: cx.ids().session_token(self.minimum_session_token_size),
                issued: cx.now(),
                expires: credentials::end(cx.now(), seconds(caller, self.duration_seconds)),
                policies,
                tags,
                transitive_tags: Vec::new(),
                source_identity: None,
                mfa: None,
                chained: false,
                federation: None,
                user_id: OnceLock::new(),
            };
            let federated_user = FederatedUser {
                federated_user_id: format!("{}:{}", cx.account(), self.name),
                arn,
            };
            let credentials = credentials::issue(
                world,
                cx.ids(),
                cx.account().clone(),
                Holder::Session,
                session,
            );
            Ok(FederationToken {
                credentials,
                federated_user,
                packed_policy_size,
            })
        })
    }
}
