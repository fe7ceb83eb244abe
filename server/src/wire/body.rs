//! A response body: nothing, or pieces that are already in memory.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// A response body.
#[derive(Debug, Default)]
pub struct Body {
    first: Option<Bytes>,
    rest: VecDeque<Bytes>,
    left: u64,
    /// More of it comes as it happens; nobody knows how much.
    live: Option<mpsc::Receiver<Bytes>>,
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A body in pieces.
    pub fn pieces(pieces: VecDeque<Bytes>) -> Self {
        Self {
            left: pieces.iter().map(|piece| piece.len() as u64).sum(),
            first: None,
            rest: pieces,
            live: None,
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
    pub async fn collect(self) -> Bytes {
        match BodyExt::collect(self).await {
            Ok(collected) => collected.to_bytes(),
            Err(never) => match never {},
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self {
            left: bytes.len() as u64,
            first: Some(bytes).filter(|bytes| !bytes.is_empty()),
            rest: VecDeque::new(),
            live: None,
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(live) = &mut self.live {
            return live
                .poll_recv(context)
                .map(|news| news.map(|news| Ok(Frame::data(news))));
        }
        let next = self.first.take().or_else(|| self.rest.pop_front());
        Poll::Ready(next.map(|piece| {
            self.left = self.left.saturating_sub(piece.len() as u64);
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_empty() && self.live.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.live.is_some() {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.left)
    }
}
