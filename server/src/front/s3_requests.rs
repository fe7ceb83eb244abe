//! The way of a request to S3: the operation is method, path, query and headers, and content streams. S3 alone takes two
//! versions of signatures, and asks which Region they are for.

use super::{
    DOCUMENT_LIMIT, FORM_LIMIT, Front, OBJECT_LIMIT, Routed, Service, parsed, sig_head, unserved,
};
use crate::{
    gate::{Caller, Meta, SignedHow, Who, authenticate_2, authenticate_form, authenticate_form_2},
    regions, s3,
    wire::{Arriving, Fault, Parts, Payload, Response, Room, Row, Stored, Unauthenticated, Value},
    world::Text,
    worlds,
};
use http::{Method, header::CONTENT_LENGTH, request};
use rolecall_sigv4::{
    FormFields, How, Payload as SignedPayload, Refusal, Regions, Rules, Signed, Signed2,
};
use std::{borrow::Cow, sync::Arc};

impl Front {
    /// S3: the operation is method, path, query and headers; content streams.
    pub(super) async fn s3(
        &self,
        head: &request::Parts,
        body: Arriving,
        meta: &mut Arc<Meta>,
        routed: &mut Routed,
        (signed, second): (Option<Signed<'_>>, Option<Signed2<'_>>),
    ) -> Result<Response, Fault> {
        let path = s3::path_style(&head.headers, worlds::inner(head.uri.path()));
        let query = parsed(head.uri.query());
        let mut parts = Parts::default();
        let name = s3::unserved_name(&head.method, &path, &query, &head.headers);
        let row = match &name {
            Some(_) => None,
            None => self
                .tables
                .s3
                .find(&head.method, &path, &query, &head.headers, &mut parts),
        };
        let name: Cow<'static, str> = match (row, name) {
            (Some(row), _) => row.name.into(),
            (None, Some(name)) => name.into(),
            (None, None) => head.method.to_string().into(),
        };
        routed.prefix = Service::S3.prefix().into();
        routed.operation = name.clone();
        // What a preflight for a presigned URL carries is the signature of the request to come.
        let to_come = |signed: &Signed<'_>| {
            head.method == Method::OPTIONS && matches!(signed.how, How::Presigned { .. })
        };
        let (verified, caller) = match signed.filter(|signed| !to_come(signed)) {
            Some(signed) => {
                let there = self.takes(row, &path, signed.scope.region);
                let rules = Rules::s3(there.regions(signed.scope.region));
                let found = self.verify(head, meta, &rules, &signed, SignedPayload::Header)?;
                Arc::make_mut(meta).signed = Some(found.signed);
                (Some(found.verified), found.caller)
            }
            None => (None, self.signed_by_2(head, &path, meta, second)?),
        };
        s3::check_path(&path)?;
        let row = match row {
            Some(row) => row,
            None if matches!(caller.who, Who::Anonymous) => {
                return Err(Fault::Unauthenticated(Unauthenticated::Missing));
            }
            None => return Err(unserved(Service::S3, &name)),
        };
        s3::header_parts(&head.headers, &query, &mut parts);
        for (name, text) in query.into_iter().filter(|(name, _)| !s3::is_part(name)) {
            parts.text(name, text);
        }
        let length = head.headers.get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let payload = match &verified {
            Some(verified) => {
                Payload::stream(body, &verified.body, Some(verified), length, OBJECT_LIMIT)?
            }
            None => Payload::stream(
                body,
                &rolecall_sigv4::unsigned_body(&head.headers)?,
                None,
                length,
                OBJECT_LIMIT,
            )?,
        };
        if row.name == "PostObject" {
            // Seldom, and too much to be a part of every request.
            let form = self.form(row, (head, &path), caller, meta, parts, payload);
            return Box::pin(form).await;
        }
        if row.streams {
            return self.run(row, caller, meta, parts, payload).await;
        }
        let room = Room::memory(&self.budget);
        let mut stored = match payload {
            Payload::Empty => Stored::default(),
            document => Box::pin(document.limited(DOCUMENT_LIMIT).store(room, |_| ())).await?,
        };
        let bytes = stored.bytes().unwrap_or_default();
        let text =
            str::from_utf8(&bytes).map_err(|_| Fault::malformed("", "the body is not UTF-8"))?;
        s3::check_document(row.name, &head.headers, &stored.trailers, &bytes)?;
        if !text.is_empty() {
            parts.add("body", Value::Xml(text));
        }
        let payload = match bytes.is_empty() {
            true => Payload::Empty,
            false => Payload::Bytes(vec![bytes.clone()]),
        };
        self.run(row, caller, meta, parts, payload).await
    }

    /// Who signed with Version 2; an anonymous caller when nobody did.
    fn signed_by_2(
        &self,
        head: &request::Parts,
        path: &str,
        meta: &mut Arc<Meta>,
        signed: Option<Signed2<'_>>,
    ) -> Result<Caller, Fault> {
        let to_come =
            |signed: &Signed2<'_>| head.method == Method::OPTIONS && signed.is_presigned();
        let Some(signed) = signed.filter(|signed| !to_come(signed)) else {
            return Ok(Caller::anonymous());
        };
        self.check_version_2(path)?;
        let (caller, how) = authenticate_2(
            &self.gate.world(),
            &signed,
            &sig_head(head),
            &s3::path_style(&head.headers, head.uri.path()),
            meta.at,
            self.gate.clock.is_moved(),
        )?;
        Arc::make_mut(meta).signed = Some(how);
        Ok(caller)
    }

    /// The Region of the bucket that a path in path style names, when there is one.
    fn bucket_region(&self, path: &str) -> Option<Text> {
        let name = s3::bucket_of(path)?;
        let world = self.gate.world();
        Some(world.law.buckets.get(&*name)?.region.clone())
    }

    /// Buckets in younger Regions take Version 4 only.
    fn check_version_2(&self, path: &str) -> Result<(), Refusal> {
        match self.bucket_region(path) {
            Some(region) if !regions::takes_version_2(&region) => Err(Refusal::SignatureVersion2),
            _ => Ok(()),
        }
    }

    /// Who signed the policy of a form with Version 2.
    fn form_2(
        &self,
        path: &str,
        meta: &Meta,
        form: &s3::Form,
    ) -> Result<(Caller, SignedHow), Fault> {
        self.check_version_2(path)?;
        let field = |name: &'static str| {
            form.field(&name.to_ascii_lowercase())
                .ok_or(Refusal::FieldMissing { name })
        };
        let (access_key, policy) = (field("AWSAccessKeyId")?, field("policy")?);
        let token = form.field("x-amz-security-token");
        let signature = field("Signature")?;
        let world = self.gate.world();
        authenticate_form_2(&world, access_key, policy, signature, token, meta.at)
    }

    /// The Regions for which a request to S3 may be signed, when it is signed for `region`.
    fn takes(&self, row: Option<&Row>, path: &str, region: &str) -> Takes {
        // Another partition has other buckets.
        let same = |other: &Text| regions::partition_of(other) == regions::partition_of(region);
        let bucket = self.bucket_region(path).filter(same);
        match (row.map(|row| row.name), bucket) {
            // Who makes a bucket that is there is told so by name.
            (Some("CreateBucket"), _) | (_, None) => Takes::Any,
            // Where a bucket is can be asked at home too.
            (Some("GetBucketLocation"), _) if region == regions::home(region) => Takes::Any,
            (_, Some(bucket)) => Takes::Only(bucket),
        }
    }

    /// An upload from a browser's form. Who sends it stands in its fields, unless a header already said.
    async fn form(
        &self,
        row: &Row,
        (head, path): (&request::Parts, &str),
        mut caller: Caller,
        meta: &mut Arc<Meta>,
        mut parts: Parts<'_>,
        payload: Payload,
    ) -> Result<Response, Fault> {
        let room = Room::memory(&self.budget);
        let mut stored = payload.limited(FORM_LIMIT).store(room, |_| ()).await?;
        let form = s3::Form::read(&head.headers, &stored.in_memory().unwrap_or_default())?;
        if matches!(caller.who, Who::Anonymous) {
            let signed = match rolecall_sigv4::Form::find(&signature_fields(&form)) {
                Err(Refusal::SignatureVersion2) => {
                    let (found, how) = self.form_2(path, meta, &form)?;
                    Arc::make_mut(meta).signed = Some(how);
                    caller = found;
                    None
                }
                found => found?,
            };
            if let Some(signed) = signed {
                let there = self.takes(Some(row), path, signed.scope.region);
                let rules = Rules::s3(there.regions(signed.scope.region));
                let world = self.gate.world();
                let (found, how) = authenticate_form(&world, &signed, &rules, meta.at)?;
                let meta = Arc::make_mut(meta);
                meta.region = signed.scope.region.into();
                meta.signed = Some(how);
                caller = found;
            }
        }
        let fields = form.fields.into_iter();
        let fields = fields.map(|(name, value)| (Cow::Owned(name), Cow::Owned(value)));
        parts.add("fields", Value::Pairs(fields.collect()));
        if let Some(name) = form.filename {
            parts.text("filename", name);
        }
        let file = Payload::Bytes(form.file);
        self.run(row, caller, meta, parts, file).await
    }
}

/// The fields of a form that are its signature.
fn signature_fields(form: &s3::Form) -> FormFields<'_> {
    FormFields {
        policy: form.field("policy"),
        algorithm: form.field("x-amz-algorithm"),
        credential: form.field("x-amz-credential"),
        date: form.field("x-amz-date"),
        signature: form.field("x-amz-signature"),
        session_token: form.field("x-amz-security-token"),
        version_2: form.field("awsaccesskeyid").is_some() || form.field("signature").is_some(),
    }
}

/// The Regions for which a request to S3 may be signed.
enum Takes {
    Any,
    Only(Text),
}

impl Takes {
    fn regions(&self, region: &str) -> Regions<'_> {
        match self {
            Self::Any => regions::regional(region),
            Self::Only(region) => Regions::Only(region),
        }
    }
}
