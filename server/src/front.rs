//! What happens to every request before its operation: request id, which service, who, which row.

mod s3_requests;

use crate::{
    admin, analyzer,
    gate::{Actor, Authenticated, Caller, Gate, Meta, authenticate},
    iam, pinpoint, regions, s3,
    serve::OverTls,
    ses, sts,
    wire::{
        Arriving, Budget, Call, Fault, Parts, Payload, Query, Response, RestJson, RestXml, Row,
        Table, Unauthenticated, Value, collect, response,
    },
    world::Text,
    worlds,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request,
    header::{ORIGIN, REFERER, USER_AGENT},
    request,
};
use rolecall_sigv4::{
    Head, Payload as SignedPayload, Refusal, Regions, Rules, Scope, Signed, Signed2, find,
};
use sha2::{Digest as _, Sha256};
use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

/// The largest body of IAM, STS and Pinpoint calls, and of S3's documents. Pinpoint takes batches of up to 7 MB.
const DOCUMENT_LIMIT: u64 = 8 * 1024 * 1024;
/// The largest body of one PutObject or UploadPart: 5 GiB. Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".
const OBJECT_LIMIT: u64 = 5 * 1024 * 1024 * 1024;

/// The largest form of a browser. Its fields say who sends it, so all of it is here before anything is known: what AWS
/// takes, 5 GiB, would be too much. rolecall's choice.
const FORM_LIMIT: u64 = 64 * 1024 * 1024;

/// Names the operation of services that speak JSON.
static TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The services behind the one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Iam,
    Sts,
    S3,
    Pinpoint,
    Analyzer,
    Ses,
}

/// Everything that answers requests.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) gate: Arc<Gate>,
    tables: Arc<Tables>,
    /// What bodies may take that are read in whole; all worlds share it.
    pub(crate) budget: Budget,
    /// The Region of a request that names none.
    region: Text,
    /// Somebody asked for this world by an admin call.
    wanted: AtomicBool,
}

/// The operations of each service; all worlds share them.
#[derive(Debug)]
struct Tables {
    iam: Table,
    sts: Table,
    s3: Table,
    pinpoint: Table,
    analyzer: Table,
    ses: Table,
}

/// One line for the log of `rolecall serve`.
#[derive(Debug)]
pub(crate) struct Routed {
    service: Option<Service>,
    /// `iam`, and whatever else a signature is for.
    prefix: Cow<'static, str>,
    /// `CreateUser`, as far as it is known.
    operation: Cow<'static, str>,
}

