//! Exports of many endpoints: how many a second, and what each costs.

use crate::{
    load::Peer,
    process::{Endpoint, Kind},
    sign::{Ask, Keys, signed},
    wanted,
    world::{BUCKET, app, await_export, export, ok, prepare},
};
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// How many endpoints an app has, in turn.
const SIZES: [usize; 2] = [100_000, 1_000_000];
/// What UpdateEndpointsBatch takes at a time.
const BATCH: usize = 100;
/// Between two questions whether it is done.
const PAUSE: Duration = Duration::from_millis(5);
/// Connections that fill an app.
const CONNECTIONS: usize = 16;

/// Fills an app and exports it, at each size.
pub(crate) async fn measure(words: &[&str]) {
    if !wanted(words, "endpoints") {
        return;
    }
    println!(
        "\n{:<26}{:>12}{:>14}{:>16}{:>12}",
        "export of endpoints", "seconds", "a second", "a CPU second", "bytes each"
    );
    for size in SIZES {
        let endpoint = Endpoint::start(Kind::Rolecall, "test");
        prepare(&endpoint.host).await;
        let mut peer = Peer::connect(&endpoint.host).await;
        let app = app(&mut peer, &endpoint.host).await;
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|n| tokio::spawn(fill(endpoint.host.clone(), app.clone(), n, size)))
            .collect();
        for task in tasks {
            task.await.expect("endpoints that are taken");
        }
        let folder = format!("{BUCKET}/Exports");
        let (before, begun) = (endpoint.cpu(), Instant::now());
        let job = export(&mut peer, &endpoint.host, &app, "writer", &folder).await;
        let job = (app.as_str(), job.as_str());
        await_export(&mut peer, &endpoint.host, job, "COMPLETED", PAUSE).await;
        let (took, cpu) = (begun.elapsed(), endpoint.cpu() - before);
        println!(
            "{size:<26}{:>12.2}{:>14.0}{:>16.0}{:>12}",
            took.as_secs_f64(),
            size as f64 / took.as_secs_f64(),
            size as f64 / cpu.as_secs_f64(),
            length(&mut peer, &endpoint.host, &app).await,
        );
    }
}

/// Every sixteenth batch of an app's endpoints.
async fn fill(host: String, app: String, connection: usize, size: usize) {
    let mut peer = Peer::connect(&host).await;
    let target = format!("/v1/apps/{app}/endpoints");
    for first in (0..size)
        .step_by(BATCH)
        .skip(connection)
        .step_by(CONNECTIONS)
    {
        let mut body = String::from(r#"{"Item":["#);
        for n in first..(first + BATCH).min(size) {
            let comma = if n > first { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"Id":"e-{n:07}","ChannelType":"EMAIL","Address":"person{n}@example.com","Attributes":{{"interests":["music","travel"]}},"Demographic":{{"Locale":"en_US","Make":"phone"}},"Location":{{"Country":"US"}},"User":{{"UserId":"u-{}"}}}}"#,
                n / 2
            );
        }
        body.push_str("]}");
        let ask = Ask {
            service: "mobiletargeting",
            method: "PUT",
            target: &target,
            body: body.as_bytes(),
        };
        ok(&mut peer, &signed(&host, &Keys::root(), &ask)).await;
    }
}

/// The length of one endpoint as the service shows it.
async fn length(peer: &mut Peer, host: &str, app: &str) -> usize {
    let target = format!("/v1/apps/{app}/endpoints/e-0000001");
    let ask = Ask {
        service: "mobiletargeting",
        method: "GET",
        target: &target,
        body: b"",
    };
    ok(peer, &signed(host, &Keys::root(), &ask)).await;
    peer.text().len()
}
