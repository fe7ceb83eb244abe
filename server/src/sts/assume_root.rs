//! The root user of a member account for one task, lent to the organization's management account.
//! Source: STS API Reference, "AssumeRoot"; IAM User Guide, "Perform a privileged task on a member account".

use super::{
    Session, SessionKind,
    credentials::{self, Credentials},
    names::{ARN, TOKEN_SIZES, denied, validation},
    role_session::Handed,
    session_policies::PolicyDescriptor,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    iam::{Holder, InlinePolicy},
    organizations::RootAccess,
    wire::{Constraints, Fault, Form, Operation, Rule, anything},
    world::{Text, World},
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

const TARGET: Rule = Rule {
    min: 12,
    max: 2048,
    form: Form::Pattern(""),
    fits: anything,
};

/// A quarter of an hour, which is the most.
const SECONDS: i64 = 900;

/// What a task is for: the root user's credentials, or a policy that locks everybody else out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Credentials,
    Lock,
}

/// The tasks there are. The policy of each is AWS's own.
const TASKS: &[(&str, About)] = &[
    ("IAMAuditRootUserCredentials", About::Credentials),
    ("IAMCreateRootUserPassword", About::Credentials),
    ("IAMDeleteRootUserCredentials", About::Credentials),
    ("S3UnlockBucketPolicy", About::Lock),
    ("SQSUnlockQueuePolicy", About::Lock),
];

impl About {
    /// The feature that a task needs. AWS names both as ways to root sessions and does not say which task needs which:
    /// that each needs its own is rolecall's choice.
    fn enabled(self, access: RootAccess) -> Result<(), Fault> {
        let (on, name) = match self {
            Self::Credentials => (access.credentials, "RootCredentialsManagement"),
            Self::Lock => (access.sessions, "RootSessions"),
        };
        if on {
            return Ok(());
        }
        Err(denied(format!(
            "The task needs {name}, which is not enabled in the organization."
        )))
    }
}

