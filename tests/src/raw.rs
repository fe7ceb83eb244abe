//! Requests below the SDKs: signed by aws-sigv4, or wrongly, or not at all.

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use std::{net::SocketAddr, sync::Arc, time::SystemTime};

/// An access key, its secret and its token.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret: String,
    /// Session token.
    pub token: Option<String>,
}

/// A request that is not signed yet.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// `GET`, …
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body, as text.
    pub body: String,
    /// Body.
    pub bytes: Bytes,
}

impl Raw {
    /// A request without headers or body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            ..Self::default()
        }
    }

    /// A form call of IAM or STS.
    pub fn form(fields: &[(&str, &str)]) -> Self {
        let mut body = String::new();
        for (name, value) in fields {
            let separator = if body.is_empty() { "" } else { "&" };
            let value = aws_encoded(value);
            body.push_str(&format!("{separator}{name}={value}"));
        }
        Self::new("POST", "/")
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .body(body)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Signs it for a service as today's SDKs do.
    #[must_use]
    pub fn signed(self, keys: &Keys, service: &str, endpoint: &str) -> Self {
        self.signed_at(keys, service, endpoint, SystemTime::now())
    }

    /// Signs it as of another time.
    #[must_use]
    pub fn signed_at(self, keys: &Keys, service: &str, endpoint: &str, time: SystemTime) -> Self {
        self.signed_for(keys, (service, "us-east-1"), endpoint, time)
    }

    /// Signs it for a service in a Region.
    #[must_use]
    pub fn signed_for(
        mut self,
        keys: &Keys,
        (service, region): (&str, &str),
        endpoint: &str,
        time: SystemTime,
    ) -> Self {
        let host = endpoint.trim_start_matches("http://").to_owned();
        let credentials = Credentials::new(
            &keys.access_key,
            &keys.secret,
            keys.token.clone(),
            None,
            "raw",
        );
        let identity = credentials.into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(time)
            .settings(settings)
            .build()
            .expect("all parameters are set");
        let uri = format!("{endpoint}{}", self.target);
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = headers.chain([("host", host.as_str())]);
        let signable =
            SignableRequest::new(&self.method, &uri, headers, SignableBody::Bytes(&self.body));
        let signable = signable.expect("the request can be signed");
        let (instructions, _) = sign(signable, &params.into()).expect("signed").into_parts();
        let signed: Vec<_> = instructions
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        self.headers.extend(signed);
        self
    }

    /// Sends it as it is.
    pub async fn send(self, endpoint: &str) -> Reply {
        self.try_send(endpoint).await.expect("the server answers")
    }

    /// Sends it to a server that may be gone.
    pub async fn try_send(self, endpoint: &str) -> Option<Reply> {
        let mut request = hyper::Request::builder()
            .method(self.method.as_str())
            .uri(format!("{endpoint}{}", self.target));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(self.body)))
            .expect("a well-formed request");
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body,
        })
    }
}

impl Raw {
    /// Sends it over TLS to whoever shows a certificate of `trusted`.
    pub async fn send_over_tls(self, address: SocketAddr, trusted: &str) -> Reply {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(trusted.as_bytes()) {
            roots.add(certificate.expect("PEM")).expect("a certificate");
        }
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls_graviola::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
        let stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("it listens");
        let name = "localhost".try_into().expect("a name");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.expect("a handshake");
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io)
            .await
            .expect("HTTP");
        tokio::spawn(connection);
        let mut request = hyper::Request::builder()
            .method(self.method.as_str())
            .uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.header("host", format!("localhost:{}", address.port()));
        let request = request
            .body(Full::new(Bytes::from(self.body)))
            .expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    }
}

impl Reply {
    /// The error code, in whichever form the protocol has it.
    pub fn code(&self) -> String {
        let header = self
            .headers
            .get("x-amzn-errortype")
            .and_then(|value| value.to_str().ok());
        header.map_or_else(|| self.element("Code"), str::to_owned)
    }

    /// The text of an XML element; empty when it is not there.
    pub fn element(&self, name: &str) -> String {
        let rest = self
            .body
            .split_once(&format!("<{name}>"))
            .map(|(_, rest)| rest);
        let text = rest
            .and_then(|rest| rest.split_once(&format!("</{name}>")))
            .map(|(text, _)| text);
        text.unwrap_or_default().to_owned()
    }
}

/// Percent-encodes everything but unreserved characters.
pub fn aws_encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let digit = |byte: u8| {
        if plain(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(digit).collect()
}
