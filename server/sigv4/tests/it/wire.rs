//! Requests as text, their verification, and their signing by `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use rolecall_sigv4::{Head, Payload, Refusal, Regions, Rules, SigningKey, Verified, find};
use sha2::{Digest, Sha256};

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z.
pub const NOW: i64 = 1_440_938_160;

pub fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// A request as a server has it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Request {
    /// Reads `GET /path?query HTTP/1.1`, headers (continued by lines that begin with a space), an
    /// empty line and a body.
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines: Vec<String> = Vec::new();
        for line in head.lines() {
            match lines.last_mut() {
                Some(last) if line.starts_with(' ') => last.push_str(line),
                _ => lines.push(line.to_owned()),
            }
        }
        let (first, headers) = lines.split_first().expect("a request line");
        let (method, target) = first.split_once(' ').expect("a method");
        let target = target.strip_suffix(" HTTP/1.1").expect("a version");
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        };
        for line in headers {
            let (name, value) = line.split_once(':').expect("a header");
            request.add(name, value);
        }
        request
    }

    pub fn add(&mut self, name: &str, value: &str) {
        let name = HeaderName::try_from(name).unwrap();
        self.headers
            .append(name, HeaderValue::try_from(value).unwrap());
    }

    pub fn set(&mut self, name: &'static str, value: &str) {
        self.headers
            .insert(name, HeaderValue::try_from(value).unwrap());
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn head(&self) -> Head<'_> {
        Head {
            method: &self.method,
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
        }
    }

    /// Finds and verifies the credentials as a server does.
    pub fn verify(&self, secret: &str, rules: &Rules<'_>) -> Result<Verified, Refusal> {
        self.verify_at(secret, rules, now())
    }

    pub fn verify_at(
        &self,
        secret: &str,
        rules: &Rules<'_>,
        now: Timestamp,
    ) -> Result<Verified, Refusal> {
        let head = self.head();
        let signed = find(&head)?.ok_or(Refusal::NoCredentials)?;
        let key = SigningKey::derive(secret, &signed.scope);
        let hash = Sha256::digest(&self.body).into();
        let payload = if rules.service == "s3" {
            Payload::Header
        } else {
            Payload::Hash(&hash)
        };
        signed.verify(&head, &key, rules, now, payload)
    }
}

/// How `aws-sigv4` is to sign.
#[derive(Clone, Debug)]
pub struct Signing {
    pub s3: bool,
    pub presigned: bool,
    pub token: Option<String>,
    pub secret: String,
    /// The word for the body, when it is not hashed.
    pub body: Option<&'static str>,
}

impl Signing {
    pub fn header() -> Self {
        Self {
            s3: false,
            presigned: false,
            token: None,
            secret: SECRET.to_owned(),
            body: None,
        }
    }

    pub fn s3() -> Self {
        Self {
            s3: true,
            ..Self::header()
        }
    }

    pub fn presigned(self) -> Self {
        Self {
            presigned: true,
            ..self
        }
    }

    pub fn body(self, word: &'static str) -> Self {
        Self {
            body: Some(word),
            ..self
        }
    }

    pub fn service(&self) -> &'static str {
        if self.s3 { "s3" } else { "service" }
    }

    pub fn rules(&self) -> Rules<'static> {
        if self.s3 {
            Rules::s3(Regions::Only("us-east-1"))
        } else {
            Rules::standard("service", Regions::Only("us-east-1"))
        }
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.s3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if self.presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(600));
        }
        settings
    }

    pub fn identity(&self) -> Identity {
        Credentials::new(
            "AKIDEXAMPLE",
            &self.secret,
            self.token.clone(),
            None,
            "test",
        )
        .into()
    }

    pub fn params<'a>(&self, identity: &'a Identity) -> v4::SigningParams<'a, SigningSettings> {
        v4::SigningParams::builder()
            .identity(identity)
            .region("us-east-1")
            .name(self.service())
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()))
            .settings(self.settings())
            .build()
            .unwrap()
    }

    /// Signs a request in place and returns the signature.
    pub fn sign(&self, request: &mut Request) -> String {
        if !request.headers.contains_key("host") {
            request.set("host", "example.amazonaws.com");
        }
        let query = request
            .query
            .as_ref()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let uri = format!("http://example.amazonaws.com{}{query}", request.path);
        let body = match self.body {
            Some(word) => SignableBody::Precomputed(word.to_owned()),
            None if self.s3 && self.presigned => SignableBody::UnsignedPayload,
            None => SignableBody::Bytes(&request.body),
        };
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.to_str().unwrap()))
            .collect();
        let signable =
            SignableRequest::new(&request.method, &uri, headers.into_iter(), body).unwrap();
        let identity = self.identity();
        let params = self.params(&identity).into();
        let (instructions, signature) = sign(signable, &params).unwrap().into_parts();
        let mut signed = http::Request::builder().uri(&uri).body(()).unwrap();
        *signed.headers_mut() = request.headers.clone();
        instructions.apply_to_request_http1x(&mut signed);
        request.headers = signed.headers().clone();
        if self.presigned {
            request.query = signed.uri().query().map(str::to_owned);
        }
        signature
    }
}
