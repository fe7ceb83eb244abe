//! What stays resident when a load has ended and everything it stored is deleted again.

use crate::{
    load::{Requests, once, run},
    process::{Endpoint, Kind},
    sign::{Keys, s3},
    wanted,
    world::{BUCKET, prepare},
};
use std::{sync::Arc, time::Duration};

/// Connections of the load.
const CONNECTIONS: usize = 16;
/// Keys of each connection.
const KEYS: usize = 32;
/// How long each size is written.
const LENGTH: Duration = Duration::from_millis(2500);
/// What is written, one after the other.
const SIZES: [usize; 3] = [1024, 64 * 1024, 1024 * 1024];

/// Writes, deletes, and looks at the process before and after.
pub(crate) async fn measure(words: &[&str]) {
    if !wanted(words, "memory after load") {
        return;
    }
    let endpoint = Endpoint::start(Kind::Rolecall, "test");
    prepare(&endpoint.host).await;
    let mib = || endpoint.resident() as f64 / (1 << 20) as f64;
    let before = mib();
    for size in SIZES {
        let body = vec![b'x'; size];
        let plans = plans(&endpoint.host, "PUT", &body);
        let answered = run(&endpoint.host, plans, 200, LENGTH, u64::MAX).await;
        assert_eq!(answered.wrong, 0);
    }
    let full = mib();
    let answered = once(&endpoint.host, plans(&endpoint.host, "DELETE", b""), 204).await;
    assert_eq!(answered.wrong, 0);
    let after = mib();
    println!(
        "\nresident MiB: {before:.0} before the load, {full:.0} with {:.0} MiB of objects, {after:.0} when they are deleted",
        (CONNECTIONS * KEYS * SIZES[2]) as f64 / (1 << 20) as f64
    );
}

/// The same keys for each connection, whatever is done with them.
fn plans(host: &str, method: &str, body: &[u8]) -> Vec<Requests> {
    let request = |connection: usize, key: usize| {
        let target = format!("/{BUCKET}/load/{connection}/{key}");
        s3(host, &Keys::root(), method, &target, body)
    };
    (0..CONNECTIONS)
        .map(|connection| Arc::new((0..KEYS).map(|key| request(connection, key)).collect()))
        .collect()
}
