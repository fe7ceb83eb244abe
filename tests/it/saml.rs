//! AssumeRoleWithSAML: responses that a provider signed, and all that is not one. `saml/` holds some that another
//! implementation signed (`saml/make.py`); the others are signed here, with the keys of `web_identity/`.

use crate::test;
use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use jsonwebtoken::{Algorithm, EncodingKey};
use libtest_mimic::Trial;
use rolecall_server::{Clock, Server};
use rolecall_tests::{
    Cloud,
    raw::{Raw, Reply},
};
use sha2::{Digest as _, Sha256};

const METADATA: &str = include_str!("saml/metadata.xml");
const RS256: &[u8] = include_bytes!("web_identity/rs256.der");
const ES256: &[u8] = include_bytes!("web_identity/es256.der");
const OTHER: &[u8] = include_bytes!("web_identity/other.der");

/// Signed by signxml.
const ASSERTION: &str = include_str!("saml/assertion_rsa.xml");
const PREFIXES: &str = include_str!("saml/assertion_prefixes.xml");
const RESPONSE: &str = include_str!("saml/response_ecdsa.xml");
const BOTH: &str = include_str!("saml/both.xml");
const STRANGE: &str = include_str!("saml/strange_key.xml");

/// When all of them were issued.
const NOW: &str = "2026-03-04T05:06:07Z";
const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/corp";
const AUDIENCE: &str = r#"{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}"#;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("saml::an assertion becomes a session", becomes_a_session),
        test("saml::the trust policy decides", the_trust_decides),
        test("saml::attributes are keys", attributes),
        test("saml::tags and source identity come with it", tags),
        test("saml::the provider may shorten a session", durations),
        test("saml::what is not signed so is refused", signatures),
        test("saml::wrapped signatures are refused", wrapping),
        test("saml::what does not hold is refused", refused),
        test(
            "saml::the provider must be the one that is named",
            providers,
        ),
    ]
}

/// An endpoint in 2026 with the provider, and a role that trusts it under `condition`.
async fn stage(condition: &str) -> Cloud {
    let clock = Clock::frozen(NOW.parse().unwrap());
    let cloud = Cloud::with(Server::builder().clock(clock)).await;
    let iam = cloud.root().iam();
    let provider = iam.create_saml_provider().name("corp");
    let provider = provider.saml_metadata_document(METADATA);
    provider.send().await.unwrap();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{condition}}}]}}"#
    );
    let role = iam.create_role().role_name("deploy");
    let role = role.assume_role_policy_document(trust);
    role.send().await.unwrap();
    cloud
}

