//! The grid: every served operation × {allowed, no policy, explicit deny, unsigned, bad signature,
//! expired token, unknown key}. An operation that lets one of the seven through is found here.

use crate::{
    samples::{BUCKET, KEY, Names, sample},
    test,
};
use libtest_mimic::Trial;
use rolecall_server::wire::Row;
use rolecall_tests::{
    Cloud, Person,
    raw::{Keys, Raw, Reply},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::OnceCell;

/// Operations that need no permission by AWS's own rule. This list may only shrink.
const OPEN: &[&str] = &["GetCallerIdentity", "GetSessionToken"];

/// What another side must give too: a role's trust policy, an organization.
const LENT: &[&str] = &["AssumeRole", "AssumeRoot"];

/// What browsers send on their own, never signed: the answer says what the bucket's CORS rules say, nothing else.
const PREFLIGHT: &[&str] = &["OptionsBucket", "OptionsObject"];

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// Operations that nobody signs: the token in them says who asks, and the sample's is none. Whoever sends it, with
/// whatever policies, is told that, so the policies of the sender never come into it.
const BY_TOKEN: &[&str] = &["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Who tries.
struct Stage {
    cloud: Cloud,
    names: Names,
    allowed: Person,
    nobody: Person,
    denied: Person,
}

/// One endpoint for the whole grid: every request but the allowed ones must leave it as it was.
static STAGE: OnceCell<Arc<Stage>> = OnceCell::const_new();

async fn set() -> Arc<Stage> {
    let cloud = Cloud::start().await;
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"content");
    root.s3()
        .put_object()
        .bucket(BUCKET)
        .key(KEY)
        .body(body)
        .send()
        .await
        .unwrap();
    let request = aws_sdk_pinpoint::types::CreateApplicationRequest::builder()
        .name("grid")
        .build();
    let app = root
        .pinpoint()
        .create_app()
        .create_application_request(request)
        .send()
        .await
        .unwrap();
    let app = app.application_response.unwrap().id.unwrap();
    let allowed = cloud.user("allowed", ALLOW).await;
    Arc::new(Stage {
        names: Names { app },
        nobody: cloud.user("nobody", "").await,
        denied: cloud.user("denied", DENY).await,
        allowed,
        cloud,
    })
}

pub(crate) fn tests() -> Vec<Trial> {
    rolecall_server::rows()
        .map(|row| {
            Trial::test(
                format!("every_operation::{}::{}", row.service, row.name),
                move || {
                    // The stage outlives every test; each test has a runtime of its own for its requests.
                    let stage = runtime().block_on(STAGE.get_or_init(set)).clone();
                    runtime().block_on(grid(row, &stage));
                    Ok(())
                },
            )
        })
        .chain([test(
            "every_operation::no operation has two rows",
            || async { no_twins() },
        )])
        .collect()
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    })
}

fn no_twins() {
    let mut names: Vec<_> = rolecall_server::rows()
        .map(|row| (row.service, row.name))
        .collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "an operation stands twice in a table");
}

