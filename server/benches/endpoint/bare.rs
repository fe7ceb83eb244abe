//! What nobody can be faster than: hyper, one Signature Version 4 check, SHA-256 and MD5, bytes in memory.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use md5::Md5;
use rolecall_sigv4::{Head, Payload, Regions, Rules, SigningKey, find};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

#[derive(Default)]
struct Bare {
    objects: Mutex<HashMap<String, (Bytes, String)>>,
    /// One key is all that the load has, so deriving it costs nothing here.
    key: Mutex<Option<Arc<SigningKey>>>,
    secret: String,
}

/// An answer as long as that of GetRole.
const ROLE: &str = include_str!("role.xml");

/// Serves until the process is killed.
pub(crate) async fn serve(listener: TcpListener, secret: String) {
    let bare = Arc::new(Bare {
        secret,
        ..Bare::default()
    });
    loop {
        let (stream, _) = listener.accept().await.expect("connections");
        stream.set_nodelay(true).expect("a socket");
        let bare = bare.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let bare = bare.clone();
                async move { Ok::<_, Infallible>(bare.answer(request).await) }
            });
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

impl Bare {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = body.unwrap_or_default();
        let hash: [u8; 32] = Sha256::digest(&body).into();
        if !self.signed(&head, &hash) {
            return plain(403, Bytes::new());
        }
        let path = head.uri.path();
        match head.method {
            Method::PUT => {
                let etag = format!("\"{:x}\"", Hex(&Md5::digest(&body)));
                let mut objects = self.objects.lock().expect("no panic");
                objects.insert(path.to_owned(), (body, etag.clone()));
                tagged(etag, Bytes::new())
            }
            Method::GET => {
                let found = self.objects.lock().expect("no panic").get(path).cloned();
                found.map_or_else(
                    || plain(404, Bytes::new()),
                    |(body, etag)| tagged(etag, body),
                )
            }
            _ => plain(200, Bytes::from_static(ROLE.as_bytes())),
        }
    }

    fn signed(&self, head: &http::request::Parts, hash: &[u8; 32]) -> bool {
        let seen = Head {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query(),
            headers: &head.headers,
        };
        let Ok(Some(signed)) = find(&seen) else {
            return false;
        };
        let mut kept = self.key.lock().expect("no panic");
        let key = kept
            .get_or_insert_with(|| Arc::new(SigningKey::derive(&self.secret, &signed.scope)))
            .clone();
        drop(kept);
        let rules = match signed.scope.service {
            "s3" => Rules::s3(Regions::Any),
            service => Rules::standard(service, Regions::Any),
        };
        signed
            .verify(&seen, &key, &rules, Timestamp::now(), Payload::Hash(hash))
            .is_ok()
    }
}

fn plain(status: u16, body: Bytes) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "text/xml");
    response.body(Full::new(body)).expect("a response")
}

fn tagged(etag: String, body: Bytes) -> Response<Full<Bytes>> {
    let response = Response::builder().header("etag", etag);
    response.body(Full::new(body)).expect("a response")
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
