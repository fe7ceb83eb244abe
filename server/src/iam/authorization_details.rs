//! `GetAccountAuthorizationDetails`: who may do what in the account, all of it.

use super::{
    Attachments, Group, InstanceProfile, ManagedPolicy, Role, User,
    account::{Account, Kind},
    attach::AttachedShape,
    aws_managed,
    boundaries::BoundaryShape,
    documents,
    instance_profiles::ProfileShape,
    names,
    page::{self, Page},
    policies::PolicyShape,
    roles::LastUsedShape,
    says,
    tags::Tag,
    versions::VersionShape,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::Law,
};
use serde::{Deserialize, Serialize};

const FILTERS: &[&str] = &[
    "User",
    "Role",
    "Group",
    "LocalManagedPolicy",
    "AWSManagedPolicy",
];

/// `GetAccountAuthorizationDetails`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAccountAuthorizationDetails {
    #[serde(default)]
    filter: Vec<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// The answer to `GetAccountAuthorizationDetails`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details {
    user_detail_list: Members<UserDetail>,
    group_detail_list: Members<GroupDetail>,
    role_detail_list: Members<RoleDetail>,
    policies: Members<PolicyDetail>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Inline {
    policy_name: String,
    policy_document: String,
}

fn inline(policies: &Attachments) -> Members<Inline> {
    let shape = |inline: &super::InlinePolicy| Inline {
        policy_name: inline.name.to_string(),
        policy_document: documents::encoded(inline.policy.text()),
    };
    policies.inline.iter().map(shape).collect()
}

