//! A response body: nothing, bytes that are already in memory, the pieces of an object, or news as they come.

use crate::world::{Blob, Reader};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::mpsc;

type Reading = Pin<Box<dyn Future<Output = (Reader, io::Result<Option<Bytes>>)> + Send + Sync>>;

/// A response body.
#[derive(Default)]
pub struct Body {
    first: Option<Bytes>,
    rest: Reader,
    /// The read that is under way; the reader is with it.
    reading: Option<Reading>,
    left: u64,
    /// More of it comes as it happens; nobody knows how much.
    live: Option<mpsc::Receiver<Bytes>>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Content, or from its first to its last byte.
    pub(crate) fn of(blob: &Blob, range: Option<(u64, u64)>) -> Self {
        // Most content is small, and then it is here already.
        if let Some(bytes) = blob.in_one(range) {
            return bytes.into();
        }
        let rest = Reader::new(blob.slice(range));
        Self {
            left: rest.left(),
            rest,
            ..Self::default()
        }
    }

    /// A body that goes on as long as somebody sends.
    pub(crate) fn live(news: mpsc::Receiver<Bytes>) -> Self {
        Self {
            live: Some(news),
            ..Self::default()
        }
    }

    /// All of it, for tests and for the calls that services make.
    ///
    /// # Errors
    /// A file of a large object cannot be read.
    pub async fn collect(self) -> io::Result<Bytes> {
        Ok(BodyExt::collect(self).await?.to_bytes())
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self {
            left: bytes.len() as u64,
            first: Some(bytes).filter(|bytes| !bytes.is_empty()),
            ..Self::default()
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if let Some(live) = &mut this.live {
            return live
                .poll_recv(cx)
                .map(|news| news.map(|news| Ok(Frame::data(news))));
        }
        let ready = this.first.take();
        let next = match ready.or_else(|| this.rest.ready()) {
            Some(bytes) => Some(bytes),
            None => {
                if this.reading.is_none() && this.rest.is_done() {
                    return Poll::Ready(None);
                }
                let reading = this.reading.get_or_insert_with(|| {
                    let mut reader = std::mem::take(&mut this.rest);
                    Box::pin(async move {
                        let next = reader.next().await;
                        (reader, next)
                    })
                });
                let (rest, next) = ready!(reading.as_mut().poll(cx));
                (this.reading, this.rest) = (None, rest);
                next?
            }
        };
        Poll::Ready(next.map(|bytes| {
            this.left = this.left.saturating_sub(bytes.len() as u64);
            Ok(Frame::data(bytes))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.reading.is_none() && self.rest.is_done() && self.live.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.live.is_some() {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.left)
    }
}