impl Front {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self {
            gate,
            tables: Arc::new(Tables {
                iam: Table::new(iam::OPERATIONS),
                sts: Table::new(sts::OPERATIONS),
                s3: Table::new(s3::OPERATIONS),
                pinpoint: Table::new(pinpoint::OPERATIONS),
                analyzer: Table::new(analyzer::OPERATIONS),
                ses: Table::new(ses::OPERATIONS),
            }),
            budget: Budget::default(),
            region: crate::DEFAULT_REGION.into(),
            wanted: AtomicBool::default(),
        }
    }

    /// The same endpoint in front of another gate.
    pub(crate) fn before(&self, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            tables: self.tables.clone(),
            budget: self.budget.clone(),
            region: self.region.clone(),
            wanted: AtomicBool::default(),
        }
    }

    /// Somebody wants this world to stay.
    pub(crate) fn want(&self) {
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// Somebody does.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Arriving>, peer: SocketAddr) -> Response {
        let path = worlds::inner(request.uri().path());
        let compat = self.gate.settings.compat;
        if let Some(compat) = compat.filter(|compat| compat.owns(path)) {
            if !admin::is_local(request.headers()) {
                return admin::foreign();
            }
            return compat.answer(&self.gate, request.method(), path);
        }
        let (head, body) = request.into_parts();
        let mut meta = Arc::new(self.meta(&head, peer));
        let mut routed = Routed::to(None);
        let mut response = match self.serve(&head, body, &mut meta, &mut routed).await {
            Ok(response) => response,
            Err(fault) => self.fault(&head, &meta, &routed, &fault),
        };
        if routed.service == Some(Service::S3) && head.headers.contains_key(ORIGIN) {
            let target = (&head.method, head.uri.path());
            s3::answer_origin(&self.gate.world().law, target, &head.headers, &mut response);
        }
        response::done_with(head.headers);
        response
    }

    /// Refuses a request before anything of it is read.
    pub(crate) fn refuse(&self, head: &request::Parts, peer: SocketAddr, why: &Fault) -> Response {
        let routed = Routed::to(Service::guess(head));
        self.fault(head, &self.meta(head, peer), &routed, why)
    }

    fn meta(&self, head: &request::Parts, peer: SocketAddr) -> Meta {
        let text = |name| {
            let value: &HeaderValue = head.headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let over = head.extensions.get::<OverTls>();
        let tls = over.is_some();
        Meta {
            user_agent: text(USER_AGENT),
            referer: text(REFERER),
            source_ip: Some(peer.ip().to_canonical()),
            secure: tls || !self.gate.settings.honest_tls,
            tls,
            tls_version: over.map(|over| over.0),
            ..Meta::internal(
                self.gate.ids.request(),
                self.gate.clock.now(),
                self.region.clone(),
            )
        }
    }

    async fn serve(
        &self,
        head: &request::Parts,
        body: Arriving,
        meta: &mut Arc<Meta>,
        routed: &mut Routed,
    ) -> Result<Response, Fault> {
        let (path, query) = (head.uri.path(), head.uri.query());
        let sig_head = Head {
            method: head.method.as_str(),
            path,
            query,
            headers: &head.headers,
        };
        routed.service = Service::guess(head);
        let (signed, second) = match find(&sig_head) {
            // Only S3 takes Version 2.
            Err(Refusal::SignatureVersion2) if routed.service == Some(Service::S3) => {
                (None, Some(Signed2::find(&sig_head)?))
            }
            found => (found?, None),
        };
        if let Some(signed) = &signed {
            routed.service = Service::from_scope(signed.scope.service).filter(|it| it.owns(head));
            // IAM is global: its requests are those of its home, whatever was signed.
            let region = match routed.service {
                Some(Service::Iam) => regions::home(signed.scope.region),
                _ => signed.scope.region,
            };
            if *meta.region != *region {
                Arc::make_mut(meta).region = region.into();
            }
            if routed.service.is_none() {
                routed.prefix = signed.scope.service.to_owned().into();
                routed.operation = unknown_operation(head).into();
            }
        }
        match routed.service {
            Some(Service::Iam | Service::Sts | Service::Ses) => {
                self.query(head, body, meta, routed, signed).await
            }
            Some(Service::S3) => self.s3(head, body, meta, routed, (signed, second)).await,
            Some(service @ (Service::Pinpoint | Service::Analyzer)) => {
                self.rest_json(service, head, body, meta, routed, signed)
                    .await
            }
            None => self.unknown_service(head, body, meta, routed, signed).await,
        }
    }

    /// IAM, STS and SES: the operation stands in the body (or, for presigned requests, in the query).
    async fn query(
        &self,
        head: &request::Parts,
        body: Arriving,
        meta: &mut Arc<Meta>,
        routed: &mut Routed,
        signed: Option<Signed<'_>>,
    ) -> Result<Response, Fault> {
        let body = collect(body, DOCUMENT_LIMIT, &self.budget).await?;
        let form: &[u8] = if body.is_empty() {
            head.uri.query().unwrap_or_default().as_bytes()
        } else {
            &body
        };
        let parts = Parts::from_form(form);
        let action = parts.get("Action").unwrap_or_default().to_owned();
        if signed.is_none() {
            routed.service = match parts.get("Version") {
                Some("2011-06-15") => Some(Service::Sts),
                Some("2010-12-01") => Some(Service::Ses),
                _ => routed.service,
            };
        }
        let service = routed.service.unwrap_or(Service::Iam);
        routed.prefix = service.prefix().into();
        let table = match service {
            Service::Sts => &self.tables.sts,
            Service::Ses => &self.tables.ses,
            _ => &self.tables.iam,
        };
        let row = table.named(&action);
        routed.operation = row.map_or_else(|| action.clone().into(), |row| row.name.into());
        let caller = match self.signed_by(head, meta, service, signed, &body)? {
            Some(caller) => caller,
            None if row.is_some_and(|row| row.unsigned) => Caller::anonymous(),
            None => return Err(Fault::Unauthenticated(Unauthenticated::Missing)),
        };
        let Some(row) = row else {
            return Err(match action.as_str() {
                "" => Fault::service(400, "MissingAction", "the request names no Action"),
                _ => unserved(service, &action),
            });
        };
        self.run(row, caller, meta, parts, Payload::Empty).await
    }

    /// Pinpoint and Access Analyzer: the operation is the path, the body JSON.
    async fn rest_json(
        &self,
        service: Service,
        head: &request::Parts,
        body: Arriving,
        meta: &mut Arc<Meta>,
        routed: &mut Routed,
        signed: Option<Signed<'_>>,
    ) -> Result<Response, Fault> {
        let body = collect(body, DOCUMENT_LIMIT, &self.budget).await?;
        let query = parsed(head.uri.query());
        let path = worlds::inner(head.uri.path());
        let mut parts = Parts::default();
        let table = match service {
            Service::Analyzer => &self.tables.analyzer,
            _ => &self.tables.pinpoint,
        };
        let row = table.find(&head.method, path, &query, &head.headers, &mut parts);
        let name: Cow<'static, str> = match (row, service) {
            (Some(row), _) => row.name.into(),
            (None, Service::Analyzer) => unknown_operation(head).into(),
            (None, _) => pinpoint::unserved_name(&head.method, path).into(),
        };
        routed.prefix = service.prefix().into();
        routed.operation = name.clone();
        let caller = self.signed_by(head, meta, service, signed, &body)?;
        let caller = caller.ok_or(Fault::Unauthenticated(Unauthenticated::Missing))?;
        let row = row.ok_or_else(|| unserved(service, &name))?;
        for (name, text) in query {
            parts.text(name, text);
        }
        if !body.is_empty() {
            parts.add("body", Value::Json(&body));
        }
        self.run(row, caller, meta, parts, Payload::Empty).await
    }

    /// A service that rolecall does not have: the caller is authenticated all the same, then told.
    async fn unknown_service(
        &self,
        head: &request::Parts,
        body: Arriving,
        meta: &mut Arc<Meta>,
        routed: &mut Routed,
        signed: Option<Signed<'_>>,
    ) -> Result<Response, Fault> {
        let body = collect(body, DOCUMENT_LIMIT, &self.budget).await?;
        let parts = Parts::from_form(&body);
        if let Some(action) = parts.get("Action").filter(|_| speaks_query(&head.headers)) {
            routed.operation = action.to_owned().into();
        }
        let signed = signed.ok_or(Fault::Unauthenticated(Unauthenticated::Missing))?;
        let hash: [u8; 32] = Sha256::digest(&**body).into();
        let rules = Rules::standard(signed.scope.service, Regions::Any);
        authenticate(
            &self.gate.world(),
            &signed,
            &sig_head(head),
            &rules,
            meta.at,
            self.gate.clock.is_moved(),
            SignedPayload::Hash(&hash),
        )?;
        Err(Fault::Unserved {
            service: routed.prefix.clone().into_owned(),
            operation: routed.operation.clone().into_owned(),
        })
    }

    /// Checks the signature over a body that is already here; none for an anonymous request.
    fn signed_by(
        &self,
        head: &request::Parts,
        meta: &mut Arc<Meta>,
        service: Service,
        signed: Option<Signed<'_>>,
        body: &Bytes,
    ) -> Result<Option<Caller>, Fault> {
        let Some(signed) = signed else {
            return Ok(None);
        };
        let hash: [u8; 32] = Sha256::digest(body).into();
        let rules = service.rules(&signed.scope);
        let found = self.verify(head, meta, &rules, &signed, SignedPayload::Hash(&hash))?;
        Arc::make_mut(meta).signed = Some(found.signed);
        Ok(Some(found.caller))
    }

    fn verify(
        &self,
        head: &request::Parts,
        meta: &Meta,
        rules: &Rules<'_>,
        signed: &Signed<'_>,
        payload: SignedPayload<'_>,
    ) -> Result<Authenticated, Fault> {
        let world = self.gate.world();
        authenticate(
            &world,
            signed,
            &sig_head(head),
            rules,
            meta.at,
            self.gate.clock.is_moved(),
            payload,
        )
    }

    async fn run(
        &self,
        row: &Row,
        caller: Caller,
        meta: &Arc<Meta>,
        parts: Parts<'_>,
        payload: Payload,
    ) -> Result<Response, Fault> {
        let actor = Actor {
            caller: Arc::new(caller),
            meta: meta.clone(),
        };
        let call = Call {
            gate: &self.gate,
            actor: &actor,
            parts,
            payload,
            status: row.status,
        };
        (row.call)(call).await
    }

    /// Writes a fault in the form of the protocol that was spoken, and records what no decision explains.
    fn fault(
        &self,
        head: &request::Parts,
        meta: &Meta,
        routed: &Routed,
        fault: &Fault,
    ) -> Response {
        let mut response = match routed.service {
            Some(Service::S3) => RestXml::fault(meta.id, fault, head.method == Method::HEAD),
            Some(service @ (Service::Pinpoint | Service::Analyzer)) => {
                RestJson::fault(service.prefix(), meta.id, fault)
            }
            Some(service) => Query::fault(service.prefix(), meta.id, fault),
            None if speaks_json(&head.headers) => RestJson::fault("", meta.id, fault),
            None if speaks_query(&head.headers) => Query::fault(&routed.prefix, meta.id, fault),
            None if speaks_rest_json(&routed.prefix, head) => {
                RestJson::fault(&routed.prefix, meta.id, fault)
            }
            None => RestXml::fault(meta.id, fault, head.method == Method::HEAD),
        };
        // Clients sign again for the Region of the bucket; an answer to HEAD has no other place to say it.
        if let (Some(Service::S3), Some(region)) = (routed.service, expected_region(fault)) {
            response.headers_mut().insert("x-amz-bucket-region", region);
        }
        if let Some(code) = undecided(fault) {
            self.gate
                .refused(meta, routed.action(), code, fault.to_string());
        }
        if let Fault::Service(service) = fault
            && service.status >= 400
        {
            self.gate.ring.ended(meta.id, service);
        }
        response
    }
}

