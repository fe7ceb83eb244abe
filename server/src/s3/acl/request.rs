//! The ACL that a request asks for, in headers or in a document, and whether the bucket takes it.

use super::{Acl, Grant, Grantee, Group, On, Permission, canned, document::AccessControlPolicy};
use crate::{
    gate::Granted,
    s3::{Bucket, Headers, faults, owner::Owner, ownership::Ownership},
    wire::Fault,
    world::{Law, Text},
};
use std::sync::Arc;

/// The most grants of one list. Source: S3 User Guide, "Access control list (ACL) overview".
const MOST: usize = 100;

/// Who owns a new object, and its ACL; none for an ACL that grants nothing to others.
/// Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
pub(in crate::s3) fn of_new_object<O>(
    cx: &Granted<'_, O>,
    bucket: &Bucket,
    headers: &Headers,
) -> Result<(Text, Option<Arc<Acl>>), Fault> {
    let canned = headers.get("x-amz-acl");
    check_one_form(headers)?;
    let full_control = canned == Some("bucket-owner-full-control");
    let owner = match bucket.ownership() {
        Ownership::BucketOwnerEnforced => {
            if let Some(name) = canned
                && canned::grants(name, &bucket.owner, &bucket.owner, On::Object).is_none()
            {
                return Err(faults::invalid_argument("", "x-amz-acl", name));
            }
            let harmless = canned.is_none() || full_control;
            if !harmless || grant_headers(headers) && !grants_all_to_owner(cx, bucket, headers) {
                return Err(faults::no_acls());
            }
            return Ok((bucket.owner.clone(), None));
        }
        Ownership::BucketOwnerPreferred if full_control => bucket.owner.clone(),
        Ownership::BucketOwnerPreferred | Ownership::ObjectWriter => cx.account().clone(),
    };
    let acl = from_headers(cx, headers, &owner, &bucket.owner, On::Object)?;
    let acl = acl.map(|acl| admitted(acl, bucket)).transpose()?;
    Ok((owner, acl))
}

/// The ACL of a bucket that is being made.
pub(in crate::s3) fn of_new_bucket<O>(
    cx: &Granted<'_, O>,
    bucket: &Bucket,
    headers: &Headers,
) -> Result<Option<Arc<Acl>>, Fault> {
    check_one_form(headers)?;
    if !headers.has_acl() || headers.get("x-amz-acl") == Some("private") {
        return Ok(None);
    }
    if bucket.ownership() == Ownership::BucketOwnerEnforced {
        return Err(faults::no_acls_in_enforced());
    }
    let acl = from_headers(cx, headers, &bucket.owner, &bucket.owner, On::Bucket)?;
    acl.map(|acl| admitted(acl, bucket)).transpose()
}

/// The ACL that PutBucketAcl and PutObjectAcl bring.
pub(super) fn of_change<O>(
    cx: &Granted<'_, O>,
    bucket: &Bucket,
    owner: &Text,
    headers: &Headers,
    document: Option<AccessControlPolicy>,
    on: On,
) -> Result<Arc<Acl>, Fault> {
    check_one_form(headers)?;
    let acl = match (headers.has_acl(), document) {
        (true, Some(_)) => {
            let message = "This request does not support content";
            return Err(Fault::service(400, "UnexpectedContent", message));
        }
        (false, None) => {
            let message = "Your request was missing a required header";
            return Err(Fault::service(400, "MissingSecurityHeader", message)
                .detail("MissingHeaderName", "x-amz-acl"));
        }
        (true, None) => from_headers(cx, headers, owner, &bucket.owner, on)?,
        (false, Some(document)) => {
            let grants = document.grants(owner, |id| account_of(cx, id))?;
            Some(list(grants, owner, on)?)
        }
    };
    let acl = acl.ok_or_else(faults::malformed_acl)?;
    match bucket.ownership() {
        Ownership::BucketOwnerEnforced => Err(faults::no_acls()),
        Ownership::BucketOwnerPreferred | Ownership::ObjectWriter => admitted(acl, bucket),
    }
}

fn check_one_form(headers: &Headers) -> Result<(), Fault> {
    if headers.has("x-amz-acl") && grant_headers(headers) {
        return Err(faults::invalid_request(
            "Specifying both Canned ACLs and Header Grants is not allowed",
        ));
    }
    Ok(())
}

fn grant_headers(headers: &Headers) -> bool {
    headers.under("x-amz-grant-").next().is_some()
}

/// `x-amz-grant-full-control` to the bucket's owner alone is as good as no ACL.
fn grants_all_to_owner<O>(cx: &Granted<'_, O>, bucket: &Bucket, headers: &Headers) -> bool {
    let grants = granted_by_headers(cx, headers);
    let own = Grant::to_account(&bucket.owner, Permission::FullControl);
    grants.is_ok_and(|grants| grants == [own])
}

/// A public ACL is refused where Block Public Access says so.
fn admitted(acl: Acl, bucket: &Bucket) -> Result<Arc<Acl>, Fault> {
    let blocked = bucket.public_access.is_some_and(|it| it.block_public_acls);
    if blocked && acl.is_public() {
        return Err(faults::access_denied());
    }
    Ok(Arc::new(acl))
}

fn list(grants: Vec<Grant>, owner: &Text, on: On) -> Result<Acl, Fault> {
    if grants.len() > MOST {
        return Err(faults::malformed_acl());
    }
    Acl::new(grants, owner, on)
}

fn from_headers<O>(
    cx: &Granted<'_, O>,
    headers: &Headers,
    owner: &Text,
    bucket_owner: &Text,
    on: On,
) -> Result<Option<Acl>, Fault> {
    if let Some(name) = headers.get("x-amz-acl") {
        let grants = canned::grants(name, owner, bucket_owner, on)
            .ok_or_else(|| faults::invalid_argument("", "x-amz-acl", name))?;
        return list(grants, owner, on).map(Some);
    }
    if !grant_headers(headers) {
        return Ok(None);
    }
    list(granted_by_headers(cx, headers)?, owner, on).map(Some)
}

/// `x-amz-grant-read: id="…", uri="…"`
fn granted_by_headers<O>(cx: &Granted<'_, O>, headers: &Headers) -> Result<Vec<Grant>, Fault> {
    let mut grants = Vec::new();
    for permission in Permission::ALL {
        let header = permission.header();
        for text in headers.all(header) {
            for one in text.split(',') {
                let grantee = grantee(cx, header, one.trim())?;
                grants.push(Grant {
                    grantee,
                    permission,
                });
            }
        }
    }
    Ok(grants)
}

fn grantee<O>(cx: &Granted<'_, O>, header: &str, text: &str) -> Result<Grantee, Fault> {
    let unreadable = || faults::invalid_argument("Argument format not recognized", header, text);
    let (kind, value) = text.split_once('=').ok_or_else(unreadable)?;
    let value = value.trim().trim_matches('"');
    match kind.trim() {
        "id" => account_of(cx, value)
            .map(Grantee::Account)
            .ok_or_else(|| faults::invalid_argument("Invalid id", "id", value)),
        "uri" => Group::named(value)
            .map(Grantee::Group)
            .ok_or_else(|| faults::invalid_argument("Invalid group uri", "uri", value)),
        "emailAddress" => Err(faults::no_email_grants()),
        _ => Err(unreadable()),
    }
}

/// The account with this canonical user id.
fn account_of<O>(cx: &Granted<'_, O>, id: &str) -> Option<Text> {
    let known = |law: &Law| {
        law.accounts
            .keys()
            .find(|account| Owner::of(account).id() == id)
            .cloned()
    };
    cx.read(|world| known(&world.law))
}
