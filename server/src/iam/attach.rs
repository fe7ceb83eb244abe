//! Attaching managed policies to users, groups and roles.

use super::{
    account::{Account, Kind},
    asking, faults,
    names::{self, LONG_NAME, POLICY_PATH, SHORT_NAME},
    page::{self, Page, listing},
    policies::arn_bounds,
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
    world::{Text, World},
};
use serde::{Deserialize, Serialize};

/// Managed policies of one user, group or role.
const MOST: usize = 10;

/// An attached policy as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttachedShape {
    policy_name: String,
    policy_arn: String,
}

impl AttachedShape {
    /// The policy with this ARN; a policy that is attached cannot be deleted, so it is there.
    pub(super) fn of(account: &Account, arn: &Text) -> Self {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let policy_name = account
            .policy(arn)
            .map_or_else(|_| name.to_owned(), |policy| policy.name.to_string());
        Self {
            policy_name,
            policy_arn: arn.to_string(),
        }
    }
}

listing! {
    /// The answer to `ListAttached…Policies`.
    AttachedList { attached_policies: AttachedShape }
}

fn attach(account: &mut Account, kind: Kind, name: &str, arn: &str) -> Result<(), Fault> {
    let arn = match account.policy(arn) {
        Ok(policy) => policy.arn.clone(),
        Err(_) => {
            account.attachments(kind, name)?;
            return Err(faults::not_attachable(arn));
        }
    };
    let managed = &mut account.attachments_mut(kind, name)?.managed;
    if managed.contains(&arn) {
        return Ok(());
    }
    if managed.len() >= MOST {
        return Err(faults::quota(&format!("PoliciesPer{}", kind.title()), MOST));
    }
    managed.push(arn.clone());
    account.change_uses(&arn, |uses| uses.attached.insert((kind, name.into()), ()));
    Ok(())
}

fn detach(account: &mut Account, kind: Kind, name: &str, arn: &str) -> Result<(), Fault> {
    let managed = &mut account.attachments_mut(kind, name)?.managed;
    let place = managed.iter().position(|attached| **attached == *arn);
    let arn = place
        .map(|place| managed.remove(place))
        .ok_or_else(|| faults::no_policy(arn))?;
    account.change_uses(&arn, |uses| {
        uses.attached.remove(&(kind, name.into()));
    });
    Ok(())
}

fn list(
    world: &World,
    account: &str,
    (kind, name): (Kind, &str),
    prefix: Option<&str>,
    (after, max): (Option<String>, Option<i64>),
) -> Result<AttachedList, Fault> {
    let account = world.iam(account)?;
    let prefix = prefix.unwrap_or("/");
    let mut arns: Vec<&Text> = account.attachments(kind, name)?.managed.iter().collect();
    arns.sort();
    let path = |arn: &Text| {
        account
            .policy(arn)
            .is_ok_and(|policy| policy.path.starts_with(prefix))
    };
    let rest = arns
        .into_iter()
        .filter(|arn| after.as_deref().is_none_or(|after| ***arn > *after) && path(arn));
    Ok(Page::of(rest.map(|arn| (arn, AttachedShape::of(account, arn))), max).into())
}

/// The three operations of one kind of holder, which is named by `$field`.
macro_rules! attachment_operations {
    ($kind:ident $field:ident $member:literal $rule:ident: $Attach:ident $Detach:ident $List:ident) => {
        attachment_operations!(@change $kind $field $member $rule $Attach attach);
        attachment_operations!(@change $kind $field $member $rule $Detach detach);

        #[doc = concat!("`", stringify!($List), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $List {
            $field: String,
            path_prefix: Option<String>,
            marker: Option<String>,
            max_items: Option<i64>,
        }

        impl Operation for $List {
            says!($List -> AttachedList);

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                let constraints = Constraints::iam()
                    .text($member, Some(&self.$field), &$rule)
                    .text("pathPrefix", self.path_prefix.as_deref(), &POLICY_PATH);
                names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($List)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<AttachedList, Fault> {
                let page = (page::start(self.marker.as_deref())?, self.max_items);
                let holder = (Kind::$kind, &*self.$field);
                cx.read(|world| list(world, cx.account(), holder, self.path_prefix.as_deref(), page))
            }
        }
    };
    (@change $kind:ident $field:ident $member:literal $rule:ident $Operation:ident $change:ident) => {
        #[doc = concat!("`", stringify!($Operation), "`: the holder is what is authorized, the policy a condition key.")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Operation {
            $field: String,
            policy_arn: String,
        }

        impl Operation for $Operation {
            says!($Operation -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                arn_bounds(Constraints::iam().text($member, Some(&self.$field), &$rule), &self.policy_arn)?;
                let demand = asking::existing(facts, concat!("iam:", stringify!($Operation)), Kind::$kind, &self.$field);
                Ok(demand.with("iam:PolicyARN", Some(&*self.policy_arn)).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| $change(world.iam_mut(cx.account())?, Kind::$kind, &self.$field, &self.policy_arn))
            }
        }
    };
}

attachment_operations!(User user_name "userName" SHORT_NAME: AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies);
attachment_operations!(Group group_name "groupName" LONG_NAME: AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies);
attachment_operations!(Role role_name "roleName" SHORT_NAME: AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies);
