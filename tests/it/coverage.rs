//! What is served, stated: `docs/coverage.md` is made from the tables, and this test holds that it is up to date.
//!
//! `coverage/SERVICE.txt` lists AWS's operations (their names in the service's public model),
//! `coverage/not_served.txt` every one of them that rolecall does not serve, and why. That list may only shrink:
//! an operation that becomes served must leave it. `UPDATE_COVERAGE=1` rewrites document and list.

use crate::test;
use libtest_mimic::Trial;
use rolecall_tests::{
    Cloud,
    raw::{Raw, Reply},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The services, as IAM names them and as people do.
const SERVICES: &[(&str, &str, &str)] = &[
    (
        "iam",
        "AWS Identity and Access Management",
        include_str!("coverage/iam.txt"),
    ),
    (
        "sts",
        "AWS Security Token Service",
        include_str!("coverage/sts.txt"),
    ),
    ("s3", "Amazon S3", include_str!("coverage/s3.txt")),
    (
        "mobiletargeting",
        "Amazon Pinpoint",
        include_str!("coverage/mobiletargeting.txt"),
    ),
    (
        "access-analyzer",
        "IAM Access Analyzer",
        include_str!("coverage/access-analyzer.txt"),
    ),
    (
        "ses",
        "Amazon Simple Email Service, version 1",
        include_str!("coverage/ses.txt"),
    ),
];

/// What is served in another way than AWS would.
const SERVED_HOW: &[(&str, &str, &str)] = &[(
    "sts",
    "GetDelegatedAccessToken",
    "served: every token is answered as expired, since delegation requests, which tokens come from, have no counterpart (rolecall's choice)",
)];

/// Operations that came before others and are the same requests on the wire: theirs, and what serves them.
const SAME_REQUEST: &[(&str, &str, &str)] = &[
    (
        "s3",
        "GetBucketLifecycle",
        "GetBucketLifecycleConfiguration",
    ),
    (
        "s3",
        "GetBucketNotification",
        "GetBucketNotificationConfiguration",
    ),
    (
        "s3",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
    ),
    (
        "s3",
        "PutBucketNotification",
        "PutBucketNotificationConfiguration",
    ),
];

/// How long the list of what is not served may be. It may only become smaller; it grew twice: by the six operations that
/// AWS itself added to IAM and STS in autumn 2026, and by the 65 of SES when its templates came to be served.
const MOST_NOT_SERVED: usize = 232;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        Trial::test("coverage::the document is up to date", || {
            up_to_date();
            Ok(())
        }),
        test("coverage::what is not served says so by name", by_name),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/coverage")
}

fn served(service: &str) -> BTreeSet<&'static str> {
    let rows = rolecall_server::rows().filter(|row| row.service == service);
    let mut names: BTreeSet<_> = rows.map(|row| row.name).collect();
    for (_, old, new) in SAME_REQUEST.iter().filter(|(of, _, _)| *of == service) {
        assert!(names.contains(new), "{new} serves {old}");
        names.insert(old);
    }
    names
}

/// Service and operation, and the reason: one line each, parted by blanks.
fn not_served() -> BTreeMap<(String, String), String> {
    let text = std::fs::read_to_string(folder().join("not_served.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().expect(line).to_owned();
            ((word(), word()), word())
        })
        .collect()
}

fn up_to_date() {
    let update = std::env::var_os("UPDATE_COVERAGE").is_some();
    let mut reasons = not_served();
    let stale = |(service, name): &(String, String)| served(service).contains(&**name);
    if update {
        reasons.retain(|key, _| !stale(key));
        let lines = reasons
            .iter()
            .map(|((service, name), why)| format!("{service} {name} {why}\n"));
        std::fs::write(folder().join("not_served.txt"), lines.collect::<String>()).unwrap();
    }
    let hint = "run `UPDATE_COVERAGE=1 cargo test -p rolecall-tests coverage`";
    let stale: Vec<_> = reasons.keys().filter(|key| stale(key)).collect();
    assert!(
        stale.is_empty(),
        "served, and still listed as not served; {hint}: {stale:?}"
    );
    assert!(
        reasons.len() <= MOST_NOT_SERVED,
        "{} operations are not served, {MOST_NOT_SERVED} were: something was lost",
        reasons.len()
    );
    for row in rolecall_server::rows() {
        let known = SERVICES
            .iter()
            .any(|(service, _, _)| *service == row.service);
        assert!(
            known,
            "{}: a service that coverage.rs does not know",
            row.service
        );
    }
    let page = document(&reasons);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/coverage.md");
    if update {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/coverage.md is not what the tables say; {hint}"
    );
}

fn document(reasons: &BTreeMap<(String, String), String>) -> String {
    let mut page = String::from(
        "# Coverage\n\nMade by a test from the tables of the server (`tests/it/coverage.rs`); do not edit.\n\n\
         What is not served answers `501 NotImplemented` with its own name, after the caller was authenticated, and\n\
         stands in the stream of decisions.\n",
    );
    for (service, title, all) in SERVICES {
        let served = served(service);
        if served.is_empty() {
            continue;
        }
        let names: BTreeSet<&str> = all.lines().chain(served.iter().copied()).collect();
        let count = names.len();
        page.push_str(&format!(
            "\n## {title} (`{service}`): {} of {count} operations\n\n| Operation | |\n| --- | --- |\n",
            served.len()
        ));
        for name in names {
            let key = ((*service).to_owned(), name.to_owned());
            let how = SERVED_HOW
                .iter()
                .find(|(of, operation, _)| (of, operation) == (service, &name));
            let same = SAME_REQUEST
                .iter()
                .find(|(of, old, _)| (of, old) == (service, &name));
            let what = if let Some((_, _, new)) = same {
                format!("served: on the wire the same request as {new}")
            } else if served.contains(name) {
                how.map_or("served", |(_, _, how)| how).to_owned()
            } else {
                reasons.get(&key).cloned().unwrap_or_else(|| {
                    panic!(
                        "{service}:{name} is neither served nor listed in coverage/not_served.txt"
                    )
                })
            };
            page.push_str(&format!("| {name} | {what} |\n"));
        }
    }
    page
}

/// IAM, STS and SES name the operation in the body, so that every one of them can be asked for here.
async fn by_name() {
    let cloud = Cloud::start().await;
    let root = cloud.root();
    let version = |service: &str| match service {
        "iam" => Some("2010-05-08"),
        "sts" => Some("2011-06-15"),
        "ses" => Some("2010-12-01"),
        _ => None,
    };
    for (service, name) in not_served().keys() {
        let Some(version) = version(service) else {
            continue;
        };
        let request = || Raw::form(&[("Action", name.as_str()), ("Version", version)]);
        let reply = request().send(&cloud.endpoint()).await;
        // Nobody signs AssumeRoleWithSAML, so there is nothing to check before.
        let unsigned = if name == "AssumeRoleWithSAML" {
            501
        } else {
            403
        };
        assert_eq!(reply.status, unsigned, "{name}, unsigned: {}", reply.body);
        let signed = request().signed(&root.keys, service, &cloud.endpoint());
        let reply: Reply = signed.send(&cloud.endpoint()).await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (501, "NotImplemented"),
            "{name}"
        );
        assert!(
            reply.body.contains(&format!("{service}:{name}")),
            "{}",
            reply.body
        );
        let records = cloud.server().gate().ring.since(0);
        let last = records.last().unwrap().action();
        assert_eq!(last, format!("{service}:{name}"));
    }
}
