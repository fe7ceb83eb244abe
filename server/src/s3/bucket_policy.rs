//! The policy of a bucket.

use super::{
    Bucket, Headers,
    actions::reach,
    asking::{Asking, existing, never_locked_out},
    faults,
    owner::Owner,
    public,
    setting::change_bucket,
};
use crate::{
    gate::{Access, Facts, Granted},
    iam,
    wire::{Body, Fault, Operation, Payload, XmlReply},
    world::{Law, Text},
};
use bytes::Bytes;
use rolecall_policy::{Policy, PolicyKind};
use serde::Deserialize;
use std::sync::Arc;

/// The largest policy. Source: S3 User Guide, "Bucket policies".
const LARGEST: usize = 20 * 1024;

/// `GetBucketPolicy`
#[derive(Debug, Deserialize)]
pub(super) struct GetBucketPolicy {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

/// `PutBucketPolicy`
#[derive(Debug, Deserialize)]
pub(super) struct PutBucketPolicy {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    /// The policy itself, which is not XML.
    #[serde(skip)]
    policy: Bytes,
}

/// `DeleteBucketPolicy`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteBucketPolicy {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

/// `NoSuchBucketPolicy`
pub(super) fn no_policy(bucket: &str) -> Fault {
    Fault::service(
        404,
        "NoSuchBucketPolicy",
        "The bucket policy does not exist",
    )
    .detail("BucketName", bucket)
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::service(400, "MalformedPolicy", message)
}

/// Callers of other accounts may be allowed to, and cannot all the same.
/// Source: Amazon S3 API Reference, PutBucketPolicy.
fn owners_only<O>(cx: &Granted<'_, O>, owner: &Text, method: &str) -> Result<(), Fault> {
    if cx.account() == owner {
        return Ok(());
    }
    Err(Fault::service(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
    .detail("Method", method)
    .detail("ResourceType", "BUCKETPOLICY"))
}

impl Operation for GetBucketPolicy {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetBucketPolicy";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:GetBucketPolicy", bucket);
        Ok(never_locked_out(demand).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let text = cx.read(|world| {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            owners_only(&cx, &bucket.owner, "GET")?;
            let policy = bucket.policy.as_deref();
            let policy = policy.ok_or_else(|| no_policy(&self.bucket))?;
            Ok::<_, Fault>(iam::shown_policy(&world.law, policy, |_| None))
        })?;
        Ok(XmlReply::content(Body::from(text)).header("content-type", Some("application/json")))
    }
}

impl Operation for DeleteBucketPolicy {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteBucketPolicy";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:DeleteBucketPolicy", bucket);
        Ok(never_locked_out(demand).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        change_bucket(&cx, &self.bucket, |bucket| {
            owners_only(&cx, &bucket.owner, "DELETE")?;
            bucket.policy = None;
            bucket.policy_is_public = false;
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

impl Operation for PutBucketPolicy {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutBucketPolicy";
    type Output = XmlReply<()>;

    fn attach(&mut self, payload: Payload) {
        if let Payload::Bytes(pieces) = payload {
            self.policy = pieces.concat().into();
        }
    }

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:PutBucketPolicy", bucket);
        Ok(never_locked_out(demand).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let not_json = "Policies must be valid JSON and the first byte must be '{'";
        let text = str::from_utf8(&self.policy).map_err(|_| malformed(not_json))?;
        if text.len() > LARGEST {
            return Err(malformed(
                "Policy exceeds the maximum allowed document size.",
            ));
        }
        let policy = crate::world::policy(text, PolicyKind::Bucket).map_err(|faults| {
            let first = faults.first();
            malformed(&*first.message)
                .detail("Why", &*first.why)
                .place(text, first)
        })?;
        check_statements(text, &self.bucket)?;
        let public = public::is_public(text);
        cx.write(|world| {
            let policy = bound(&world.law, policy)?;
            let bucket = world.law.buckets.get_mut(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            owners_only(&cx, &bucket.owner, "PUT")?;
            if public
                && bucket
                    .public_access
                    .is_some_and(|it| it.block_public_policy)
            {
                return Err(blocked(&cx.caller().arn, bucket));
            }
            let bucket = Arc::make_mut(bucket);
            bucket.policy = Some(policy);
            bucket.policy_is_public = public;
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

/// Source: S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors", Block Public Access.
fn blocked(caller: &str, bucket: &Bucket) -> Fault {
    let message = format!(
        "User: {caller} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
        bucket.arn()
    );
    Fault::service(403, "AccessDenied", message)
}

/// What only S3 checks: that actions exist, that resources are of this bucket, and that they fit each other.
fn check_statements(text: &str, bucket: &str) -> Result<(), Fault> {
    for statement in public::statements(text) {
        let (mut buckets, mut objects) = (false, false);
        for element in ["Resource", "NotResource"] {
            for resource in public::texts(statement.get(element)) {
                let path = resource.splitn(6, ':').nth(5).unwrap_or_default();
                let Some(rest) = path.strip_prefix(bucket) else {
                    return Err(malformed("Policy has invalid resource").detail("Detail", resource));
                };
                if !(rest.is_empty() || rest.starts_with(['/', '*'])) {
                    return Err(malformed("Policy has invalid resource").detail("Detail", resource));
                }
                buckets |= !rest.contains('/') || element == "NotResource";
                objects |= !rest.is_empty() || element == "NotResource";
            }
        }
        for action in public::texts(statement.get("Action")) {
            let reach = reach(action);
            if !reach.buckets && !reach.objects {
                return Err(malformed("Policy has invalid action").detail("Detail", action));
            }
            if !(reach.buckets && buckets || reach.objects && objects) {
                let message = "Action does not apply to any resource(s) in statement";
                return Err(malformed(message).detail("Detail", action));
            }
        }
        for action in public::texts(statement.get("NotAction")) {
            let reach = reach(action);
            if !reach.buckets && !reach.objects {
                return Err(malformed("Policy has invalid action").detail("Detail", action));
            }
        }
    }
    Ok(())
}

/// The policy bound to those it names: users and roles by unique id, accounts by canonical user id.
fn bound(law: &Law, policy: Arc<Policy>) -> Result<Arc<Policy>, Fault> {
    let nobody = |group: &str, value: &str| {
        malformed("Invalid principal in policy")
            .detail("Detail", format!("\"{group}\" : \"{value}\""))
    };
    let account = |id: &str| {
        let mut accounts = law.accounts.values();
        let found = accounts.find(|account| Owner::of(&account.id).id() == id)?;
        Some(found.id.to_string())
    };
    let mut canonical = policy
        .principals()
        .filter(|principal| principal.group == "CanonicalUser")
        .peekable();
    let some = canonical.peek().is_some();
    if let Some(stranger) = canonical.find(|principal| account(principal.value).is_none()) {
        return Err(nobody(stranger.group, stranger.value));
    }
    drop(canonical);
    let policy = match some {
        true => Arc::unwrap_or_clone(policy)
            .with_canonical_users(account)
            .into(),
        false => policy,
    };
    iam::bound_policy(law, policy).map_err(|value| nobody("AWS", &value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn message(action: &str, resource: &str) -> String {
        let text = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "{action}", "Resource": "{resource}"}}]}}"#
        );
        match check_statements(&text, "b") {
            Ok(()) => String::new(),
            Err(Fault::Service(fault)) => fault.message,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn actions_and_resources_must_fit() {
        assert_eq!(message("s3:GetObject", "arn:aws:s3:::b/*"), "");
        assert_eq!(message("s3:ListBucket", "arn:aws:s3:::b"), "");
        assert_eq!(message("s3:*", "arn:aws:s3:::b"), "");
        assert_eq!(message("s3:GetObject", "arn:aws:s3:::b*"), "");
        let unfit = "Action does not apply to any resource(s) in statement";
        assert_eq!(message("s3:ListBucket", "arn:aws:s3:::b/*"), unfit);
        assert_eq!(message("s3:GetObject", "arn:aws:s3:::b"), unfit);
        assert_eq!(
            message("s3:Nothing", "arn:aws:s3:::b"),
            "Policy has invalid action"
        );
        for foreign in ["arn:aws:s3:::c", "arn:aws:s3:::bc/*", "arn:aws:s3:::*"] {
            assert_eq!(
                message("s3:*", foreign),
                "Policy has invalid resource",
                "{foreign}"
            );
        }
    }
}
