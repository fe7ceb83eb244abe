//! The body of a request while it arrives. What nobody reads is taken in all the same: a client that is refused while it
//! still sends would otherwise lose its connection, and with it the answer that says why.

use super::Fault;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use std::time::Duration;
use tokio::runtime::Handle;

/// A client that sends nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// So much is taken in of what nobody reads; then the connection ends.
const UNREAD: usize = 64 * 1024 * 1024;

/// A body.
pub(crate) struct Arriving {
    rest: Rest,
    /// The client waits for `100 Continue` before it sends anything: reading would ask for it.
    waits: bool,
}

/// What is still to come of a body; None at its end.
struct Rest(Option<Incoming>);

impl Arriving {
    pub(crate) fn new(body: Incoming, waits: bool) -> Self {
        Self {
            rest: Rest(Some(body).filter(|body| !body.is_end_stream())),
            waits,
        }
    }

    /// Whether nothing is to come.
    pub(super) fn is_over(&self) -> bool {
        self.rest.0.is_none()
    }

    /// The next frame of content. None at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        self.waits = false;
        self.rest.next().await
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let body = self.rest.0.take().filter(|_| !self.waits);
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            // A runtime that is about to end drops the task at once: what it holds must not begin another.
            runtime.spawn(Rest(Some(body)).take_in());
        }
    }
}

impl Rest {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        while let Some(body) = &mut self.0 {
            let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
            match frame {
                Ok(Some(Ok(frame))) => {
                    // Of a body whose length was told nothing more has to be waited for.
                    if body.is_end_stream() {
                        self.0 = None;
                    }
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Ok(None) => self.0 = None,
                Ok(Some(Err(_))) => {
                    self.0 = None;
                    return Err(incomplete());
                }
                Err(_) => {
                    self.0 = None;
                    let why = "Your socket connection to the server was not read from or written to within the timeout period.";
                    return Err(Fault::service(400, "RequestTimeout", why));
                }
            }
        }
        Ok(None)
    }

    async fn take_in(mut self) {
        let mut left = UNREAD;
        while let Ok(Some(frame)) = self.next().await {
            match left.checked_sub(frame.len()) {
                Some(less) => left = less,
                None => break,
            }
        }
    }
}

/// Less came than was announced.
pub(super) fn incomplete() -> Fault {
    let why = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Fault::service(400, "IncompleteBody", why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use hyper::{Response, service::service_fn};
    use hyper_util::rt::TokioIo;
    use std::convert::Infallible;
    use tokio::{io::AsyncWriteExt as _, sync::oneshot};

    #[test]
    fn a_runtime_may_end_while_a_body_arrives() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let client = runtime.block_on(async {
            let (mut client, server) = tokio::io::duplex(1024);
            let (began, begun) = oneshot::channel();
            let began = std::sync::Mutex::new(Some(began));
            tokio::spawn(async move {
                let service = service_fn(|request: hyper::Request<Incoming>| {
                    let mut body = Arriving::new(request.into_body(), false);
                    let began = began.lock().unwrap().take();
                    async move {
                        let _ = body.next().await;
                        began.map(|began| began.send(()));
                        std::future::pending::<()>().await;
                        drop(body);
                        Ok::<_, Infallible>(Response::new(String::new()))
                    }
                });
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(server), service)
                    .await
            });
            let half = b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345";
            client.write_all(half).await.unwrap();
            begun.await.unwrap();
            client
        });
        // Every task is dropped here, and with them what they hold.
        drop(runtime);
        drop(client);
    }
}
