//! AssumeRoleWithWebIdentity: tokens that a provider signed, and all that is not one. The keys in `web_identity/`
//! are made for these tests.

use crate::test;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use libtest_mimic::Trial;
use rolecall_server::Server;
use rolecall_tests::{
    Cloud,
    raw::{Raw, Reply},
};
use serde_json::{Value, json};

const JWKS: &str = include_str!("web_identity/jwks.json");
const ES256: &[u8] = include_bytes!("web_identity/es256.der");
const RS256: &[u8] = include_bytes!("web_identity/rs256.der");
const OTHER: &[u8] = include_bytes!("web_identity/other.der");

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("web_identity::a token becomes a session", becomes_a_session),
        test("web_identity::the trust policy decides", the_trust_decides),
        test("web_identity::what does not hold is refused", refused),
        test(
            "web_identity::tags and source identity come with the token",
            tags,
        ),
        test("web_identity::keys can be given while it runs", given_later),
    ]
}

fn claims() -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({
        "iss": ISSUER, "aud": "sts.amazonaws.com", "sub": "repo:octo/app:ref:refs/heads/main",
        "repository": "octo/app", "iat": now - 10, "exp": now + 300,
    })
}

fn signed(algorithm: Algorithm, kid: &str, key: &EncodingKey, claims: &Value) -> String {
    let header = Header {
        kid: Some(kid.to_owned()),
        ..Header::new(algorithm)
    };
    encode(&header, claims, key).unwrap()
}

fn token(claims: &Value) -> String {
    signed(
        Algorithm::ES256,
        "es",
        &EncodingKey::from_ec_der(ES256),
        claims,
    )
}

/// An endpoint with the provider, and a role that trusts it under `condition`.
async fn stage(condition: &str) -> Cloud {
    let builder = Server::builder().provider_keys(ISSUER, JWKS).unwrap();
    let cloud = Cloud::with(builder).await;
    provided(&cloud, condition).await;
    cloud
}

async fn provided(cloud: &Cloud, condition: &str) {
    let iam = cloud.root().iam();
    let provider = iam
        .create_open_id_connect_provider()
        .url(ISSUER)
        .client_id_list("sts.amazonaws.com");
    let provider = provider.send().await.unwrap();
    let arn = provider.open_id_connect_provider_arn.unwrap();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],"Condition":{condition}}}]}}"#
    );
    let role = iam.create_role().role_name("deploy");
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
}

async fn ask(cloud: &Cloud, token: &str) -> Reply {
    let fields = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", ROLE),
        ("RoleSessionName", "run-1"),
        ("WebIdentityToken", token),
    ];
    Raw::form(&fields).send(&cloud.endpoint()).await
}

const MAIN: &str = r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:*"}}"#;

async fn becomes_a_session() {
    let cloud = stage(MAIN).await;
    let rsa = EncodingKey::from_rsa_der(RS256);
    for token in [
        token(&claims()),
        signed(Algorithm::RS256, "rs", &rsa, &claims()),
    ] {
        let reply = ask(&cloud, &token).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.element("Provider"), ISSUER);
        assert_eq!(reply.element("Audience"), "sts.amazonaws.com");
        assert_eq!(
            reply.element("SubjectFromWebIdentityToken"),
            "repo:octo/app:ref:refs/heads/main"
        );
        let [key, secret, token] =
            ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| reply.element(name));
        let session = cloud.person(&key, &secret, Some(&token));
        let me = session.sts().get_caller_identity().send().await.unwrap();
        let arn = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
        assert_eq!(me.arn.as_deref(), Some(arn));
    }
    // What the provider said stays with the session.
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"token.actions.githubusercontent.com:repository":"octo/app","aws:FederatedProvider":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}}}]}"#;
    let put = cloud.root().iam().put_role_policy().role_name("deploy");
    let put = put.policy_name("p").policy_document(policy);
    put.send().await.unwrap();
    let reply = ask(&cloud, &token(&claims())).await;
    let [key, secret, token] =
        ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| reply.element(name));
    let session = cloud.person(&key, &secret, Some(&token));
    session.iam().list_users().send().await.unwrap();
}

async fn the_trust_decides() {
    let cloud = stage(MAIN).await;
    let mut other = claims();
    other["sub"] = json!("repo:somebody/else:ref:refs/heads/main");
    let reply = ask(&cloud, &token(&other)).await;
    assert_eq!(reply.code(), "AccessDenied");
    let sentence = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert!(reply.body.contains(sentence), "{}", reply.body);
    // Users do not get in this way, whatever they may do.
    let cloud = Cloud::with(Server::builder().provider_keys(ISSUER, JWKS).unwrap()).await;
    let iam = cloud.root().iam();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRoleWithWebIdentity"}]}"#;
    let role = iam.create_role().role_name("deploy");
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    iam.create_open_id_connect_provider()
        .url(ISSUER)
        .client_id_list("sts.amazonaws.com")
        .send()
        .await
        .unwrap();
    assert_eq!(ask(&cloud, &token(&claims())).await.code(), "AccessDenied");
}

