//! The listener: accepts connections, gives each its limits, and stops gracefully.

use crate::{front::Routed, tls::HANDSHAKE, wire::Arriving, worlds::Worlds};
use futures_util::FutureExt as _;
use http::{
    HeaderValue,
    header::{CONNECTION, EXPECT},
};
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use std::{
    convert::Infallible, io, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ProtocolVersion, ServerConnection},
};

/// A client gets this long to send its head; a connection that nobody uses is closed after it too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// A client gets this long to take the next piece of its answer.
const TAKE_TIMEOUT: Duration = Duration::from_secs(60);
/// A client gets this long for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// What began gets this long to finish when the endpoint stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest head: request line and headers. A larger one is answered 431.
const HEAD_LIMIT: usize = 64 * 1024;
/// The most connections at a time; one more is answered 503 and closed.
const MOST: usize = 16_384;
/// Connections that may wait to be accepted, as far as the system lets them: of a burst none is to be lost.
const WAITING: u32 = 4096;
/// The other end is asked whether it is still there after this long without a word, and then every quarter of it.
const PROBE: Duration = Duration::from_secs(60);

/// The connection of a request is TLS, of this version: `1.3`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OverTls(pub(crate) f64);

impl From<&ServerConnection> for OverTls {
    /// Version 1.2 is the oldest that is taken.
    fn from(connection: &ServerConnection) -> Self {
        match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => Self(1.3),
            _ => Self(1.2),
        }
    }
}

/// Listens on `address`.
pub(crate) fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A port whose last connections are still ending can be listened on again; elsewhere this means something else.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Accepts connections until `stop` says so, then lets what began finish.
pub(crate) async fn serve(
    listener: TcpListener,
    worlds: Arc<Worlds>,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file descriptors, or the client is already gone: give others time to finish.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        let open = worlds.open();
        if worlds.connections() > MOST {
            refuse(&stream);
            continue;
        }
        let (worlds, tls, stop) = (worlds.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            connection(stream, worlds, tls, stop).await;
            drop(open);
        });
    }
    worlds.close();
    let deadline = tokio::time::Instant::now() + STOP_TIMEOUT;
    while worlds.connections() > 0 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Says that there are too many, if the socket takes that at once.
fn refuse(stream: &TcpStream) {
    let text = format!("rolecall serves at most {MOST} connections at a time\n");
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    // Whoever does not take it learns it from the closed connection.
    let _ = stream.try_write(answer.as_bytes());
}

/// Finds out what the client speaks.
async fn connection(
    stream: TcpStream,
    worlds: Arc<Worlds>,
    tls: Option<TlsAcceptor>,
    stop: watch::Receiver<bool>,
) {
    // Answers are small; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let probes = TcpKeepalive::new()
        .with_time(PROBE)
        .with_interval(PROBE / 4);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&probes);
    let Ok(peer) = stream.peer_addr() else { return };
    let Some(tls) = tls else {
        return http(stream, peer, None, worlds, stop).await;
    };
    let mut first = [0];
    match tokio::time::timeout(HEAD_TIMEOUT, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first == [HANDSHAKE] => {
            let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                let over = OverTls::from(stream.get_ref().1);
                http(stream, peer, Some(over), worlds, stop).await;
            }
        }
        Ok(Ok(1)) => http(stream, peer, None, worlds, stop).await,
        // A client that says nothing is its own business.
        _ => {}
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    peer: SocketAddr,
    tls: Option<OverTls>,
    worlds: Arc<Worlds>,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let worlds = worlds.clone();
        if let Some(over) = tls {
            request.extensions_mut().insert(over);
        }
        let expects = request.headers().contains_key(EXPECT);
        let waits = waits_in_vain(&request);
        let request = request.map(|body| Arriving::new(body, expects));
        async move {
            let answer = AssertUnwindSafe(worlds.answer(request, peer))
                .catch_unwind()
                .await;
            let internal = |_| Routed::internal(worlds.home().gate.ids.request());
            let mut answer = answer.unwrap_or_else(internal);
            // Whoever waited for `100 Continue` and was refused may not send the body any more: what comes next on
            // the connection must not be taken for it.
            if waits || expects && !answer.status().is_success() {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKE_TIMEOUT));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT)
        .half_close(true)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A client that breaks off or speaks no HTTP is its own business.
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Whether the client waits for `100 Continue` although it has nothing to send: hyper then answers at once. S3 says
/// `100` even so, and botocore takes the next answer on the connection for part of this one unless it is closed.
fn waits_in_vain<B: Body>(request: &hyper::Request<B>) -> bool {
    request.headers().contains_key(EXPECT) && request.body().is_end_stream()
}