fn managed(account: &Account, policies: &Attachments) -> Members<AttachedShape> {
    let shape = |arn| AttachedShape::of(account, arn);
    policies.managed.iter().map(shape).collect()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UserDetail {
    path: String,
    user_name: String,
    user_id: String,
    arn: String,
    create_date: String,
    user_policy_list: Members<Inline>,
    group_list: Members<String>,
    attached_managed_policies: Members<AttachedShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    tags: Members<Tag>,
}

impl UserDetail {
    fn new(account: &Account, user: &User) -> Self {
        Self {
            path: user.path.clone(),
            user_name: user.name.to_string(),
            user_id: user.id.to_string(),
            arn: user.arn.clone(),
            create_date: iam_time(user.created),
            user_policy_list: inline(&user.policies),
            group_list: user.groups.iter().map(ToString::to_string).collect(),
            attached_managed_policies: managed(account, &user.policies),
            permissions_boundary: user.boundary.as_ref().map(BoundaryShape::from),
            tags: user.tags.iter().map(Tag::from).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupDetail {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: String,
    group_policy_list: Members<Inline>,
    attached_managed_policies: Members<AttachedShape>,
}

impl GroupDetail {
    fn new(account: &Account, group: &Group) -> Self {
        Self {
            path: group.path.clone(),
            group_name: group.name.to_string(),
            group_id: group.id.to_string(),
            arn: group.arn.clone(),
            create_date: iam_time(group.created),
            group_policy_list: inline(&group.policies),
            attached_managed_policies: managed(account, &group.policies),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoleDetail {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: String,
    assume_role_policy_document: String,
    instance_profile_list: Members<ProfileShape>,
    role_policy_list: Members<Inline>,
    attached_managed_policies: Members<AttachedShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    tags: Members<Tag>,
    role_last_used: LastUsedShape,
}

impl RoleDetail {
    fn new(law: &Law, account: &Account, role: &Role) -> Self {
        let trust = role.trust.shown(law, account.partition);
        let profiles = role
            .profiles
            .iter()
            .filter_map(|it| account.profiles.get(it));
        let profile = |it: &InstanceProfile| ProfileShape::short(law, account, it);
        Self {
            path: role.path.clone(),
            role_name: role.name.to_string(),
            role_id: role.id.to_string(),
            arn: role.arn.clone(),
            create_date: iam_time(role.created),
            assume_role_policy_document: documents::encoded(&trust),
            instance_profile_list: profiles.map(|it| profile(it)).collect(),
            role_policy_list: inline(&role.policies),
            attached_managed_policies: managed(account, &role.policies),
            permissions_boundary: role.boundary.as_ref().map(BoundaryShape::from),
            tags: role.tags.iter().map(Tag::from).collect(),
            role_last_used: LastUsedShape::of(role),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDetail {
    #[serde(flatten)]
    policy: PolicyShape,
    policy_version_list: Members<VersionShape>,
}

impl PolicyDetail {
    fn new(account: &Account, policy: &ManagedPolicy) -> Self {
        let versions = policy.versions.iter().rev();
        Self {
            policy: PolicyShape::short(policy, account.uses.get(&policy.arn)),
            policy_version_list: versions.map(|it| VersionShape::full(policy, it)).collect(),
        }
    }
}

/// One thing of the list, in the order of the pages.
enum Item<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a ManagedPolicy),
}

impl Operation for GetAccountAuthorizationDetails {
    says!(GetAccountAuthorizationDetails -> Details);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        let mut constraints = Constraints::iam();
        for (filter, number) in self.filter.iter().zip(1..) {
            let member = format!("filter.{number}.member");
            constraints = constraints.one_of(&member, Some(filter), FILTERS);
        }
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(Demand::new("iam:GetAccountAuthorizationDetails", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Details, Fault> {
        let start = page::start(self.marker.as_deref())?;
        let (kind, name) = start
            .as_deref()
            .and_then(|start| start.split_once(' '))
            .unwrap_or_default();
        let wanted =
            |filter: &str| self.filter.is_empty() || self.filter.iter().any(|it| it == filter);
        // A page begins after the marker: later kinds from their start, earlier ones not at all.
        let after = |own: Kind| match kind.cmp(own.title()) {
            std::cmp::Ordering::Less => Some(None),
            std::cmp::Ordering::Equal => Some(Some(name)),
            std::cmp::Ordering::Greater => None,
        };
        let of = |own: Kind, filter: &str| after(own).filter(|_| wanted(filter));
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let groups = of(Kind::Group, "Group").into_iter();
            let groups = groups.flat_map(|after| account.groups.after(after));
            let local = of(Kind::Policy, "LocalManagedPolicy").into_iter();
            let local = local.flat_map(|after| account.policies.after(after));
            let of_aws = of(Kind::Policy, "AWSManagedPolicy").into_iter();
            // Of AWS's policies only those that somebody here uses.
            let of_aws = of_aws.flat_map(|after| aws_managed::after(account.partition, after));
            let of_aws = of_aws.filter(|(arn, _)| account.uses.contains_key(&***arn));
            let roles = of(Kind::Role, "Role").into_iter();
            let roles = roles.flat_map(|after| account.roles.after(after));
            let users = of(Kind::User, "User").into_iter();
            let users = users.flat_map(|after| account.users.after(after));
            let key = |kind: Kind, name: &str| format!("{} {name}", kind.title());
            let items = groups
                .map(|(name, it)| (key(Kind::Group, name), Item::Group(it)))
                .chain(local.map(|(arn, it)| (key(Kind::Policy, arn), Item::Policy(it))))
                .chain(of_aws.map(|(arn, it)| (key(Kind::Policy, arn), Item::Policy(it))))
                .chain(roles.map(|(name, it)| (key(Kind::Role, name), Item::Role(it))))
                .chain(users.map(|(name, it)| (key(Kind::User, name), Item::User(it))));
            let page = Page::of(items, self.max_items);
            let (mut users, mut groups) = (Vec::new(), Vec::new());
            let (mut roles, mut policies) = (Vec::new(), Vec::new());
            for item in page.items {
                match item {
                    Item::User(it) => users.push(UserDetail::new(account, it)),
                    Item::Group(it) => groups.push(GroupDetail::new(account, it)),
                    Item::Role(it) => roles.push(RoleDetail::new(&world.law, account, it)),
                    Item::Policy(it) => policies.push(PolicyDetail::new(account, it)),
                }
            }
            Ok(Details {
                user_detail_list: users.into_iter().collect(),
                group_detail_list: groups.into_iter().collect(),
                role_detail_list: roles.into_iter().collect(),
                policies: policies.into_iter().collect(),
                is_truncated: page.next.is_some(),
                marker: page.next,
            })
        })
    }
}
