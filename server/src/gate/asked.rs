//! One question with everything that its answer depends on, kept so that it can be asked again.

use super::{Caller, Demand, Fact, Guard, Meta, Who};
use crate::world::Law;
use rolecall_policy::{
    Attached, Context, Decision, Explanation, Layers, Origin, Request, Room, Source, Value, advise,
    decide, findings::reached_by_rcps,
};
use smallvec::SmallVec;
use std::{borrow::Cow, cell::Cell, sync::Arc};

/// Policies of one layer, almost always few.
pub(super) type Policies<'a> = SmallVec<[Attached<'a>; 8]>;

/// Policies of an organization, level by level.
type Levels<'a> = Vec<Vec<Attached<'a>>>;

thread_local! {
    /// Where the condition keys of the last question stood, for those of the next.
    static ROOM: Cell<Room> = Cell::default();
}

/// A demand of a caller in a request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// When, from where, how.
    pub meta: Arc<Meta>,
    /// For what.
    pub demand: Demand,
}

impl Asked {
    /// Decides under `law`, without explaining.
    pub fn decide(&self, law: &Law) -> Decision {
        self.put(law, decide)
    }

    /// The same decision with its whole tree and, when it is a denial, with what would allow it.
    pub fn explain(&self, law: &Law) -> Explanation {
        self.put(law, advise)
    }

