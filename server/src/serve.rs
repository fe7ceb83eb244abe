//! The listener: accepts connections, gives each its limits, and stops gracefully.

use crate::{front::Routed, worlds::Worlds};
use futures_util::FutureExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A client gets this long to send its head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest head: request line and headers. A larger one is answered 431.
const HEAD_LIMIT: usize = 64 * 1024;
/// The most headers of one request.
const HEADERS: usize = 200;

/// Accepts connections until `stop` says so, then lets what began finish.
pub(crate) async fn serve(
    listener: TcpListener,
    worlds: Arc<Worlds>,
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
        tokio::spawn(connection(
            stream,
            worlds.clone(),
            stop.clone(),
            worlds.open(),
        ));
    }
    worlds.close();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while worlds.connections() > 0 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn connection(
    stream: TcpStream,
    worlds: Arc<Worlds>,
    mut stop: watch::Receiver<bool>,
    open: Arc<()>,
) {
    // Answers are small; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let Ok(peer) = stream.peer_addr() else { return };
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let worlds = worlds.clone();
        async move {
            let answer = AssertUnwindSafe(worlds.answer(request, peer))
                .catch_unwind()
                .await;
            Ok::<_, Infallible>(
                answer.unwrap_or_else(|_| Routed::internal(worlds.home().gate.ids.request())),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT)
        .max_headers(HEADERS)
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A client that breaks off or speaks no HTTP is its own business.
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
    drop(open);
}
