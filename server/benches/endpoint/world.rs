//! What stands in the endpoint before the load begins: a role, its policy, a session of it, a bucket.

use crate::{
    load::{Peer, Requests, once},
    sign::{Ask, Keys, form, s3, signed},
};
use std::{fmt::Write as _, sync::Arc, time::Duration};

/// The bucket that the role may write to, under `Exports/`.
pub(crate) const BUCKET: &str = "example-bucket";
/// The role.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/writer";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Exports","Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::example-bucket/Exports/*"},{"Sid":"Read","Effect":"Allow","Action":["iam:Get*","iam:List*","sts:AssumeRole"],"Resource":"*"}]}"#;

/// Whom the load is sent as.
pub(crate) struct People {
    /// A user who may assume the role. The root user may not, in AWS as here.
    pub(crate) user: Keys,
    /// A session of the role.
    pub(crate) session: Keys,
}

/// Makes the role, its policy, a user who may assume it, and the bucket.
pub(crate) async fn prepare(host: &str) -> People {
    let root = Keys::root();
    let mut peer = Peer::connect(host).await;
    let user = [("UserName", "bench")];
    let arn = "arn:aws:iam::123456789012:policy/exports";
    for body in [
        create_policy("exports", POLICY),
        create_role("writer"),
        attach("writer", "exports"),
        call("CreateUser", "2010-05-08", &user),
        call(
            "AttachUserPolicy",
            "2010-05-08",
            &[("UserName", "bench"), ("PolicyArn", arn)],
        ),
    ] {
        ok(&mut peer, &form(host, &root, "iam", &body)).await;
    }
    ok(
        &mut peer,
        &s3(host, &root, "PUT", &format!("/{BUCKET}"), b""),
    )
    .await;
    let key = call("CreateAccessKey", "2010-05-08", &user);
    ok(&mut peer, &form(host, &root, "iam", &key)).await;
    let user = keys(&peer.text());
    ok(&mut peer, &form(host, &user, "sts", &assume_role())).await;
    let session = keys(&peer.text());
    People { user, session }
}

/// `Action=AssumeRole` of the role.
pub(crate) fn assume_role() -> String {
    call(
        "AssumeRole",
        "2011-06-15",
        &[("RoleArn", ROLE), ("RoleSessionName", "bench")],
    )
}

/// `Action=GetRole` of a role.
pub(crate) fn get_role(name: &str) -> String {
    call("GetRole", "2010-05-08", &[("RoleName", name)])
}

/// The credentials in the answer of CreateAccessKey or AssumeRole.
fn keys(answer: &str) -> Keys {
    let of = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    Keys {
        id: of("AccessKeyId").expect("a key"),
        secret: of("SecretAccessKey").expect("a secret"),
        token: of("SessionToken"),
    }
}

/// Roles and policies of one account when there are many.
const EACH_ACCOUNT: usize = 900;

/// Accounts that may be needed.
pub(crate) const ACCOUNTS: usize = 112;

/// So many more roles, policies and 1 KiB objects, over sixteen connections.
pub(crate) async fn grow(host: &str, from: usize, to: usize) {
    let body = vec![b'x'; 1024];
    let mut plans: Vec<Vec<Vec<u8>>> = vec![Vec::new(); 16];
    // Signed in batches: a signature is good for fifteen minutes.
    for first in (from..to).step_by(4096) {
        for n in first..(first + 4096).min(to) {
            let plan = &mut plans[n % 16];
            // The quota of an account is a thousand roles.
            let root = match n / EACH_ACCOUNT {
                0 => Keys::root(),
                more => Keys::root_of(more),
            };
            plan.push(form(host, &root, "iam", &create_role(&format!("r{n:06}"))));
            plan.push(form(
                host,
                &root,
                "iam",
                &create_policy(&format!("p{n:06}"), POLICY),
            ));
            plan.push(s3(
                host,
                &Keys::root(),
                "PUT",
                &format!("/{BUCKET}/k/{n:06}"),
                &body,
            ));
        }
        let ready: Vec<Requests> = plans
            .iter_mut()
            .map(|plan| Arc::new(std::mem::take(plan)))
            .collect();
        let answered = once(host, ready, 200).await;
        assert_eq!(answered.wrong, 0, "every one of them is new");
    }
}

