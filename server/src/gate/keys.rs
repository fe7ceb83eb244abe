//! The table of global condition keys, held against what requests carry.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Asked, Caller, Demand, Meta, Service, SignedHow, Who};
use crate::{
    iam::{AccessKey, Account, Holder},
    organizations::{GivenOrganization, Organization},
    sts::{Federation, Session, SessionKind},
    world::Law,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

const TABLE: &str = include_str!("global_keys.md");
const ACCOUNT: &str = "123456789012";
const KINDS: &str = "RUTAFSM-";

fn session(kind: SessionKind, full: bool) -> Arc<Session> {
    let issued = Timestamp::UNIX_EPOCH;
    let is_role = matches!(kind, SessionKind::Role { .. });
    let is_root = kind == SessionKind::Root;
    Arc::new(Session {
        kind,
        token: String::new(),
        issued,
        expires: issued + SignedDuration::from_hours(1),
        policies: None,
        tags: Vec::new(),
        transitive_tags: Vec::new(),
        source_identity: (full && (is_role || is_root)).then(|| "ana".to_owned()),
        mfa: (full && !is_root).then_some(issued),
        chained: false,
        federation: (full && is_role).then(|| {
            Arc::new(Federation {
                provider: "arn:aws:iam::123456789012:oidc-provider/idp.example.com".to_owned(),
                keys: Vec::new(),
            })
        }),
        user_id: OnceLock::new(),
    })
}

/// Temporary credentials of somebody who is not only a session.
fn key(kind: SessionKind, full: bool) -> Arc<AccessKey> {
    Arc::new(AccessKey {
        id: "ASIA1".into(),
        secret: String::new(),
        account: ACCOUNT.into(),
        holder: Holder::Session,
        active: true,
        created: Timestamp::UNIX_EPOCH,
        session: Some(session(kind, full)),
        last_use: Arc::default(),
        signing: Arc::default(),
    })
}

/// A caller of a kind, with everything that it may bring or with nothing.
fn caller(kind: char, full: bool) -> Caller {
    let user = Who::User {
        name: "ana".into(),
        id: "AIDA1".into(),
    };
    let tags = if full {
        vec![("aws:PrincipalTag/team".to_owned(), "a".to_owned())]
    } else {
        Vec::new()
    };
    let of = |who, key| Caller {
        account: ACCOUNT.into(),
        partition: "aws",
        arn: "arn".into(),
        user_id: "id".into(),
        who,
        tags: tags.clone(),
        key,
    };
    match kind {
        'R' => Caller::root(ACCOUNT.into(), "aws", None),
        'M' => Caller::root(ACCOUNT.into(), "aws", Some(key(SessionKind::Root, full))),
        'U' => of(user, None),
        'T' => of(user, Some(key(SessionKind::Same, full))),
        'A' => {
            let kind = SessionKind::Role {
                role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r").into(),
                role_name: "r".into(),
                role_id: "AROA1".into(),
                arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/s").into(),
                name: "s".into(),
            };
            of(Who::Session(session(kind, full)), None)
        }
        'F' => {
            let kind = SessionKind::Federated {
                arn: format!("arn:aws:sts::{ACCOUNT}:federated-user/f").into(),
                name: "f".into(),
                user_id: None,
                user_arn: format!("arn:aws:iam::{ACCOUNT}:root").into(),
            };
            // GetFederationToken takes neither an MFA code nor a source identity.
            of(Who::Session(session(kind, false)), None)
        }
        'S' => Caller::service(
            Service {
                name: "pinpoint.amazonaws.com".into(),
                source_account: full.then(|| ACCOUNT.to_owned()),
                source_arn: full.then(|| "arn:aws:mobiletargeting:::apps/a".to_owned()),
            },
            "aws",
        ),
        _ => Caller::anonymous(),
    }
}

/// The keys of a request, those of tags without the tag's own key.
fn carried(kind: char, full: bool) -> BTreeSet<String> {
    let mut law = Law::default();
    law.accounts
        .insert(ACCOUNT.into(), Arc::new(Account::new(ACCOUNT, "aws")));
    let mut meta = Meta::internal(Uuid::nil(), Timestamp::UNIX_EPOCH, "us-east-1".into());
    let mut demand = Demand::new("s3:GetObject", "arn:aws:s3:::b/k");
    if full {
        let given: GivenOrganization =
            serde_json::from_str(&format!(r#"{{"root":{{"accounts":["{ACCOUNT}"]}}}}"#)).unwrap();
        law.organization = Some(Arc::new(Organization::try_from(given).unwrap()));
        demand = demand
            .owned_by(Some(ACCOUNT.into()))
            .with_tags(
                rolecall_policy::Origin::Resource,
                "aws:ResourceTag/",
                [("a", "b")],
            )
            .with_tags(
                rolecall_policy::Origin::Request,
                "aws:RequestTag/",
                [("a", "b")],
            )
            .with("aws:TagKeys", Some(vec!["a".to_owned()]));
        // A service calls inside; everybody else over the network.
        if kind != 'S' {
            meta.source_ip = Some(std::net::Ipv4Addr::LOCALHOST.into());
            meta.user_agent = Some("x".to_owned());
            meta.referer = Some("x".to_owned());
            meta.signed = Some(SignedHow {
                auth_type: "REST-HEADER",
                version: rolecall_sigv4::ALGORITHM,
                at: Some(Timestamp::UNIX_EPOCH),
                content_sha256: None,
            });
        }
    }
    let asked = Asked {
        caller: Arc::new(caller(kind, full)),
        meta: Arc::new(meta),
        demand,
    };
    let keys = asked
        .explain(&law)
        .context
        .into_iter()
        .map(|given| given.key);
    keys.map(|key| match key.split_once('/') {
        Some((prefix, _)) => format!("{prefix}/"),
        None => key,
    })
    .collect()
}

/// Key and letters of every row.
fn rows() -> Vec<(&'static str, &'static str)> {
    let rows = TABLE.lines().filter(|line| line.starts_with("| aws:"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(str::trim);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

#[test]
fn every_key_is_there_when_the_table_says_so_and_only_then() {
    assert_eq!(rows().len(), 35);
    for kind in KINDS.chars() {
        let wanted = |small: bool| -> BTreeSet<String> {
            let has = |who: &str| {
                who.contains(kind) || (small && who.contains(kind.to_ascii_lowercase()))
            };
            rows()
                .iter()
                .filter(|(_, who)| has(who))
                .map(|(key, _)| (*key).to_owned())
                .collect()
        };
        assert_eq!(carried(kind, true), wanted(true), "{kind} with everything");
        let mut bare = carried(kind, false);
        // Nobody's request has no account of its own to stand in for an owner.
        if kind == '-' {
            bare.insert("aws:ResourceAccount".to_owned());
            bare.extend(["aws:SourceIp", "aws:UserAgent", "aws:Referer"].map(str::to_owned));
            bare.extend(["aws:ResourceTag/", "aws:RequestTag/", "aws:TagKeys"].map(str::to_owned));
            bare.extend(["aws:ResourceOrgID", "aws:ResourceOrgPaths"].map(str::to_owned));
        }
        assert_eq!(bare, wanted(false), "{kind} with nothing");
    }
}