async fn ask_for(cloud: &Cloud, more: &[(&str, &str)], response: &str) -> Reply {
    let assertion = STANDARD.encode(response);
    let mut fields = vec![
        ("Action", "AssumeRoleWithSAML"),
        ("Version", "2011-06-15"),
        ("RoleArn", ROLE),
        ("PrincipalArn", PROVIDER),
        ("SAMLAssertion", &assertion),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend(more);
    Raw::form(&fields).send(&cloud.endpoint()).await
}

async fn ask(cloud: &Cloud, response: &str) -> Reply {
    ask_for(cloud, &[], response).await
}

/// A response, before it is signed.
struct Draft {
    key: EncodingKey,
    method: (Algorithm, &'static str),
    issuer: &'static str,
    issued: &'static str,
    status: &'static str,
    destination: &'static str,
    recipient: &'static str,
    audience: &'static str,
    not_before: &'static str,
    not_on_or_after: &'static str,
    name: &'static str,
    role: String,
    statement: &'static str,
    /// More attributes: name and values.
    attributes: Vec<(&'static str, Vec<&'static str>)>,
}

const RSA: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const EC: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
const ENVELOPED: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>"#;
const EXCLUSIVE: &str =
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>"#;

impl Default for Draft {
    fn default() -> Self {
        Self {
            key: EncodingKey::from_ec_der(ES256),
            method: (Algorithm::ES256, EC),
            issuer: "https://idp.example.com/saml",
            issued: NOW,
            status: "Success",
            destination: SIGN_IN,
            recipient: SIGN_IN,
            audience: "urn:amazon:webservices",
            not_before: "2026-03-04T05:05:07Z",
            not_on_or_after: "2026-03-04T05:11:07Z",
            name: "ana",
            role: format!("{ROLE},{PROVIDER}"),
            statement: "",
            attributes: Vec::new(),
        }
    }
}

impl Draft {
    fn with(change: impl FnOnce(&mut Self)) -> String {
        let mut draft = Self::default();
        change(&mut draft);
        draft.response()
    }

    fn attribute(&mut self, name: &'static str, values: &[&'static str]) {
        self.attributes.push((name, values.to_vec()));
    }

    /// The assertion as its canonical form is, so that it can be signed as it stands.
    fn assertion(&self) -> (String, String) {
        let mut attributes = String::new();
        let ours = |name: &str| format!("https://aws.amazon.com/SAML/Attributes/{name}");
        let mut all = vec![(ours("Role"), vec![&*self.role])];
        if !self.name.is_empty() {
            all.push((ours("RoleSessionName"), vec![self.name]));
        }
        let more = self.attributes.iter();
        all.extend(more.map(|(name, values)| {
            match name.contains(':') && !name.starts_with("Principal") {
                true => ((*name).to_owned(), values.clone()),
                false => (ours(name), values.clone()),
            }
        }));
        for (name, values) in all {
            let values = values
                .iter()
                .map(|it| format!("<AttributeValue>{it}</AttributeValue>"));
            let values: String = values.collect();
            attributes += &format!(r#"<Attribute Name="{name}">{values}</Attribute>"#);
        }
        let Self {
            issuer,
            issued,
            recipient,
            audience,
            not_before,
            not_on_or_after,
            statement,
            ..
        } = self;
        let head = format!(
            r#"<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" IssueInstant="{issued}" Version="2.0"><Issuer>{issuer}</Issuer>"#
        );
        let tail = format!(
            r#"<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">_7</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData NotOnOrAfter="{not_on_or_after}" Recipient="{recipient}"></SubjectConfirmationData></SubjectConfirmation></Subject><Conditions NotBefore="{not_before}" NotOnOrAfter="{not_on_or_after}"><AudienceRestriction><Audience>{audience}</Audience></AudienceRestriction></Conditions>{statement}<AttributeStatement>{attributes}</AttributeStatement></Assertion>"#
        );
        (head, tail)
    }

    fn response(&self) -> String {
        let (head, tail) = self.assertion();
        let signature = self.signature(
            &format!("{head}{tail}"),
            "#_a",
            &format!("{ENVELOPED}{EXCLUSIVE}"),
        );
        self.envelope(&format!("{head}{signature}{tail}"))
    }

    fn envelope(&self, inner: &str) -> String {
        let (status, destination) = (self.status, self.destination);
        format!(
            r#"<?xml version="1.0"?><p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Destination="{destination}"><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></p:Status>{inner}</p:Response>"#
        )
    }

    fn signature(&self, text: &str, uri: &str, transforms: &str) -> String {
        let digest = STANDARD.encode(Sha256::digest(text));
        let (algorithm, method) = self.method;
        let info = |space: &str| {
            format!(
                r#"<ds:SignedInfo{space}><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference URI="{uri}"><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#
            )
        };
        let space = r#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#;
        let value = jsonwebtoken::crypto::sign(info(space).as_bytes(), &self.key, algorithm);
        let value = STANDARD.encode(URL_SAFE_NO_PAD.decode(value.unwrap()).unwrap());
        let info = info("");
        format!(
            "<ds:Signature{space}>{info}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
        )
    }
}

async fn becomes_a_session() {
    let cloud = stage(AUDIENCE).await;
    for (name, response) in [
        ("assertion", ASSERTION),
        ("prefixes", PREFIXES),
        ("response", RESPONSE),
        ("both", BOTH),
    ] {
        let reply = ask(&cloud, response).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
        for (element, want) in [
            ("Subject", "ana@example.com"),
            ("SubjectType", "persistent"),
            ("Issuer", "https://idp.example.com/saml"),
            ("Audience", SIGN_IN),
            // BASE64(SHA1("https://idp.example.com/saml" + "123456789012" + "/corp"))
            ("NameQualifier", "HahBW48oNiXLlr28VT6/xduH27c="),
        ] {
            assert_eq!(reply.element(element), want, "{name}: {element}");
        }
        let me = me(&cloud, &reply).await;
        assert_eq!(me, "arn:aws:sts::123456789012:assumed-role/deploy/ana");
    }
    // Either order of the pair, either kind of key.
    let reversed = Draft::with(|it| it.role = format!(" {PROVIDER} , {ROLE} "));
    assert_eq!(ask(&cloud, &reversed).await.status, 200);
    let rsa = Draft::with(|it| {
        it.key = EncodingKey::from_rsa_der(RS256);
        it.method = (Algorithm::RS256, RSA);
    });
    let reply = ask(&cloud, &rsa).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    // What the provider said stays with the session.
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"saml:sub":"_7","saml:sub_type":"transient","aws:FederatedProvider":"arn:aws:iam::123456789012:saml-provider/corp"}}}]}"#;
    let put = cloud.root().iam().put_role_policy().role_name("deploy");
    let put = put.policy_name("p").policy_document(policy);
    put.send().await.unwrap();
    let [key, secret, token] = credentials(&reply);
    let session = cloud.person(&key, &secret, Some(&token));
    session.iam().list_users().send().await.unwrap();
}

