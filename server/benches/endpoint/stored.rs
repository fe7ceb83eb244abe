//! Time and memory with much stored: what a request costs must not depend on it.

use crate::{
    load::{Requests, run},
    process::{Endpoint, Kind},
    sign::{Keys, form, s3},
    wanted,
    world::{BUCKET, People, assume_role, call, get_role, grow, prepare},
};
use std::{sync::Arc, time::Duration};

/// How many roles, policies and objects there are, in turn.
const STORED: [usize; 3] = [10, 1_000, 100_000];

/// Requests of each kind.
const MOST: u64 = 3_000;

/// What is asked, and of whom.
fn asked(host: &str, people: &People) -> [(&'static str, Vec<u8>); 7] {
    let list = |action: &str| call(action, "2010-05-08", &[("MaxItems", "100")]);
    let objects = format!("/{BUCKET}?list-type=2&max-keys=100");
    let root = Keys::root();
    [
        (
            "GetRole",
            form(host, &people.session, "iam", &get_role("writer")),
        ),
        (
            "AssumeRole",
            form(host, &people.user, "sts", &assume_role()),
        ),
        (
            "PutObject 1 KiB",
            s3(
                host,
                &people.session,
                "PUT",
                &format!("/{BUCKET}/Exports/x"),
                &[b'x'; 1024],
            ),
        ),
        (
            "ListRoles, 100",
            form(host, &root, "iam", &list("ListRoles")),
        ),
        (
            "ListPolicies, 100",
            form(host, &root, "iam", &list("ListPolicies")),
        ),
        ("ListObjectsV2, 100", s3(host, &root, "GET", &objects, b"")),
        ("ListBuckets", s3(host, &root, "GET", "/", b"")),
    ]
}

/// Fills an endpoint and asks it the same at each size.
pub(crate) async fn measure(words: &[&str]) {
    if !wanted(words, "stored") {
        return;
    }
    let endpoint = Endpoint::start(Kind::Rolecall, "test");
    let people = prepare(&endpoint.host).await;
    println!(
        "\nmedian µs of one request, one connection, with so many roles, policies and 1 KiB objects stored"
    );
    print!("{:<26}", "");
    STORED.iter().for_each(|stored| print!("{stored:>12}"));
    println!("{:>18}", "largest/smallest");
    let mut columns = Vec::new();
    let mut memory = Vec::new();
    let mut from = 0;
    for to in STORED {
        grow(&endpoint.host, from, to).await;
        from = to;
        let mut column = Vec::new();
        for (_, request) in asked(&endpoint.host, &people) {
            let plan: Requests = Arc::new(vec![request]);
            let length = Duration::from_millis(1500);
            // Each AssumeRole leaves a session behind, which is not what is counted here.
            let answered = run(&endpoint.host, vec![plan], 200, length, MOST).await;
            assert_eq!(answered.wrong, 0);
            column.push(answered.p50().as_secs_f64() * 1e6);
        }
        columns.push(column);
        memory.push(endpoint.resident());
    }
    for (n, (name, _)) in asked(&endpoint.host, &people).iter().enumerate() {
        print!("{name:<26}");
        columns
            .iter()
            .for_each(|column| print!("{:>12.0}", column[n]));
        println!("{:>18.2}", columns[2][n] / columns[0][n]);
    }
    print!("{:<26}", "resident MiB");
    memory
        .iter()
        .for_each(|bytes| print!("{:>12.0}", *bytes as f64 / (1 << 20) as f64));
    println!();
}
