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
    /// None once there is nothing more to come.
    body: Option<Incoming>,
    /// The client waits for `100 Continue` before it sends anything: reading would ask for it.
    waits: bool,
}

impl Arriving {
    pub(crate) fn new(body: Incoming, waits: bool) -> Self {
        Self {
            body: Some(body).filter(|body| !body.is_end_stream()),
            waits,
        }
    }

    /// The next frame of content. None at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        self.waits = false;
        while let Some(body) = &mut self.body {
            let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
            match frame {
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Ok(None) => self.body = None,
                Ok(Some(Err(_))) => {
                    self.body = None;
                    return Err(incomplete());
                }
                Err(_) => {
                    self.body = None;
                    let why = "Your socket connection to the server was not read from or written to within the timeout period.";
                    return Err(Fault::service(400, "RequestTimeout", why));
                }
            }
        }
        Ok(None)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let body = self.body.take().filter(|_| !self.waits);
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            runtime.spawn(take_in(Self {
                body: Some(body),
                waits: false,
            }));
        }
    }
}

async fn take_in(mut rest: Arriving) {
    let mut left = UNREAD;
    while let Ok(Some(frame)) = rest.next().await {
        match left.checked_sub(frame.len()) {
            Some(less) => left = less,
            None => break,
        }
    }
    rest.body = None;
}

/// Less came than was announced.
pub(super) fn incomplete() -> Fault {
    let why = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Fault::service(400, "IncompleteBody", why)
}