/// `AssumeRoot`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRoot {
    target_principal: String,
    task_policy_arn: PolicyDescriptor,
    duration_seconds: Option<i64>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `AssumeRoot`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumedRoot {
    credentials: Credentials,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

impl AssumeRoot {
    /// The account whose root user is meant, by its digits or by its root user's ARN.
    fn account(&self, partition: &str) -> Result<&str, Fault> {
        let target = &*self.target_principal;
        let of_arn = target
            .strip_prefix("arn:")
            .and_then(|rest| rest.strip_prefix(partition)?.strip_prefix(":iam::"))
            .and_then(|rest| rest.strip_suffix(":root"));
        let account = of_arn.unwrap_or(target);
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let fault = || validation(format!("{target} is invalid"));
        digits.then_some(account).ok_or_else(fault)
    }

    fn about(&self, partition: &str) -> Result<About, Fault> {
        let arn = &self.task_policy_arn.arn;
        let name = arn
            .strip_prefix("arn:")
            .and_then(|rest| rest.strip_prefix(partition))
            .and_then(|rest| rest.strip_prefix(":iam::aws:policy/root-task/"));
        let task = TASKS.iter().find(|(task, _)| name == Some(task));
        // The sentence is rolecall's choice.
        let fault = || validation(format!("{arn} is not a task policy for AssumeRoot"));
        task.map(|(_, about)| *about).ok_or_else(fault)
    }

    /// Whether the organization lends this root user to the caller's account. The sentences are rolecall's choice.
    fn lent(&self, world: &World, caller: &str, member: &str, about: About) -> Result<(), Fault> {
        let organization = world.law.organization.as_deref();
        let organization = organization.filter(|organization| organization.is_managed_by(caller));
        let organization = organization.ok_or_else(|| {
            denied("AssumeRoot is for the management account of an organization.")
        })?;
        about.enabled(organization.root_access)?;
        let is_member = organization.has(member) && !organization.is_managed_by(member);
        if is_member && world.law.account(member).is_some() {
            return Ok(());
        }
        Err(denied(format!(
            "{member} is not a member account of the organization."
        )))
    }

    /// The policy of the task, as it is now.
    fn task(&self, world: &World) -> Option<InlinePolicy> {
        let arn = &self.task_policy_arn.arn;
        let managed = world.law.managed_policy(arn)?;
        let version = managed
            .versions
            .iter()
            .find(|version| version.number == managed.default_version)?;
        Some(InlinePolicy {
            name: managed.arn.clone(),
            policy: version.policy.clone(),
        })
    }
}

impl Operation for AssumeRoot {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "AssumeRoot";
    type Output = AssumedRoot;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let task = Some(&*self.task_policy_arn.arn);
        Constraints::sts()
            .text("targetPrincipal", Some(&self.target_principal), &TARGET)
            .text("taskPolicyArn.arn", task, &ARN)
            .number("durationSeconds", self.duration_seconds, 0..=SECONDS)
            .number(
                "minimumSessionTokenSize",
                self.minimum_session_token_size,
                TOKEN_SIZES,
            )
            .done()?;
        let partition = facts.partition();
        let account = self.account(partition)?;
        self.about(partition)?;
        if facts.caller().is_root() {
            // That it is refused is AWS's, the sentence is rolecall's choice.
            return Err(denied("Cannot call AssumeRoot with root user credentials"));
        }
        let root = format!("arn:{partition}:iam::{account}:root");
        Ok(Demand::new("sts:AssumeRoot", root)
            .owned_by(Some(account.into()))
            .by(rolecall_policy::Rule::CallerDecides)
            .with("sts:TaskPolicyArn", task)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<AssumedRoot, Fault> {
        let caller = cx.caller();
        let member = Text::from(self.account(caller.partition)?);
        let about = self.about(caller.partition)?;
        let source_identity = Handed::by(caller).source_identity;
        cx.write(|world| {
            self.lent(world, cx.account(), &member, about)?;
            let task = self.task(world);
            let task =
                task.ok_or_else(|| Fault::Internal("find the policy of a task".to_owned()))?;
            let session = Session {
                kind: SessionKind::Root,
                token: cx.ids().session_token(self.minimum_session_token_size),
                issued: cx.now(),
                expires: credentials::end(cx.now(), self.duration_seconds.unwrap_or(SECONDS)),
                policies: Some(vec![task]),
                tags: Vec::new(),
                transitive_tags: Vec::new(),
                source_identity: source_identity.clone(),
                mfa: None,
                chained: false,
                federation: None,
                user_id: OnceLock::new(),
            };
            let credentials = credentials::issue(world, cx.ids(), member, Holder::Root, session);
            Ok(AssumedRoot {
                credentials,
                source_identity,
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ask(target: &str, task: &str) -> AssumeRoot {
        let text = format!(
            r#"{{"TargetPrincipal":"{target}","TaskPolicyArn":{{"arn":"arn:aws:iam::aws:policy/{task}"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_target_is_an_account_or_its_root_user() {
        for good in ["123456789012", "arn:aws:iam::123456789012:root"] {
            assert_eq!(ask(good, "").account("aws").unwrap(), "123456789012");
        }
        for bad in [
            "12345678901x",
            "arn:aws:iam::123456789012:user/root",
            "arn:aws-cn:iam::123456789012:root",
            "arn:aws:iam::123456789012:root:root",
        ] {
            assert!(ask(bad, "").account("aws").is_err(), "{bad}");
        }
    }

    #[test]
    fn every_task_has_a_policy_of_awss_that_allows_nothing() {
        let world = World::default();
        for (name, about) in TASKS {
            let ask = ask("123456789012", &format!("root-task/{name}"));
            assert_eq!(ask.about("aws").unwrap(), *about);
            let task = ask.task(&world).unwrap();
            assert!(!task.policy.text().contains("Allow"), "{name}");
        }
        for other in ["AdministratorAccess", "root-task/Other"] {
            assert!(ask("123456789012", other).about("aws").is_err(), "{other}");
        }
    }
}