async fn grid(row: &'static Row, stage: &Stage) {
    let endpoint = stage.cloud.endpoint();
    let request = || sample(row, &stage.names);
    let signed = |keys: &Keys| request().signed(keys, row.service, &endpoint);
    let preflight = PREFLIGHT.contains(&row.name);
    let open = OPEN.contains(&row.name) || preflight;
    let head = row.method == "HEAD";
    assert_eq!(row.unsigned, BY_TOKEN.contains(&row.name), "{}", row.name);
    if row.unsigned {
        return by_token(row, stage).await;
    }

    let unsigned = request().send(&endpoint).await;
    refused(
        row,
        "unsigned",
        &unsigned,
        &[
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            // Which of the two depends on whether another test has set CORS rules by now.
            if preflight {
                "AccessForbidden"
            } else {
                "AccessDenied"
            },
            if preflight {
                "BadRequest"
            } else {
                "AccessDenied"
            },
        ],
        head,
    );

    let mut wrong = stage.allowed.keys.clone();
    wrong.secret.push('x');
    let reply = signed(&wrong).send(&endpoint).await;
    refused(
        row,
        "bad signature",
        &reply,
        &["SignatureDoesNotMatch", "InvalidSignatureException"],
        head,
    );

    let mut unknown = stage.allowed.keys.clone();
    unknown.access_key = "AKIANOBODYKNOWSTHIS1".to_owned();
    let reply = signed(&unknown).send(&endpoint).await;
    refused(
        row,
        "unknown key",
        &reply,
        &[
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
        ],
        head,
    );

    expired(row, request(), head).await;

    let reply = signed(&stage.nobody.keys).send(&endpoint).await;
    if !open {
        refused(
            row,
            "no policy",
            &reply,
            &["AccessDenied", "AccessDeniedException"],
            head,
        );
        let reply = signed(&stage.denied.keys).send(&endpoint).await;
        refused(
            row,
            "explicit deny",
            &reply,
            &["AccessDenied", "AccessDeniedException"],
            head,
        );
        let told = head
            || row.service == "s3"
            || row.name == "AssumeRole"
            || reply
                .body
                .contains("with an explicit deny in an identity-based policy");
        assert!(
            told,
            "{}: the denial does not name the explicit deny: {}",
            row.name, reply.body
        );
    }

    let reply = signed(&stage.allowed.keys).send(&endpoint).await;
    let denied = matches!(
        reply.code().as_str(),
        "AccessDenied" | "AccessDeniedException"
    );
    assert!(
        !denied || LENT.contains(&row.name),
        "{}: denied with a policy that allows everything: {}",
        row.name,
        reply.body
    );
    assert_ne!(reply.status, 501, "{}: {}", row.name, reply.body);
    assert!(reply.status < 500, "{}: {}", row.name, reply.body);
    assert!(
        !reply.body.contains("validation error") && reply.code() != "MalformedXML",
        "{}: the sample is not well formed: {}",
        row.name,
        reply.body
    );
}

/// A wrong signature is still wrong, and nobody's own permission replaces the token.
async fn by_token(row: &'static Row, stage: &Stage) {
    let endpoint = stage.cloud.endpoint();
    let request = || sample(row, &stage.names);
    let mut wrong = stage.allowed.keys.clone();
    wrong.secret.push('x');
    let reply = request().signed(&wrong, row.service, &endpoint);
    let reply = reply.send(&endpoint).await;
    refused(
        row,
        "bad signature",
        &reply,
        &["SignatureDoesNotMatch"],
        false,
    );
    let codes = &["InvalidIdentityToken"];
    refused(
        row,
        "unsigned",
        &request().send(&endpoint).await,
        codes,
        false,
    );
    for person in [&stage.allowed, &stage.nobody, &stage.denied] {
        let reply = request().signed(&person.keys, row.service, &endpoint);
        refused(row, "signed", &reply.send(&endpoint).await, codes, false);
    }
}

/// Temporary credentials an hour after their end. The clock is the server's, so the request is signed then.
async fn expired(row: &'static Row, request: Raw, head: bool) {
    let cloud = Cloud::with(rolecall_server::Server::builder()).await;
    let endpoint = cloud.endpoint();
    let user = cloud.user("soon", ALLOW).await;
    let session = user
        .sts()
        .get_session_token()
        .duration_seconds(900)
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let keys = Keys {
        access_key: session.access_key_id,
        secret: session.secret_access_key,
        token: Some(session.session_token),
    };
    let later = SystemTime::now() + Duration::from_secs(3600);
    let clock = &cloud.server().gate().clock;
    clock.freeze(clock.now() + Duration::from_secs(3600));
    let reply = request
        .signed_at(&keys, row.service, &endpoint, later)
        .send(&endpoint)
        .await;
    refused(
        row,
        "expired token",
        &reply,
        &["ExpiredToken", "ExpiredTokenException"],
        head,
    );
}

/// Operations that answer each of their parts alone: the call is a 200, every part of it a denial.
const EACH: &[&str] = &["DeleteObjects"];

fn refused(row: &Row, how: &str, reply: &Reply, codes: &[&str], head: bool) {
    let name = row.name;
    let each = EACH.contains(&name) && reply.status == 200 && !reply.body.contains("<Deleted>");
    assert!(
        each || (400..404).contains(&reply.status),
        "{name}, {how}: {} {}",
        reply.status,
        reply.body
    );
    if head {
        assert_eq!(reply.body, "", "{name}, {how}: HEAD has no body");
    } else {
        assert!(
            codes.contains(&reply.code().as_str()),
            "{name}, {how}: {}",
            reply.body
        );
    }
}