fn credentials(reply: &Reply) -> [String; 3] {
    ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| reply.element(name))
}

async fn me(cloud: &Cloud, reply: &Reply) -> String {
    let [key, secret, token] = credentials(reply);
    let session = cloud.person(&key, &secret, Some(&token));
    let me = session.sts().get_caller_identity().send().await.unwrap();
    me.arn.unwrap()
}

async fn the_trust_decides() {
    let not_here =
        r#"{"StringEquals":{"saml:aud":"https://eu-west-1.signin.aws.amazon.com/saml"}}"#;
    let cloud = stage(not_here).await;
    let reply = ask(&cloud, ASSERTION).await;
    assert_eq!((reply.status, &*reply.code()), (403, "AccessDenied"));
    let sentence = "Not authorized to perform sts:AssumeRoleWithSAML";
    assert!(reply.body.contains(sentence), "{}", reply.body);
    let regional = Draft::with(|it| it.recipient = "https://eu-west-1.signin.aws.amazon.com/saml");
    assert_eq!(ask(&cloud, &regional).await.status, 200);
    // A web identity is another action, and a user is another principal.
    for trust in [
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"},"Action":"sts:AssumeRoleWithWebIdentity"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRoleWithSAML"}]}"#,
    ] {
        let update = cloud.root().iam().update_assume_role_policy();
        let update = update.role_name("deploy").policy_document(trust);
        update.send().await.unwrap();
        assert_eq!(ask(&cloud, &regional).await.code(), "AccessDenied");
    }
}

async fn attributes() {
    let condition = r#"{"StringEquals":{"saml:doc":"123456789012/corp","saml:iss":"https://idp.example.com/saml","saml:namequalifier":"HahBW48oNiXLlr28VT6/xduH27c=","saml:mail":"a@example.com"},"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":"staff"}}"#;
    let cloud = stage(condition).await;
    assert_eq!(
        ask(&cloud, &Draft::default().response()).await.code(),
        "AccessDenied"
    );
    let named = Draft::with(|it| {
        it.attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", &["member", "staff"]);
        it.attribute(
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            &["a@example.com"],
        );
    });
    let reply = ask(&cloud, &named).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

async fn tags() {
    let condition = r#"{"StringEquals":{"aws:RequestTag/team":"a","sts:SourceIdentity":"ana-7","sts:RoleSessionName":"ana"},"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":["team"]}}"#;
    let cloud = stage(condition).await;
    assert_eq!(
        ask(&cloud, &Draft::default().response()).await.code(),
        "AccessDenied"
    );
    let tagged = Draft::with(|it| {
        it.attribute("PrincipalTag:team", &["a"]);
        it.attribute("TransitiveTagKeys", &["team"]);
        it.attribute("SourceIdentity", &["ana-7"]);
    });
    let reply = ask(&cloud, &tagged).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.element("SourceIdentity"), "ana-7");
}

