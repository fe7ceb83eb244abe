//! Requests as raw bytes, signed once by aws-sigv4 and then sent as often as the measurement needs.

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use std::{fmt::Write as _, time::SystemTime};

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Keys {
    /// The root user of the `n`th further account.
    pub(crate) fn root_of(n: usize) -> Self {
        Self {
            id: further_account(n),
            ..Self::root()
        }
    }

    /// The root user of the default account.
    pub(crate) fn root() -> Self {
        Self {
            id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }
    }
}

/// The `n`th account besides the default one; its root key is called like it.
pub(crate) fn further_account(n: usize) -> String {
    format!("2000{n:08}")
}

/// One request of one service to one endpoint.
pub(crate) struct Ask<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
}

/// A call of IAM or STS.
pub(crate) fn form(host: &str, keys: &Keys, service: &str, body: &str) -> Vec<u8> {
    let ask = Ask {
        service,
        method: "POST",
        target: "/",
        body: body.as_bytes(),
    };
    signed(host, keys, &ask)
}

/// A call of S3.
pub(crate) fn s3(host: &str, keys: &Keys, method: &str, target: &str, body: &[u8]) -> Vec<u8> {
    let ask = Ask {
        service: "s3",
        method,
        target,
        body,
    };
    signed(host, keys, &ask)
}

/// Head and body, ready for the socket.
pub(crate) fn signed(host: &str, keys: &Keys, ask: &Ask<'_>) -> Vec<u8> {
    let url = format!("http://{host}{}", ask.target);
    let identity =
        Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "bench").into();
    let mut settings = SigningSettings::default();
    let mut headers = vec![("host", host)];
    match ask.service {
        "s3" => {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        "mobiletargeting" => headers.push(("content-type", "application/json")),
        _ => headers.push((
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )),
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(ask.service)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .expect("all parts are given")
        .into();
    let signable = SignableRequest::new(
        ask.method,
        url,
        headers.iter().copied(),
        SignableBody::Bytes(ask.body),
    )
    .expect("a well-formed request");
    let (made, _) = sign(signable, &params)
        .expect("it can be signed")
        .into_parts();
    let mut head = format!("{} {} HTTP/1.1\r\n", ask.method, ask.target);
    for (name, value) in headers.iter().copied().chain(made.headers()) {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "content-length: {}\r\n\r\n", ask.body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(ask.body);
    bytes
}
