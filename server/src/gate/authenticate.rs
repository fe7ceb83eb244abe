//! Who signed this? Every request passes here; there is no key that is not looked up.

use super::{Caller, SignedHow, Who};
use crate::{
    iam::{AccessKey, Account, Holder},
    regions::partition_of,
    sts::{Session, SessionKind},
    wire::{Fault, Unauthenticated},
    world::{Text, World},
};
use http::HeaderName;
use jiff::Timestamp;
use rolecall_sigv4::{Form, Head, How, Payload, Rules, Signed, Signed2, SigningKey, Verified};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// A caller whose signature holds.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    pub(crate) verified: Verified,
    pub(crate) signed: SignedHow,
}

/// Verifies the signature over `head` and `payload`, and says whose it is. `moved` says that the world's clock does not
/// go as the system's does.
pub(crate) fn authenticate(
    world: &World,
    signed: &Signed<'_>,
    head: &Head<'_>,
    rules: &Rules<'_>,
    now: Timestamp,
    moved: bool,
    payload: Payload<'_>,
) -> Result<Authenticated, Fault> {
    let key = world.keys.get(signed.access_key).filter(|key| key.active);
    let unknown = || refused(Unauthenticated::UnknownKey(signed.access_key.to_owned()));
    let key = key.ok_or_else(unknown)?;
    let account = world.law.account(&key.account);
    if !is_known_in(account, signed.scope.region) {
        return Err(unknown());
    }
    check_token(key, signed.session_token.as_deref(), now)?;
    let known = key.signing.get(&signed.scope);
    let signing_key = known.as_ref().map_or_else(
        || SigningKey::derive(&key.secret, &signed.scope),
        Clone::clone,
    );
    let verified = signed.verify(
        head,
        &signing_key,
        rules,
        fresh_by(in_header(signed), now, moved),
        payload,
    )?;
    if known.is_none() {
        key.signing.keep(&signed.scope, signing_key);
    }
    let caller = account.and_then(|account| holder(account, key));
    let caller = caller.ok_or_else(unknown)?;
    let sent = head
        .headers
        .get(&CONTENT_SHA256)
        .and_then(|value| value.to_str().ok());
    let signed = SignedHow {
        auth_type: match signed.how {
            How::Header => "REST-HEADER",
            How::Presigned { .. } => "REST-QUERY-STRING",
        },
        version: rolecall_sigv4::ALGORITHM,
        at: Some(verified.signed_at.timestamp()),
        content_sha256: sent.map(str::to_owned),
    };
    Ok(Authenticated {
        caller,
        verified,
        signed,
    })
}

/// Verifies the signature over the policy of a form, and says whose it is.
pub(crate) fn authenticate_form(
    world: &World,
    form: &Form<'_>,
    rules: &Rules<'_>,
    now: Timestamp,
) -> Result<(Caller, SignedHow), Fault> {
    let unknown = || refused(Unauthenticated::UnknownKey(form.access_key.to_owned()));
    let key = world.keys.get(form.access_key).filter(|key| key.active);
    let key = key.ok_or_else(unknown)?;
    if !is_known_in(world.law.account(&key.account), form.scope.region) {
        return Err(unknown());
    }
    check_token(key, form.session_token, now)?;
    let signing_key = SigningKey::derive(&key.secret, &form.scope);
    form.verify(&signing_key, rules, now)?;
    let signed = SignedHow {
        auth_type: "POST",
        version: rolecall_sigv4::ALGORITHM,
        at: Some(form.signed_at.timestamp()),
        content_sha256: None,
    };
    Ok((caller(world, key).ok_or_else(unknown)?, signed))
}

/// When a request was signed whose signature stands in a header.
fn in_header(signed: &Signed<'_>) -> Option<Timestamp> {
    matches!(signed.how, How::Header).then(|| signed.signed_at.timestamp())
}

/// What Signature Version 2 is called in `s3:signatureversion`.
const VERSION_2: &str = "AWS";

/// Verifies a signature of Version 2, which only S3 takes, and says whose it is. `resource` is the path with its bucket.
pub(crate) fn authenticate_2(
    world: &World,
    signed: &Signed2<'_>,
    head: &Head<'_>,
    resource: &str,
    now: Timestamp,
    moved: bool,
) -> Result<(Caller, SignedHow), Fault> {
    let unknown = || refused(Unauthenticated::UnknownKey(signed.access_key.to_string()));
    let key = world.keys.get(&*signed.access_key);
    let key = key.filter(|key| key.active).ok_or_else(unknown)?;
    check_token(key, signed.session_token.as_deref(), now)?;
    let now = fresh_by(signed.signed_at, now, moved);
    signed.verify(head, resource, &key.secret, now)?;
    let how = SignedHow {
        auth_type: match signed.is_presigned() {
            true => "REST-QUERY-STRING",
            false => "REST-HEADER",
        },
        version: VERSION_2,
        at: signed.signed_at,
        content_sha256: None,
    };
    Ok((caller(world, key).ok_or_else(unknown)?, how))
}