async fn durations() {
    let cloud = stage(AUDIENCE).await;
    let plain = Draft::default().response();
    let quarter = Draft::with(|it| it.attribute("SessionDuration", &["900"]));
    let long = Draft::with(|it| it.attribute("SessionDuration", &["43200"]));
    let ends = Draft::with(|it| {
        it.statement =
            r#"<AuthnStatement SessionNotOnOrAfter="2026-03-04T05:26:07Z"></AuthnStatement>"#;
    });
    let cases = [
        (&plain, None, "2026-03-04T06:06:07Z"),
        (&plain, Some("1800"), "2026-03-04T05:36:07Z"),
        (&quarter, None, "2026-03-04T05:21:07Z"),
        (&quarter, Some("1800"), "2026-03-04T05:21:07Z"),
        (&long, None, "2026-03-04T06:06:07Z"),
        (&ends, None, "2026-03-04T05:26:07Z"),
    ];
    for (response, seconds, end) in cases {
        let more = seconds.map(|seconds| ("DurationSeconds", seconds));
        let reply = ask_for(&cloud, more.as_slice(), response).await;
        assert_eq!(reply.element("Expiration"), end, "{}", reply.body);
    }
    let reply = ask_for(&cloud, &[("DurationSeconds", "7200")], &plain).await;
    assert_eq!(reply.code(), "ValidationError", "{}", reply.body);
}

