//! How long a decision takes, beside a floor and beside Cedar.
//!
//! `cargo bench -p rolecall-policy`; with `RUSTFLAGS="--cfg rolecall_peers"` Cedar runs along.
//! The goals: the guide's policy 150 ns allowed and 200 ns denied, ten policies 1 µs, a hundred statements 2 µs,
//! an explanation 50 µs, parsing 15 µs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "benches"
)]

#[cfg(rolecall_peers)]
mod cedar;
mod floor;
mod worlds;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rolecall_policy::{Policy, PolicyKind, decide, explain};
use worlds::{GUIDE, INSIDE, OUTSIDE, World};

/// Every world with the name of its group.
fn worlds() -> [(&'static str, World); 3] {
    [
        ("guide", World::guide()),
        ("ten-policies", World::ten()),
        ("hundred-statements", World::hundred()),
    ]
}

fn decisions(criterion: &mut Criterion) {
    for (name, world) in worlds() {
        let mut group = criterion.benchmark_group(name);
        for (outcome, resource) in [("allowed", INSIDE), ("denied", OUTSIDE)] {
            world.ask(resource, |request, layers| {
                assert_eq!(decide(request, layers).allowed(), outcome == "allowed");
                group.bench_function(format!("rolecall/{outcome}"), |bencher| {
                    bencher.iter(|| decide(black_box(request), black_box(layers)));
                });
            });
        }
        group.finish();
    }
}

fn explanations(criterion: &mut Criterion) {
    for (name, world) in worlds() {
        let mut group = criterion.benchmark_group(name);
        world.ask(OUTSIDE, |request, layers| {
            group.bench_function("rolecall/explain", |bencher| {
                bencher.iter(|| explain(black_box(request), black_box(layers)));
            });
        });
        group.finish();
    }
}

fn documents(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("guide");
    group.bench_function("rolecall/parse", |bencher| {
        bencher.iter(|| Policy::parse(black_box(GUIDE), PolicyKind::Identity));
    });
    group.finish();
}

fn floor(criterion: &mut Criterion) {
    let statements = floor::guide();
    let mut group = criterion.benchmark_group("guide");
    for (outcome, resource) in [("allowed", INSIDE), ("denied", OUTSIDE)] {
        assert_eq!(
            floor::decide(&statements, "s3:PutObject", resource),
            outcome == "allowed"
        );
        group.bench_function(format!("floor/{outcome}"), |bencher| {
            bencher.iter(|| {
                floor::decide(
                    black_box(&statements),
                    black_box("s3:PutObject"),
                    black_box(resource),
                )
            });
        });
    }
    group.finish();
}

#[cfg(rolecall_peers)]
fn peers(criterion: &mut Criterion) {
    let worlds = [
        ("guide", vec![worlds::guide()]),
        ("ten-policies", worlds::ten()),
        ("hundred-statements", vec![worlds::hundred()]),
    ];
    for (name, policies) in worlds {
        let mut group = criterion.benchmark_group(name);
        for (outcome, resource) in [("allowed", INSIDE), ("denied", OUTSIDE)] {
            let world = cedar::World::new(&policies, resource);
            assert_eq!(world.decide(), outcome == "allowed");
            group.bench_function(format!("cedar/{outcome}"), |bencher| {
                bencher.iter(|| black_box(&world).decide())
            });
        }
        group.finish();
    }
}

#[cfg(not(rolecall_peers))]
fn peers(_criterion: &mut Criterion) {}

criterion_group!(benches, decisions, floor, explanations, documents, peers);
criterion_main!(benches);
