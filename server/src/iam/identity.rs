//! The policies that hang on a caller: its own, its groups', its boundary and its session's.

use super::{Account, Attachments, ManagedPolicy, aws_managed};
use crate::{
    gate::{Caller, Who},
    sts::{Session, SessionKind},
    world::Law,
};
use rolecall_policy::{Attached, Source};
use smallvec::SmallVec;

type Policies<'a> = SmallVec<[Attached<'a>; 8]>;

impl Law {
    /// Collects the identity-based policies and the session policies of `caller`; returns its boundary.
    ///
    /// A user or role that is gone has no policies left: its sessions are denied.
    pub(crate) fn identity_layers<'a>(
        &'a self,
        caller: &'a Caller,
        identity: &mut Policies<'a>,
        session: &mut Option<Policies<'a>>,
    ) -> Option<Attached<'a>> {
        let account = self.account(&caller.account)?;
        match &caller.who {
            Who::User { id, .. } => self.of_user(account, id, identity),
            Who::Session(of) => {
                *session = of
                    .policies
                    .as_ref()
                    .map(|policies| session_policies(policies, of));
                match &of.kind {
                    SessionKind::Role {
                        role_name, role_id, ..
                    } => {
                        let role = account
                            .roles
                            .get(role_name)
                            .filter(|role| role.id == *role_id)?;
                        self.attached(account, &role.policies, &role.name, identity);
                        self.boundary(role.boundary.as_deref(), &role.name)
                    }
                    // The root user has no policies; what it hands on is everything, within the session policies.
                    SessionKind::Federated { user_id: None, .. } => {
                        let root = aws_managed::everything(account.partition);
                        identity.extend(root.and_then(|policy| managed(policy, "root")));
                        None
                    }
                    SessionKind::Federated {
                        user_id: Some(id), ..
                    } => self.of_user(account, id, identity),
                    SessionKind::Same | SessionKind::Root => None,
                }
            }
            // What AssumeRoot began is within its task.
            Who::Root => {
                let of = caller.session();
                *session = of.and_then(|of| Some(session_policies(of.policies.as_ref()?, of)));
                None
            }
            Who::Service(_) | Who::Federated(_) | Who::Anonymous => None,
        }
    }

    /// A user's own policies and its groups'; returns its boundary.
    fn of_user<'a>(
        &'a self,
        account: &'a Account,
        id: &str,
        identity: &mut Policies<'a>,
    ) -> Option<Attached<'a>> {
        let user = account.user_by_id(id)?;
        self.attached(account, &user.policies, &user.name, identity);
        for group in user
            .groups
            .iter()
            .filter_map(|group| account.groups.get(group))
        {
            self.attached(account, &group.policies, &group.name, identity);
        }
        self.boundary(user.boundary.as_deref(), &user.name)
    }

    /// The policies of a user, group or role of `account`.
    fn attached<'a>(
        &'a self,
        account: &'a Account,
        policies: &'a Attachments,
        holder: &'a str,
        out: &mut Policies<'a>,
    ) {
        for inline in &policies.inline {
            out.push(Attached {
                source: Source {
                    name: &inline.name,
                    arn: None,
                    holder: Some(holder),
                },
                policy: &inline.policy,
            });
        }
        for arn in &policies.managed {
            // What is the account's own stands there; only what is AWS's has to be looked for.
            let own = account.policies.get(arn);
            let found = own.or_else(|| self.managed_policy(arn));
            out.extend(found.and_then(|policy| managed(policy, holder)));
        }
    }

    fn boundary<'a>(&'a self, arn: Option<&str>, holder: &'a str) -> Option<Attached<'a>> {
        managed(self.managed_policy(arn?)?, holder)
    }
}

fn managed<'a>(policy: &'a ManagedPolicy, holder: &'a str) -> Option<Attached<'a>> {
    Some(Attached {
        source: Source {
            name: &policy.name,
            arn: Some(&policy.arn),
            holder: Some(holder),
        },
        policy: policy.default_policy()?,
    })
}

fn session_policies<'a>(policies: &'a [super::InlinePolicy], session: &'a Session) -> Policies<'a> {
    policies
        .iter()
        .map(|inline| Attached {
            source: Source {
                name: &inline.name,
                arn: None,
                holder: Some(session.name()),
            },
            policy: &inline.policy,
        })
        .collect()
}
