//! What was acknowledged outlives the container, however it ends.

use crate::{
    root, test,
    walk_through::{export, set_up},
};
use aws_sdk_pinpoint::types::JobStatus;
use libtest_mimic::Trial;
use rolecall::container::Rolecall;
use rolecall_tests::Person;
use std::{collections::BTreeSet, process::Command, time::Duration};
use testcontainers::{ContainerAsync, ImageExt as _, runners::AsyncRunner as _};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("restart_with_state", restart_with_state),
        test("killed_while_writing", killed_while_writing),
        test("large_objects", large_objects),
    ]
}

/// A volume of one test's own. It goes away with the value.
struct Volume(String);

impl Volume {
    fn new(name: &str) -> Self {
        Self(format!("rolecall-test-{name}-{}", std::process::id()))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        docker(&["volume", "rm", "--force", &self.0]);
    }
}

fn docker(arguments: &[&str]) {
    let output = Command::new("docker").args(arguments).output();
    let output = output.expect("the docker command");
    assert!(
        output.status.success(),
        "docker {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn restart_with_state() {
    let volume = Volume::new("restart");
    let node = Rolecall::default()
        .durable(&volume.0)
        .start()
        .await
        .unwrap();
    let before = root(&node).await;
    set_up(&before).await;
    let (status, failures) = export(&before, "s3://example-bucket/Exports/").await;
    assert_eq!(status, JobStatus::Completed, "{failures:?}");
    let written = keys(&before, "Exports/").await;
    node.stop().await.unwrap();
    let after = again(&node).await;
    assert_eq!(keys(&after, "Exports/").await, written);
    let (status, _) = export(&after, "s3://example-bucket/Elsewhere/").await;
    assert_eq!(status, JobStatus::Failed, "the policy is still the same");
    node.rm().await.unwrap();
}

async fn killed_while_writing() {
    let volume = Volume::new("killed");
    let node = Rolecall::default()
        .durable(&volume.0)
        .start()
        .await
        .unwrap();
    let before = root(&node).await;
    let bucket = before.s3().create_bucket().bucket("example-bucket");
    bucket.send().await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|n| tokio::spawn(write(before.clone(), n)))
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    docker(&["kill", node.id()]);
    let mut acknowledged = BTreeSet::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(
        acknowledged.len() > 8,
        "it was killed before it had written much"
    );
    let after = again(&node).await;
    let there: BTreeSet<String> = keys(&after, "k/").await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for key in there {
        let object = after.s3().get_object().bucket("example-bucket").key(&key);
        let body = object.send().await.unwrap().body.collect().await.unwrap();
        assert_eq!(body.into_bytes(), content(&key), "{key} is whole");
    }
    node.rm().await.unwrap();
}

/// With and without a volume, and nowhere else to write.
async fn large_objects() {
    let volume = Volume::new("large");
    let in_memory = Rolecall::default().with_readonly_rootfs(true);
    let kept = Rolecall::default().durable(&volume.0);
    for image in [in_memory, kept.with_readonly_rootfs(true)] {
        let node = image.start().await.unwrap();
        let s3 = root(&node).await.s3();
        let bucket = s3.create_bucket().bucket("example-bucket");
        bucket.send().await.unwrap();
        let content = content("large").repeat(50_000);
        assert!(content.len() > 4 << 20);
        let put = s3.put_object().bucket("example-bucket").key("large");
        put.body(content.clone().into()).send().await.unwrap();
        let get = s3.get_object().bucket("example-bucket").key("large");
        let body = get.send().await.unwrap().body.collect().await.unwrap();
        assert!(body.into_bytes() == content);
        node.rm().await.unwrap();
    }
}

/// Writes until nobody answers. Returns what was acknowledged.
async fn write(root: Person, writer: u32) -> Vec<String> {
    let s3 = root.s3();
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let key = format!("k/{writer}/{n:05}");
        let put = s3.put_object().bucket("example-bucket").key(&key);
        if put.body(content(&key).into()).send().await.is_err() {
            break;
        }
        acknowledged.push(key);
    }
    acknowledged
}

/// A body that tells whose it is, of a length that differs.
fn content(key: &str) -> Vec<u8> {
    key.as_bytes()
        .repeat(1 + key.bytes().map(usize::from).sum::<usize>() % 97)
}

/// The same container, started again; Docker gives it another port on this side.
async fn again(node: &ContainerAsync<Rolecall>) -> Person {
    node.start().await.unwrap();
    let root = root(node).await;
    for _ in 0..100 {
        if root.sts().get_caller_identity().send().await.is_ok() {
            return root;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not answer after a restart");
}

async fn keys(root: &Person, prefix: &str) -> Vec<String> {
    let s3 = root.s3();
    let list = s3.list_objects_v2().bucket("example-bucket").prefix(prefix);
    let mut pages = list.into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let contents = page.unwrap().contents.unwrap_or_default();
        keys.extend(contents.into_iter().filter_map(|object| object.key));
    }
    keys
}