async fn refused() {
    let cloud = stage(MAIN).await;
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        token(&claims)
    };
    let good = token(&claims());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", head.split_once('.').unwrap().1);
    let strange = EncodingKey::from_ec_der(OTHER);
    let now = jiff::Timestamp::now().as_second();
    let cases = [
        (
            "no token",
            "abcd".to_owned(),
            "InvalidIdentityToken",
            "not a valid JWT",
        ),
        ("alg none", unsigned, "InvalidIdentityToken", ""),
        (
            "another key",
            signed(Algorithm::ES256, "es", &strange, &claims()),
            "InvalidIdentityToken",
            "could not be validated",
        ),
        (
            "unknown kid",
            signed(
                Algorithm::ES256,
                "x",
                &EncodingKey::from_ec_der(ES256),
                &claims(),
            ),
            "InvalidIdentityToken",
            "could not be validated",
        ),
        (
            "a secret instead of a key",
            signed(
                Algorithm::HS256,
                "es",
                &EncodingKey::from_secret(JWKS.as_bytes()),
                &claims(),
            ),
            "InvalidIdentityToken",
            "could not be validated",
        ),
        (
            "cut",
            format!("{head}.{}", signature.get(2..).unwrap()),
            "InvalidIdentityToken",
            "",
        ),
        (
            "expired",
            with("exp", json!(now - 1)),
            "ExpiredTokenException",
            "must be before the expiration date/time",
        ),
        (
            "not yet",
            with("nbf", json!(now + 600)),
            "InvalidIdentityToken",
            "not valid yet",
        ),
        (
            "another audience",
            with("aud", json!("x")),
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (
            "another issuer",
            with("iss", json!("https://idp.example.com")),
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://idp.example.com",
        ),
    ];
    for (what, token, code, sentence) in cases {
        let reply = ask(&cloud, &token).await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (400, code),
            "{what}: {}",
            reply.body
        );
        assert!(reply.body.contains(sentence), "{what}: {}", reply.body);
        secret(&cloud, &token, &reply).await;
    }
    // Out of bounds, and refused by the trust policy.
    let long = "x".repeat(20_001);
    let other = with("sub", json!("repo:somebody/else"));
    for (token, code) in [
        (&*long, "ValidationError"),
        ("abc", "ValidationError"),
        (&*other, "AccessDenied"),
    ] {
        let reply = ask(&cloud, token).await;
        assert_eq!(reply.code(), code, "{}", reply.body);
        secret(&cloud, token, &reply).await;
    }
    // The provider is there, its keys are not.
    let cloud = Cloud::start().await;
    provided(&cloud, MAIN).await;
    let reply = ask(&cloud, &good).await;
    assert!(
        reply.body.contains("retrieve verification key"),
        "{}",
        reply.body
    );
}

/// A token opens doors while it lasts: neither an answer nor a decision shows it.
async fn secret(cloud: &Cloud, token: &str, reply: &Reply) {
    let records = cloud.server().gate().ring.since(0);
    let stream = Raw::new("GET", "/_rolecall/decisions");
    let stream = stream.send(&cloud.endpoint()).await.body;
    assert!(!records.is_empty() && !stream.is_empty());
    // Three letters stand in many words.
    if token.len() > 3 {
        assert!(!reply.body.contains(token), "{}", reply.body);
        assert!(!stream.contains(token), "{stream}");
    }
}

async fn tags() {
    let condition =
        r#"{"StringEquals":{"aws:RequestTag/team":"a","sts:SourceIdentity":"octocat"}}"#;
    let cloud = stage(condition).await;
    assert_eq!(ask(&cloud, &token(&claims())).await.code(), "AccessDenied");
    let mut tagged = claims();
    tagged["https://aws.amazon.com/tags"] =
        json!({"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]});
    tagged["https://aws.amazon.com/source_identity"] = json!("octocat");
    let reply = ask(&cloud, &token(&tagged)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.element("SourceIdentity"), "octocat");
}

async fn given_later() {
    let cloud = Cloud::start().await;
    provided(&cloud, MAIN).await;
    let keys: Value = serde_json::from_str(JWKS).unwrap();
    let given = json!({"provider-keys": {"token.actions.githubusercontent.com": keys}});
    let reply = Raw::new("POST", "/_rolecall/given")
        .body(given.to_string())
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(ask(&cloud, &token(&claims())).await.status, 200);
    let wrong = json!({"provider-keys": {"x.example.com": {"keys": []}}});
    let reply = Raw::new("POST", "/_rolecall/given")
        .body(wrong.to_string())
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reply.status, 400, "{}", reply.body);
}