async fn signatures() {
    let cloud = stage(AUDIENCE).await;
    let draft = Draft::default();
    let (head, tail) = draft.assertion();
    let whole = format!("{head}{tail}");
    let both = format!("{ENVELOPED}{EXCLUSIVE}");
    let signed = |uri: &str, transforms: &str| {
        let signature = draft.signature(&whole, uri, transforms);
        draft.envelope(&format!("{head}{signature}{tail}"))
    };
    let twice = {
        let signature = draft.signature(&whole, "#_a", &both);
        draft.envelope(&format!("{head}{signature}{signature}{tail}"))
    };
    let xpath =
        r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"></ds:Transform>"#;
    let cases = [
        ("nothing is signed", draft.envelope(&whole)),
        ("somebody else's key", STRANGE.to_owned()),
        (
            "the key for encryption",
            Draft::with(|it| it.key = EncodingKey::from_ec_der(OTHER)),
        ),
        (
            "changed",
            ASSERTION.replace("ana@example.com", "root@example.com"),
        ),
        (
            "changed in an attribute",
            ASSERTION.replace(">ana<", ">bob<"),
        ),
        (
            "changed in the signed response",
            RESPONSE.replace(">ana<", ">bob<"),
        ),
        ("half of both", BOTH.replace("_r1", "_r2")),
        ("no reference", signed("", &both)),
        ("another reference", signed("#_r", &both)),
        ("no transforms", signed("#_a", "")),
        ("one transform", signed("#_a", ENVELOPED)),
        (
            "the wrong order",
            signed("#_a", &format!("{EXCLUSIVE}{ENVELOPED}")),
        ),
        (
            "a third transform",
            signed("#_a", &format!("{both}{xpath}")),
        ),
        ("two signatures", twice),
        (
            "SHA-1",
            Draft::with(|it| it.method.1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ),
        (
            "a method of the other family",
            Draft::with(|it| it.method.1 = RSA),
        ),
        (
            "an HMAC over the public key",
            Draft::with(|it| {
                it.key = EncodingKey::from_secret(METADATA.as_bytes());
                it.method = (
                    Algorithm::HS256,
                    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
                );
            }),
        ),
    ];
    for (what, response) in cases {
        let reply = ask(&cloud, &response).await;
        assert_eq!(
            reply.code(),
            "InvalidIdentityToken",
            "{what}: {}",
            reply.body
        );
        let sentence = "Response signature invalid";
        assert!(reply.body.contains(sentence), "{what}: {}", reply.body);
    }
    assert_eq!(ask(&cloud, &signed("#_a", &both)).await.status, 200);
}

/// The eight arrangements of "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012), as far as they differ:
/// the signed assertion is somewhere, and a false one where it is read.
async fn wrapping() {
    let cloud = stage(AUDIENCE).await;
    let draft = Draft::default();
    let (head, tail) = draft.assertion();
    let both = format!("{ENVELOPED}{EXCLUSIVE}");
    let signature = draft.signature(&format!("{head}{tail}"), "#_a", &both);
    let good = format!("{head}{signature}{tail}");
    let evil = |text: &str| text.replace(">ana<", ">admin<");
    let renamed = |text: &str| text.replace("ID=\"_a\"", "ID=\"_e\"");
    let false_one = renamed(&evil(&format!("{head}{tail}")));
    let with_signature = evil(&good);
    let into = |outer: &str, inner: &str| {
        outer.replace(
            "</ds:Signature>",
            &format!("<ds:Object>{inner}</ds:Object></ds:Signature>"),
        )
    };
    let cases = [
        ("false first", draft.envelope(&format!("{false_one}{good}"))),
        ("false last", draft.envelope(&format!("{good}{false_one}"))),
        (
            "same id first",
            draft.envelope(&format!("{}{good}", evil(&format!("{head}{tail}")))),
        ),
        (
            "the good one in an Object",
            draft.envelope(&into(&with_signature, &format!("{head}{tail}"))),
        ),
        ("the good one in the false one", {
            draft.envelope(&false_one.replace("</Assertion>", &format!("{good}</Assertion>")))
        }),
        ("the good one in Extensions", {
            draft.envelope(&format!("<p:Extensions>{good}</p:Extensions>{false_one}"))
        }),
        ("the good response in the false one", {
            let response = draft.envelope(&good).replace("<?xml version=\"1.0\"?>", "");
            draft.envelope(&format!(
                "<p:Extensions>{response}</p:Extensions>{false_one}"
            ))
        }),
        ("the signature moved out", {
            draft.envelope(&format!("{signature}{}", evil(&format!("{head}{tail}"))))
        }),
        ("the signature below the subject", {
            let tail = tail.replace("</Subject>", &format!("{signature}</Subject>"));
            draft.envelope(&format!("{head}{tail}"))
        }),
        (
            "an id twice",
            draft.envelope(&good).replace("ID=\"_r\"", "ID=\"_a\""),
        ),
    ];
    for (what, response) in cases {
        let reply = ask(&cloud, &response).await;
        assert_eq!(
            reply.code(),
            "InvalidIdentityToken",
            "{what}: {}",
            reply.body
        );
    }
    // A comment does not cut the name that was signed.
    let cut = draft.envelope(&good.replace(">ana<", ">a<!-- -->na<"));
    let reply = ask(&cloud, &cut).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(me(&cloud, &reply).await.ends_with("/ana"));
}

async fn refused() {
    let cloud = stage(AUDIENCE).await;
    let with = |change: fn(&mut Draft)| Draft::with(change);
    let invalid = "InvalidIdentityToken";
    let cases = [
        (
            with(|it| it.issuer = "https://other.example.com"),
            invalid,
            "Issuer not present in specified provider",
        ),
        (
            with(|it| it.audience = "https://example.com"),
            invalid,
            "Response does not contain the required audience.",
        ),
        (
            with(|it| it.recipient = "https://example.com/saml"),
            invalid,
            "Recipient",
        ),
        (
            with(|it| it.destination = "https://example.com/saml"),
            invalid,
            "Destination",
        ),
        (
            with(|it| it.name = ""),
            invalid,
            "RoleSessionName is required in AuthnResponse",
        ),
        (
            with(|it| it.name = "Ana Maria"),
            invalid,
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        ),
        (
            with(|it| it.attribute("SourceIdentity", &["aws:root"])),
            invalid,
            "Source Identity must match",
        ),
        (
            with(|it| it.attribute("SessionDuration", &["60"])),
            invalid,
            "SessionDuration",
        ),
        (
            with(|it| it.issued = "2026-03-04T05:01:06Z"),
            "ExpiredTokenException",
            "Token must be redeemed within 5 minutes of issuance",
        ),
        (
            with(|it| it.issued = "2026-03-04T05:11:08Z"),
            invalid,
            "in the future",
        ),
        (
            with(|it| it.not_on_or_after = NOW),
            "ExpiredTokenException",
            "expired",
        ),
        (
            with(|it| it.not_before = "2026-03-04T05:06:08Z"),
            invalid,
            "not valid yet",
        ),
        (
            with(|it| {
                it.statement = r#"<AuthnStatement SessionNotOnOrAfter="2026-03-04T05:06:07Z"></AuthnStatement>"#
            }),
            "ExpiredTokenException",
            "ended",
        ),
        (
            with(|it| it.status = "Requester"),
            "IDPRejectedClaim",
            "authentication failed",
        ),
        (
            with(|it| it.role = format!("{ROLE}2,{PROVIDER}")),
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        ),
        ("<a/>".to_owned(), invalid, "not a response"),
        ("nothing".to_owned(), invalid, "not a document"),
        (
            format!(
                "<!DOCTYPE a>{}",
                Draft::default()
                    .response()
                    .replace("<?xml version=\"1.0\"?>", "")
            ),
            invalid,
            "not a document",
        ),
    ];
    for (response, code, sentence) in cases {
        let reply = ask(&cloud, &response).await;
        assert_eq!(reply.code(), code, "{sentence}: {}", reply.body);
        let text = reply.body.replace("&quot;", "\"");
        assert!(text.contains(sentence), "{sentence}: {}", reply.body);
    }
    let reply = ask_for(&cloud, &[("SAMLAssertion", "a b!")], "").await;
    assert!(
        reply.body.contains("Invalid base64 SAMLResponse"),
        "{}",
        reply.body
    );
    let long = "A".repeat(100_001);
    let reply = ask_for(&cloud, &[("SAMLAssertion", &long)], "").await;
    assert_eq!(reply.code(), "ValidationError");
    assert!(reply.body.len() < 1000, "the assertion is not sent back");
    // It was good until now.
    cloud.server().gate().clock.advance("PT6M".parse().unwrap());
    assert_eq!(
        ask(&cloud, &Draft::default().response()).await.code(),
        "ExpiredTokenException"
    );
}

async fn providers() {
    let cloud = stage(AUDIENCE).await;
    let other = "arn:aws:iam::123456789012:saml-provider/other";
    let response = Draft::with(|it| it.role = format!("{ROLE},{other}"));
    let reply = ask_for(&cloud, &[("PrincipalArn", other)], &response).await;
    assert!(
        reply.body.contains("Specified provider doesn't exist")
            || reply.body.contains("Specified provider doesn&apos;t exist"),
        "{}",
        reply.body
    );
    // Metadata that have ended, and a provider that is not there any more.
    let ended = METADATA.replacen(
        "entityID",
        "validUntil=\"2026-03-04T05:06:07Z\" entityID",
        1,
    );
    let update = cloud.root().iam().update_saml_provider();
    let update = update
        .saml_provider_arn(PROVIDER)
        .saml_metadata_document(ended);
    update.send().await.unwrap();
    let reply = ask(&cloud, ASSERTION).await;
    assert!(reply.body.contains("have expired"), "{}", reply.body);
    let delete = cloud.root().iam().delete_saml_provider();
    delete.saml_provider_arn(PROVIDER).send().await.unwrap();
    assert_eq!(ask(&cloud, ASSERTION).await.code(), "InvalidIdentityToken");
}
