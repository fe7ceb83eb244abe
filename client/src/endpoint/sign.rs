//! Signature Version 4, by the crate that AWS maintains.

use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as sign_request,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::Request;

use super::operations::Service;
use super::{CallError, Credentials};

/// What a signature is for.
pub(super) struct Scope<'a> {
    pub(super) service: Service,
    pub(super) region: &'a str,
}

pub(super) fn sign(
    request: &mut Request<Bytes>,
    who: &Credentials,
    scope: &Scope<'_>,
) -> Result<(), CallError> {
    let failed = |why: String| CallError::NotACall(format!("the call cannot be signed: {why}"));
    let identity: Identity = AwsCredentials::new(
        who.access_key.as_str(),
        who.secret.as_str(),
        who.token.clone(),
        None,
        "rolecall",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service.signing_name())
        .time(SystemTime::now())
        .settings(settings(scope.service))
        .build()
        .map_err(|error| failed(error.to_string()))?
        .into();
    let url = request.uri().to_string();
    let method = request.method().as_str().to_owned();
    let mut headers = Vec::new();
    for (name, value) in request.headers() {
        let value = value
            .to_str()
            .map_err(|_| failed(format!("the header `{name}` is not plain text")))?;
        headers.push((name.as_str(), value));
    }
    let body = request.body().clone();
    let signable = SignableRequest::new(
        &method,
        url.as_str(),
        headers.into_iter(),
        SignableBody::Bytes(&body),
    )
    .map_err(|error| failed(error.to_string()))?;
    let (instructions, _) = sign_request(signable, &params)
        .map_err(|error| failed(error.to_string()))?
        .into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// S3 signs the path as it is and shows the hash of the body; the others encode the path twice.
fn settings(service: Service) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == Service::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}