/// Verifies the Version 2 signature over the policy of a form, and says whose it is.
pub(crate) fn authenticate_form_2(
    world: &World,
    access_key: &str,
    policy: &str,
    signature: &str,
    token: Option<&str>,
    now: Timestamp,
) -> Result<(Caller, SignedHow), Fault> {
    let unknown = || refused(Unauthenticated::UnknownKey(access_key.to_owned()));
    let key = world.keys.get(access_key).filter(|key| key.active);
    let key = key.ok_or_else(unknown)?;
    check_token(key, token, now)?;
    rolecall_sigv4::verify_form2(access_key, policy, signature, &key.secret)?;
    let how = SignedHow {
        auth_type: "POST",
        version: VERSION_2,
        at: None,
        content_sha256: None,
    };
    Ok((caller(world, key).ok_or_else(unknown)?, how))
}

/// The time that a signature must be near. Clients sign with their own time, which a world whose clock was moved must not
/// hold against them: there a signature in a header is fresh by the world's clock or by the system's, whichever is
/// nearer. Presigned requests end by the world's. rolecall's choice.
fn fresh_by(in_header: Option<Timestamp>, now: Timestamp, moved: bool) -> Timestamp {
    let Some(at) = in_header.filter(|_| moved) else {
        return now;
    };
    let system = Timestamp::now();
    let far = |time: Timestamp| time.duration_since(at).abs();
    if far(system) < far(now) { system } else { now }
}

/// Keys are known in the partition of their account and in no other.
fn is_known_in(account: Option<&Arc<Account>>, region: &str) -> bool {
    account.is_none_or(|account| account.partition == partition_of(region))
}

fn refused(why: Unauthenticated) -> Fault {
    Fault::Unauthenticated(why)
}

/// Looks at every byte, whatever the first difference is: a token is long, so the differences are gathered word by word and
/// compared once.
fn same(kept: &[u8], sent: &[u8]) -> bool {
    let pairs = kept.iter().zip(sent);
    let differences = pairs.fold(0_u8, |all, (kept, sent)| all | (kept ^ sent));
    kept.len() == sent.len() && bool::from(differences.ct_eq(&0))
}

/// Temporary credentials need their token, long-term ones must not have one.
fn check_token(key: &AccessKey, sent: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    match (&key.session, sent) {
        (None, None) => Ok(()),
        (None, Some(token)) => Err(refused(Unauthenticated::BadToken(token.to_owned()))),
        // Without its token the key is as good as unknown. Source: error-messages, "session token does not belong".
        (Some(_), None) => Err(refused(Unauthenticated::UnknownKey(key.id.to_string()))),
        (Some(session), Some(token)) => {
            if !same(session.token.as_bytes(), token.as_bytes()) {
                return Err(refused(Unauthenticated::BadToken(token.to_owned())));
            }
            if now >= session.expires {
                return Err(refused(Unauthenticated::Expired(token.to_owned())));
            }
            Ok(())
        }
    }
}

/// The caller behind a key; none when its account or user is gone.
pub(super) fn caller(world: &World, key: &Arc<AccessKey>) -> Option<Caller> {
    holder(world.law.account(&key.account)?, key)
}

/// The same, of the account that the key belongs to.
fn holder(account: &Account, key: &Arc<AccessKey>) -> Option<Caller> {
    match (&key.holder, &key.session) {
        (Holder::Root, _) => Some(Caller::root(
            key.account.clone(),
            account.partition,
            Some(key.clone()),
        )),
        (Holder::User(id), _) => {
            let name = &account.user_by_id(id)?.name;
            user(&key.account, account, name, Some(key.clone()))
        }
        (Holder::Session, Some(session)) => Some(of_session(
            &key.account,
            account,
            session,
            Some(key.clone()),
        )),
        (Holder::Session, None) => None,
    }
}

/// The user `name` as a caller.
pub(super) fn user(
    account: &Text,
    of: &Account,
    name: &str,
    key: Option<Arc<AccessKey>>,
) -> Option<Caller> {
    let user = of.users.get(name)?;
    Some(Caller {
        account: account.clone(),
        partition: of.partition,
        arn: user.arn.as_str().into(),
        user_id: user.id.clone(),
        who: Who::User {
            name: user.name.clone(),
            id: user.id.clone(),
        },
        tags: principal_tags(&user.tags, &[]),
        key,
    })
}

/// A session as a caller. Session tags beat the role's tags of the same key.
pub(super) fn of_session(
    account: &Text,
    of: &Account,
    session: &Arc<Session>,
    key: Option<Arc<AccessKey>>,
) -> Caller {
    let role = session.role();
    let role = role.and_then(|(name, id)| of.roles.get(name).filter(|role| role.id == *id));
    let role_tags = role.map(|role| role.tags.as_slice()).unwrap_or_default();
    let arn = match &session.kind {
        SessionKind::Role { arn, .. } | SessionKind::Federated { arn, .. } => arn.clone(),
        SessionKind::Same | SessionKind::Root => Text::default(),
    };
    Caller {
        account: account.clone(),
        partition: of.partition,
        arn,
        user_id: session.user_id(account).clone(),
        tags: principal_tags(role_tags, &session.tags),
        who: Who::Session(session.clone()),
        key,
    }
}

fn principal_tags(own: &[(String, String)], session: &[(String, String)]) -> Vec<(String, String)> {
    let beaten = |key: &str| {
        session
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(key))
    };
    let own = own.iter().filter(|(key, _)| !beaten(key));
    own.chain(session)
        .map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.clone()))
        .collect()
}