/// The code under which a fault that no decision explains stands in the stream.
fn undecided(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Unauthenticated(_) => Some("Unauthenticated"),
        Fault::Unserved { .. } => Some("NotImplemented"),
        Fault::Internal(_) => Some("InternalFailure"),
        Fault::Denied(_) | Fault::Malformed { .. } | Fault::Service(_) => None,
    }
}

/// The Region that a refused signature should have named.
fn expected_region(fault: &Fault) -> Option<HeaderValue> {
    let Fault::Unauthenticated(Unauthenticated::Refused(refusal)) = fault else {
        return None;
    };
    match &**refusal {
        Refusal::ScopeRegion { expected, .. } => HeaderValue::from_str(expected.as_deref()?).ok(),
        _ => None,
    }
}

fn sig_head(head: &request::Parts) -> Head<'_> {
    Head {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        headers: &head.headers,
    }
}

fn unserved(service: Service, operation: &str) -> Fault {
    Fault::Unserved {
        service: service.prefix().to_owned(),
        operation: operation.to_owned(),
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn parsed(query: Option<&str>) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect()
}

/// Services that are not served and put XML into paths of their own.
const REST_XML: [&str; 4] = ["cloudfront", "route53", "s3-outposts", "s3express"];

/// Calls without a body do not say what they speak. A path of its own is a REST service's, and most of these speak JSON.
fn speaks_rest_json(prefix: &str, head: &request::Parts) -> bool {
    !prefix.is_empty() && !REST_XML.contains(&prefix) && worlds::inner(head.uri.path()) != "/"
}

fn speaks_json(headers: &HeaderMap) -> bool {
    header(headers, "content-type").is_some_and(|kind| kind.contains("json"))
}

fn speaks_query(headers: &HeaderMap) -> bool {
    header(headers, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// What an operation of an unknown service calls itself.
fn unknown_operation(head: &request::Parts) -> String {
    let target = header(&head.headers, "x-amz-target").and_then(|target| target.rsplit('.').next());
    target.map_or_else(
        || format!("{} {}", head.method, worlds::inner(head.uri.path())),
        str::to_owned,
    )
}

impl Service {
    /// The service as IAM names it.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::S3 => "s3",
            Self::Pinpoint => "mobiletargeting",
            Self::Analyzer => "access-analyzer",
            Self::Ses => "ses",
        }
    }

    fn from_scope(name: &str) -> Option<Self> {
        [
            Self::Iam,
            Self::Sts,
            Self::S3,
            Self::Pinpoint,
            Self::Analyzer,
            Self::Ses,
        ]
        .into_iter()
        .find(|service| service.prefix() == name || (*service == Self::Ses && name == "email"))
    }

    /// Whether a request that is signed for this service speaks its protocol. Version 2 of SES is REST, under the same
    /// name and not served.
    fn owns(self, head: &request::Parts) -> bool {
        self != Self::Ses || worlds::inner(head.uri.path()) == "/"
    }

    /// For requests without credentials, and for faults before the credentials were understood.
    fn guess(head: &request::Parts) -> Option<Self> {
        let path = worlds::inner(head.uri.path());
        if head.method == Method::POST && path == "/" && speaks_query(&head.headers) {
            Some(Self::Iam)
        } else if path.starts_with("/v1/") {
            Some(Self::Pinpoint)
        } else if head.method == Method::POST
            && (path == "/policy/validation" || path.starts_with("/policy/check-"))
        {
            Some(Self::Analyzer)
        } else if head.headers.contains_key(&TARGET) {
            None
        } else {
            Some(Self::S3)
        }
    }

    /// How this service signs, for a request that is signed for `scope`. What is IAM's is global: its scope is the
    /// partition's home Region. SES takes the name of its endpoint, `email`, as well as its own.
    fn rules<'s>(self, scope: &Scope<'s>) -> Rules<'s> {
        let regions = regions::regional(scope.region);
        match self {
            Self::S3 => Rules::s3(regions),
            Self::Ses => Rules::standard(scope.service, regions),
            _ => Rules::standard(self.prefix(), regions),
        }
    }
}

impl Routed {
    /// Nothing more is known yet.
    fn to(service: Option<Service>) -> Self {
        Self {
            service,
            prefix: "".into(),
            operation: "".into(),
        }
    }

    /// `iam:CreateUser`, as far as it is known.
    fn action(&self) -> String {
        if self.prefix.is_empty() && self.operation.is_empty() {
            return String::new();
        }
        format!("{}:{}", self.prefix, self.operation)
    }

    /// For panics, where nothing else is known.
    pub(crate) fn internal(id: Uuid) -> Response {
        RestXml::fault(
            id,
            &Fault::Internal("answer; the request was dropped and nothing was changed".to_owned()),
            false,
        )
    }
}