    /// About how many bytes of it a client sent.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let keys = self.demand.context.iter();
        let keys = keys.map(|(key, fact, _)| key.len() + fact.len());
        let given = self.meta.given.iter();
        let given = given.map(|(key, fact)| key.len() + fact.as_ref().map_or(0, Fact::len));
        let signed = self.meta.signed.as_ref();
        let hash = signed.map_or(0, |signed| text(&signed.content_sha256));
        let head = text(&self.meta.user_agent) + text(&self.meta.referer) + self.meta.region.len();
        head + hash + self.demand.resource.len() + keys.sum::<usize>() + given.sum::<usize>()
    }

    /// Puts the question to the engine.
    pub(super) fn put<T>(
        &self,
        law: &Law,
        answer: impl FnOnce(&Request<'_>, &Layers<'_>) -> T,
    ) -> T {
        let context = self.context(law, ROOM.take());
        let request = Request {
            principal: self.caller.principal(),
            action: &self.demand.action,
            resource: &self.demand.resource,
            resource_account: Some(self.owner()),
            rule: self.demand.rule,
            context: &context,
        };
        let (mut identity, mut session) = (Policies::new(), None);
        let boundary = law.identity_layers(&self.caller, &mut identity, &mut session);
        let (scps, rcps) = self.organization_policies(law);
        let (scps, rcps): (Vec<_>, Vec<_>) = (
            scps.iter().map(Vec::as_slice).collect(),
            rcps.iter().map(Vec::as_slice).collect(),
        );
        let layers = Layers {
            scps: &scps,
            rcps: &rcps,
            identity: &identity,
            boundary,
            session: session.as_deref(),
            resource: self.resource_policy(law),
            acl: self.acl(),
            ..Layers::default()
        };
        let answer = answer(&request, &layers);
        ROOM.set(context.into_room());
        answer
    }

    /// Service control policies of the caller's account and resource control policies of the resource's.
    /// Nothing is allocated where there is no organization.
    fn organization_policies<'a>(&self, law: &'a Law) -> (Levels<'a>, Levels<'a>) {
        let Some(organization) = &law.organization else {
            return (Vec::new(), Vec::new());
        };
        let linked = self
            .caller
            .principal_arn()
            .is_some_and(|arn| arn.contains(":role/aws-service-role/"));
        // Nothing of the organization bounds service-linked roles.
        // Source: AWS Organizations User Guide, "Tasks and entities not restricted by SCPs", and the same of RCPs.
        if linked {
            return (Vec::new(), Vec::new());
        }
        let service = self.demand.action.split(':').next().unwrap_or_default();
        let rcps = if reached_by_rcps(service) {
            organization.rcps(self.owner())
        } else {
            Vec::new()
        };
        (organization.scps(&self.caller.account), rcps)
    }

    fn owner(&self) -> &str {
        self.demand.owner.as_deref().unwrap_or(&self.caller.account)
    }

    fn resource_policy<'a>(&'a self, law: &'a Law) -> Option<Attached<'a>> {
        let (policy, name, holder) = match &self.demand.guard {
            Guard::None => return None,
            Guard::Bucket(bucket) => (law.bucket_policy(bucket)?, &**bucket, &**bucket),
            // Statements without a Sid are called `trust#0`, whatever the role is called.
            Guard::Role(account, role) => (law.trust_policy(account, role)?, "trust", &**role),
            Guard::Given(arn) => (law.given_policy(arn)?, &**arn, &**arn),
        };
        Some(Attached {
            source: Source {
                name,
                arn: None,
                holder: Some(holder),
            },
            policy,
        })
    }

    fn acl(&self) -> Option<Attached<'_>> {
        let policy = self.demand.acl.as_deref()?;
        let source = Source {
            name: "ACL",
            arn: None,
            holder: None,
        };
        Some(Attached { source, policy })
    }

    /// Every condition key that this request carries; `global_keys.md` has the table.
    /// Source: IAM User Guide, "AWS global condition context keys".
    fn context<'a>(&'a self, law: &'a Law, room: Room) -> Context<'a> {
        let (caller, meta) = (&*self.caller, &*self.meta);
        let mut context = Context::within(room);
        put_text(
            &mut context,
            "aws:PrincipalArn",
            caller.principal_arn(),
            Origin::Caller,
        );
        let federated = matches!(caller.who, Who::Federated(_));
        let account = match caller.who {
            Who::Anonymous => Some("anonymous"),
            Who::Service(_) | Who::Federated(_) => None,
            _ => Some(&*caller.account),
        };
        put_text(
            &mut context,
            "aws:PrincipalAccount",
            account,
            Origin::Caller,
        );
        put_text(
            &mut context,
            "aws:PrincipalType",
            // Before there is a session, AWS documents neither type nor id of whom a provider vouches for.
            Some(caller.principal_type()).filter(|_| !federated),
            Origin::Caller,
        );
        put_text(
            &mut context,
            "aws:userid",
            Some(&*caller.user_id).filter(|_| !federated),
            Origin::Caller,
        );
        put_text(
            &mut context,
            "aws:username",
            caller.user_name(),
            Origin::Caller,
        );
        for (key, value) in &caller.tags {
            context.set(
                key.as_str(),
                Value::Text(Cow::Borrowed(value)),
                Origin::Caller,
            );
        }
        if let Some(session) = caller.session() {
            session.facts(meta.at, &mut context);
        }
        match &caller.who {
            Who::Service(service) => {
                context.add(
                    "aws:PrincipalIsAWSService",
                    Value::Bool(true),
                    Origin::Service,
                );
                put_text(
                    &mut context,
                    "aws:PrincipalServiceName",
                    Some(&service.name),
                    Origin::Service,
                );
                context.add(
                    "aws:PrincipalServiceNamesList",
                    Value::List(vec![Cow::Borrowed(&*service.name)]),
                    Origin::Service,
                );
                put_text(
                    &mut context,
                    "aws:SourceAccount",
                    service.source_account.as_deref(),
                    Origin::Service,
                );
                put_text(
                    &mut context,
                    "aws:SourceArn",
                    service.source_arn.as_deref(),
                    Origin::Service,
                );
            }
            Who::Anonymous | Who::Federated(_) => {}
            _ => context.add(
                "aws:PrincipalIsAWSService",
                Value::Bool(false),
                Origin::Caller,
            ),
        }
        context.add("aws:ViaAWSService", Value::Bool(false), Origin::Connection);
        let seconds = meta.at.as_second();
        let now = jiff::Timestamp::from_second(seconds).unwrap_or(meta.at);
        context.add("aws:CurrentTime", Value::Time(now), Origin::Clock);
        context.add(
            "aws:EpochTime",
            Value::Number(seconds as f64),
            Origin::Clock,
        );
        context.add(
            "aws:SecureTransport",
            Value::Bool(meta.secure),
            meta.secure_origin(),
        );
        put_text(
            &mut context,
            "aws:RequestedRegion",
            Some(&meta.region),
            Origin::Connection,
        );
        if let Some(ip) = meta.source_ip {
            context.add("aws:SourceIp", Value::Ip(ip), Origin::Connection);
        }
        put_text(
            &mut context,
            "aws:UserAgent",
            meta.user_agent.as_deref(),
            Origin::Request,
        );
        put_text(
            &mut context,
            "aws:Referer",
            meta.referer.as_deref(),
            Origin::Request,
        );
        if !self.owner().is_empty() {
            put_text(
                &mut context,
                "aws:ResourceAccount",
                Some(self.owner()),
                Origin::Resource,
            );
        }
        if let Some(organization) = &law.organization {
            for (id_key, paths_key, account, origin) in [
                (
                    "aws:PrincipalOrgID",
                    "aws:PrincipalOrgPaths",
                    &*caller.account,
                    Origin::Caller,
                ),
                (
                    "aws:ResourceOrgID",
                    "aws:ResourceOrgPaths",
                    self.owner(),
                    Origin::Resource,
                ),
                (
                    "aws:SourceOrgID",
                    "aws:SourceOrgPaths",
                    source_account(caller),
                    Origin::Service,
                ),
            ] {
                if let Some(path) = organization.path(account) {
                    put_text(&mut context, id_key, Some(&organization.id), origin);
                    context.add(paths_key, Value::List(vec![Cow::Borrowed(path)]), origin);
                }
            }
        }
        put_text(
            &mut context,
            "s3:ResourceAccount",
            self.demand.bucket_owner.as_deref(),
            Origin::Resource,
        );
        if self.demand.with_signature {
            meta.signature(&mut context);
        }
        for (key, fact, origin) in &self.demand.context {
            context.set(key.as_ref(), fact.value(), *origin);
        }
        for (key, fact) in &meta.given {
            match fact {
                Some(fact) => context.set(key.as_str(), fact.value(), Origin::Given),
                None => context.unset(key),
            }
        }
        context
    }
}

/// The account that a service acts for; empty for everybody else.
fn source_account(caller: &Caller) -> &str {
    match &caller.who {
        Who::Service(service) => service.source_account.as_deref().unwrap_or_default(),
        _ => "",
    }
}

fn put_text<'a>(
    context: &mut Context<'a>,
    key: &'static str,
    value: Option<&'a str>,
    origin: Origin,
) {
    if let Some(value) = value {
        context.add(key, Value::Text(Cow::Borrowed(value)), origin);
    }
}

impl Fact {
    /// The fact as the engine reads it.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::List(texts) => Value::List(
                texts
                    .iter()
                    .map(|text| Cow::Borrowed(text.as_str()))
                    .collect(),
            ),
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Time(at) => Value::Time(*at),
        }
    }
}
