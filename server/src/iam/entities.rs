//! Who uses a managed policy.

use super::{
    account::{Account, Kind},
    asking,
    names::{self, PATH},
    page::{self, Page},
    policies::{USAGES, arn_bounds},
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation},
    world::Text,
};
use serde::{Deserialize, Serialize};

/// `ListEntitiesForPolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListEntitiesForPolicy {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// The answer to `ListEntitiesForPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entities {
    policy_groups: Members<PolicyGroup>,
    policy_users: Members<PolicyUser>,
    policy_roles: Members<PolicyRole>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyGroup {
    group_name: String,
    group_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyUser {
    user_name: String,
    user_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyRole {
    role_name: String,
    role_id: String,
}

impl Operation for ListEntitiesForPolicy {
    says!(ListEntitiesForPolicy -> Entities);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        const FILTERS: &[&str] = &[
            "User",
            "Role",
            "Group",
            "LocalManagedPolicy",
            "AWSManagedPolicy",
        ];
        let constraints = Constraints::iam()
            .one_of("entityFilter", self.entity_filter.as_deref(), FILTERS)
            .one_of(
                "policyUsageFilter",
                self.policy_usage_filter.as_deref(),
                USAGES,
            )
            .text("pathPrefix", self.path_prefix.as_deref(), &PATH);
        arn_bounds(
            names::paging(constraints, self.marker.as_deref(), self.max_items),
            &self.policy_arn,
        )?;
        Ok(asking::policy(facts, "iam:ListEntitiesForPolicy", &self.policy_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Entities, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            account.policy(&self.policy_arn)?;
            let usage = self.policy_usage_filter.as_deref();
            let mut entities: Vec<&(Kind, Text)> = Vec::new();
            if let Some(uses) = account.uses.get(&*self.policy_arn) {
                let wanted = |filter: &str| usage.is_none_or(|usage| usage == filter);
                entities.extend(uses.attached.keys().filter(|_| wanted("PermissionsPolicy")));
                entities.extend(uses.bounds.keys().filter(|_| wanted("PermissionsBoundary")));
            }
            entities.sort();
            entities.dedup();
            let entities = entities
                .into_iter()
                .filter(|(kind, name)| self.wants(account, *kind, name));
            let keyed =
                entities.map(|entity| (format!("{} {}", entity.0.title(), entity.1), entity));
            let rest = keyed.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
            let page = Page::of(rest, self.max_items);
            let of = |wanted: Kind| {
                page.items
                    .iter()
                    .filter(move |(kind, _)| *kind == wanted)
                    .map(|(_, name)| name)
            };
            Ok(Entities {
                policy_groups: of(Kind::Group)
                    .filter_map(|name| account.groups.get(name))
                    .map(|group| PolicyGroup {
                        group_name: group.name.to_string(),
                        group_id: group.id.to_string(),
                    })
                    .collect(),
                policy_users: of(Kind::User)
                    .filter_map(|name| account.users.get(name))
                    .map(|user| PolicyUser {
                        user_name: user.name.to_string(),
                        user_id: user.id.to_string(),
                    })
                    .collect(),
                policy_roles: of(Kind::Role)
                    .filter_map(|name| account.roles.get(name))
                    .map(|role| PolicyRole {
                        role_name: role.name.to_string(),
                        role_id: role.id.to_string(),
                    })
                    .collect(),
                is_truncated: page.next.is_some(),
                marker: page.next.clone(),
            })
        })
    }
}

impl ListEntitiesForPolicy {
    fn wants(&self, account: &Account, kind: Kind, name: &Text) -> bool {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let path = match kind {
            Kind::User => account.users.get(name).map(|user| &user.path),
            Kind::Role => account.roles.get(name).map(|role| &role.path),
            Kind::Group => account.groups.get(name).map(|group| &group.path),
            _ => None,
        };
        let kind_fits = self
            .entity_filter
            .as_deref()
            .is_none_or(|filter| filter == kind.title());
        kind_fits && path.is_some_and(|path| path.starts_with(prefix))
    }
}