/// Everything that one walk-through of the guide asks, for the `n`th bucket, role and app; run on one connection.
pub(crate) async fn walk_through(peer: &mut Peer, host: &str, n: usize) {
    let root = Keys::root();
    let (bucket, role, policy) = (format!("b{n:06}"), format!("w{n:06}"), format!("e{n:06}"));
    let document = POLICY.replace(BUCKET, &bucket);
    ok(peer, &s3(host, &root, "PUT", &format!("/{bucket}"), b"")).await;
    for body in [
        create_policy(&policy, &document),
        create_role(&role),
        attach(&role, &policy),
    ] {
        ok(peer, &form(host, &root, "iam", &body)).await;
    }
    let app = app(peer, host).await;
    for (folder, status) in [("Exports", "COMPLETED"), ("Elsewhere", "FAILED")] {
        let job = export(peer, host, &app, &role, &format!("{bucket}/{folder}")).await;
        await_export(peer, host, (&app, &job), status, Duration::ZERO).await;
    }
}

/// A new app.
pub(crate) async fn app(peer: &mut Peer, host: &str) -> String {
    pinpoint(peer, host, "/v1/apps", br#"{"Name":"demo"}"#).await;
    field(&peer.text(), "Id")
}

/// Begins an export of an app through `role` to `folder` (`bucket/prefix`). Returns the job.
pub(crate) async fn export(
    peer: &mut Peer,
    host: &str,
    app: &str,
    role: &str,
    folder: &str,
) -> String {
    let job = format!(
        r#"{{"RoleArn":"arn:aws:iam::123456789012:role/{role}","S3UrlPrefix":"s3://{folder}/"}}"#
    );
    let target = format!("/v1/apps/{app}/jobs/export");
    pinpoint(peer, host, &target, job.as_bytes()).await;
    field(&peer.text(), "Id")
}

/// Asks for a job until it has this status, with a pause in between.
pub(crate) async fn await_export(
    peer: &mut Peer,
    host: &str,
    (app, job): (&str, &str),
    status: &str,
    pause: Duration,
) {
    let target = format!("/v1/apps/{app}/jobs/export/{job}");
    let ask = Ask {
        service: "mobiletargeting",
        method: "GET",
        target: &target,
        body: b"",
    };
    let request = signed(host, &Keys::root(), &ask);
    loop {
        ok(peer, &request).await;
        match field(&peer.text(), "JobStatus").as_str() {
            now if now == status => break,
            "COMPLETED" | "FAILED" => panic!("{}", peer.text()),
            _ => tokio::time::sleep(pause).await,
        }
    }
}

async fn pinpoint(peer: &mut Peer, host: &str, target: &str, body: &[u8]) {
    let ask = Ask {
        service: "mobiletargeting",
        method: "POST",
        target,
        body,
    };
    ok(peer, &signed(host, &Keys::root(), &ask)).await;
}

/// Asks, and expects success.
pub(crate) async fn ok(peer: &mut Peer, request: &[u8]) {
    let status = peer.ask(request).await;
    assert!((200..300).contains(&status), "{status}: {}", peer.text());
}

fn field(json: &str, name: &str) -> String {
    let tree: serde_json::Value = serde_json::from_str(json).expect("JSON");
    tree[name].as_str().expect("a text").to_owned()
}

fn create_role(name: &str) -> String {
    let document = [("RoleName", name), ("AssumeRolePolicyDocument", TRUST)];
    call("CreateRole", "2010-05-08", &document)
}

fn create_policy(name: &str, document: &str) -> String {
    call(
        "CreatePolicy",
        "2010-05-08",
        &[("PolicyName", name), ("PolicyDocument", document)],
    )
}

fn attach(role: &str, policy: &str) -> String {
    let arn = format!("arn:aws:iam::123456789012:policy/{policy}");
    call(
        "AttachRolePolicy",
        "2010-05-08",
        &[("RoleName", role), ("PolicyArn", &arn)],
    )
}

/// A form body.
pub(crate) fn call(action: &str, version: &str, parameters: &[(&str, &str)]) -> String {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let _ = write!(body, "&{name}={value}");
    }
    body
}
