//! Requests a second, against the bare server.

use crate::load::Peer;
use crate::{
    ROUND, ROUNDS,
    load::{Answered, Requests, once, run},
    median,
    process::{Endpoint, Kind},
    sign::{form, s3},
    wanted,
    world::{BUCKET, People, assume_role, get_role, prepare, walk_through},
};
use std::{sync::Arc, time::Instant};

/// One thing that is asked over and over.
struct Row {
    name: &'static str,
    connections: usize,
    status: u16,
    what: What,
    /// Whether the bare server can do it too.
    bare: bool,
}

enum What {
    GetRole,
    AssumeRole,
    /// Bytes and folder.
    Put(usize, &'static str),
    Get(usize),
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

const ROWS: &[Row] = &[
    row("GetRole", 16, 200, What::GetRole, true),
    row("AssumeRole", 16, 200, What::AssumeRole, false),
    row("PutObject 1 KiB", 16, 200, What::Put(KIB, "Exports"), true),
    row("GetObject 1 KiB", 16, 200, What::Get(KIB), true),
    row(
        "PutObject 1 KiB denied",
        16,
        403,
        What::Put(KIB, "Elsewhere"),
        false,
    ),
    row(
        "PutObject 64 KiB",
        16,
        200,
        What::Put(64 * KIB, "Exports"),
        true,
    ),
    row(
        "PutObject 16 MiB",
        4,
        200,
        What::Put(16 * MIB, "Exports"),
        true,
    ),
    row("GetRole, one connection", 1, 200, What::GetRole, true),
];

const fn row(name: &'static str, connections: usize, status: u16, what: What, bare: bool) -> Row {
    Row {
        name,
        connections,
        status,
        what,
        bare,
    }
}

impl Row {
    /// What each connection sends: objects go round a small set of keys, so that memory stays the same.
    fn plans(&self, host: &str, people: &People) -> Vec<Requests> {
        let keys_each = match self.what {
            What::Put(size, _) | What::Get(size) if size > MIB => 1,
            What::Put(..) | What::Get(_) => 32,
            What::GetRole | What::AssumeRole => 1,
        };
        (0..self.connections)
            .map(|connection| {
                let requests = (0..keys_each).map(|n| self.request(host, people, connection, n));
                Arc::new(requests.collect())
            })
            .collect()
    }

    /// The most requests of one connection in a round: a world keeps a limited number of temporary credentials.
    fn most(&self) -> u64 {
        match self.what {
            What::AssumeRole => 1000,
            _ => u64::MAX,
        }
    }

    fn request(&self, host: &str, people: &People, connection: usize, n: usize) -> Vec<u8> {
        match self.what {
            What::GetRole => form(host, &people.session, "iam", &get_role("writer")),
            What::AssumeRole => form(host, &people.user, "sts", &assume_role()),
            What::Put(size, folder) => {
                let target = format!("/{BUCKET}/{folder}/{connection}/{n}");
                s3(host, &people.session, "PUT", &target, &vec![b'x'; size])
            }
            What::Get(_) => {
                let target = format!("/{BUCKET}/Exports/{connection}/{n}");
                s3(host, &people.session, "GET", &target, b"")
            }
        }
    }
}

/// Measures every row that was asked for and prints a table.
pub(crate) async fn measure(words: &[&str]) {
    let wanted: Vec<&Row> = ROWS.iter().filter(|row| wanted(words, row.name)).collect();
    if !wanted.is_empty() {
        println!(
            "{:<26}{:>12}{:>12}{:>9}{:>14}{:>14}{:>12}",
            "", "rolecall/s", "bare/s", "ratio", "rolecall µs", "bare µs", "p50 µs"
        );
        println!("{:<26}{:>47}{:>14}", "", "CPU each", "CPU each");
    }
    for row in wanted {
        let seen = compare(row).await;
        let of = |kind| seen.iter().filter(move |seen| seen.kind == kind);
        let rate = |kind| median(of(kind).map(|seen| seen.answered.rate()).collect());
        let cpu = |kind| median(of(kind).map(|seen| seen.cpu_each).collect());
        let p50 = median(
            of(Kind::Rolecall)
                .map(|seen| seen.answered.p50().as_secs_f64() * 1e6)
                .collect(),
        );
        let (mine, cost) = (rate(Kind::Rolecall), cpu(Kind::Rolecall));
        if row.bare {
            let (bare, bare_cost) = (rate(Kind::Bare), cpu(Kind::Bare));
            let ratio = mine / bare * 100.0;
            println!(
                "{:<26}{mine:>12.0}{bare:>12.0}{ratio:>8.0}%{cost:>14.1}{bare_cost:>14.1}{p50:>12.0}",
                row.name
            );
        } else {
            println!(
                "{:<26}{mine:>12.0}{:>12}{:>9}{cost:>14.1}{:>14}{p50:>12.0}",
                row.name, "", "", ""
            );
        }
    }
    if crate::wanted(words, "export walk-through") {
        exports().await;
    }
}

struct Seen {
    kind: Kind,
    answered: Answered,
    /// Processor time of the endpoint for one answer, in µs.
    cpu_each: f64,
}

async fn compare(row: &Row) -> Vec<Seen> {
    let rolecall = Endpoint::start(Kind::Rolecall, "test");
    let people = prepare(&rolecall.host).await;
    let bare = Endpoint::start(Kind::Bare, &people.session.secret);
    let mut ready = Vec::new();
    for (kind, endpoint) in [(Kind::Bare, &bare), (Kind::Rolecall, &rolecall)] {
        if kind == Kind::Bare && !row.bare {
            continue;
        }
        if let What::Get(size) = row.what {
            let put = Row {
                status: 200,
                what: What::Put(size, "Exports"),
                ..*row
            };
            once(&endpoint.host, put.plans(&endpoint.host, &people), 200).await;
        }
        ready.push((kind, endpoint, row.plans(&endpoint.host, &people)));
    }
    let mut seen = Vec::new();
    for round in 0..=ROUNDS {
        for (kind, endpoint, plans) in &ready {
            let before = endpoint.cpu();
            let answered = run(&endpoint.host, plans.clone(), row.status, ROUND, row.most()).await;
            assert_eq!(answered.wrong, 0, "{}: {}", row.name, kind.name());
            let cpu_each = (endpoint.cpu() - before).as_secs_f64() * 1e6 / answered.count as f64;
            // The first round warms up.
            if round > 0 {
                seen.push(Seen {
                    kind: *kind,
                    answered,
                    cpu_each,
                });
            }
        }
    }
    seen
}

/// Walk-throughs of each connection: an account has at most a thousand roles and as many buckets.
const EACH: usize = 60;

/// The whole walk-through: bucket, policy, role, attach, app, export, denied export.
async fn exports() {
    let endpoint = Endpoint::start(Kind::Rolecall, "test");
    let begun = Instant::now();
    let tasks: Vec<_> = (0..16)
        .map(|connection| {
            let host = endpoint.host.clone();
            tokio::spawn(async move {
                let mut peer = Peer::connect(&host).await;
                for n in 0..EACH {
                    walk_through(&mut peer, &host, connection * EACH + n).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("walk-throughs that end as they should");
    }
    let rate = (16 * EACH) as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{:<26}{rate:>12.0}   (bucket, policy, role, attach, app, export, denied export)",
        "export walk-through"
    );
}
