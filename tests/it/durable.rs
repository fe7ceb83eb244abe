//! The data directory: what was acknowledged is there after any end of the process, and nothing half.
//!
//! `ROLECALL_KILLS=200 cargo test -p rolecall-tests --test it -- durable` kills as often; 10 times unless said.

use crate::test;
use libtest_mimic::Trial;
use rolecall_server::{Server, StartError};
use rolecall_tests::{
    Cloud,
    raw::{Keys, Raw, Reply},
};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

/// Tells this very program to be a server on the directory of that name.
const BE_SERVER: &str = "ROLECALL_TEST_DATA";
/// Writers at a time.
const WRITERS: usize = 8;
/// Keys of each writer.
const KEYS: u64 = 12;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test(
            "durable::a directory is used by one process at a time",
            one_process,
        ),
        test("durable::a newer format is refused", newer_format),
        test(
            "durable::a start that was cut short is begun again",
            cut_short,
        ),
        test("durable::worlds, clocks and keys come back", comes_back),
        test(
            "durable::a name is one row in whatever letter case",
            letter_case,
        ),
        test(
            "durable::copies and forks have their content without the original",
            copies,
        ),
        test("durable::large content stays in files", large),
        test(
            "durable::a failed write changes nothing and reads go on",
            full_disk,
        ),
        test(
            "durable::nothing is lost and nothing half there after kill -9",
            kills,
        ),
    ]
}

/// When the tests run this program again as a server: serves for ever.
pub(crate) fn serve_if_asked() {
    let Some(folder) = std::env::var_os(BE_SERVER) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async move {
        let server = Server::builder().data(folder).start().await.unwrap();
        println!("{}", server.endpoint());
        std::future::pending::<()>().await;
    });
}

/// A server in a process of its own, which is killed with the value.
struct Process {
    child: Child,
    endpoint: String,
}

impl Process {
    fn start(folder: &Path) -> Self {
        Self::of(Command::new(std::env::current_exe().unwrap()), folder)
    }

    /// None of its files may grow beyond so many KiB.
    fn limited(folder: &Path, kib: u32) -> Self {
        let mut command = Command::new("bash");
        let script = format!("ulimit -f {kib}; trap '' XFSZ; exec \"$0\"");
        command
            .arg("-c")
            .arg(script)
            .arg(std::env::current_exe().unwrap());
        Self::of(command, folder)
    }

    fn of(mut command: Command, folder: &Path) -> Self {
        let mut child = command
            .env(BE_SERVER, folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let endpoint = line.trim().to_owned();
        assert!(
            endpoint.starts_with("http://"),
            "the server does not start: {line}"
        );
        Self { child, endpoint }
    }

    /// `kill -9`
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> Keys {
    Keys {
        access_key: "test".to_owned(),
        secret: "test".to_owned(),
        token: None,
    }
}

async fn s3(endpoint: &str, method: &str, target: &str, body: Vec<u8>) -> Option<Reply> {
    let raw = Raw::new(method, target)
        .body(body)
        .signed(&root(), "s3", endpoint);
    raw.try_send(endpoint).await
}

async fn iam(endpoint: &str, fields: &[(&str, &str)]) -> Option<Reply> {
    let mut all = vec![("Version", "2010-05-08")];
    all.extend_from_slice(fields);
    Raw::form(&all)
        .signed(&root(), "iam", endpoint)
        .try_send(endpoint)
        .await
}

async fn one_process() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::builder().data(folder.path()).start().await.unwrap();
    let second = Server::builder()
        .data(folder.path())
        .start()
        .await
        .unwrap_err();
    let said = second.to_string();
    assert!(
        said.contains("is in use by another rolecall (process "),
        "{said}"
    );
    server.stop().await;
}

async fn newer_format() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("format"), "rolecall 2\n").unwrap();
    let error = Server::builder()
        .data(folder.path())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Data(_)), "{error:?}");
    assert!(
        error.to_string().contains("has format rolecall 2"),
        "{error}"
    );
    assert!(
        !folder.path().join("rolecall.redb").exists(),
        "nothing was touched"
    );
}

/// The disk was full, or the power went, before anything stood in the file.
async fn cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let format = folder.path().join("format");
    std::fs::write(&format, "").unwrap();
    let server = Server::builder().data(folder.path()).start().await.unwrap();
    server.stop().await;
    let text = std::fs::read_to_string(format).unwrap();
    assert_eq!(text, "rolecall 1\n");
}

async fn copies() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Cloud::with(Server::builder().data(folder.path()));
    let cloud = start().await;
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("copies").send().await.unwrap();
    let put = s3.put_object().bucket("copies").key("original");
    put.body(b"content".to_vec().into()).send().await.unwrap();
    let copy = s3.copy_object().bucket("copies").key("copy");
    copy.copy_source("copies/original").send().await.unwrap();
    let fork = Raw::new("POST", "/_rolecall/fork").body(r#"{"to": "fork"}"#);
    assert_eq!(fork.send(&cloud.endpoint()).await.status, 200);
    cloud.stop().await;
    // What was read from disk is one content, however many have it.
    let cloud = start().await;
    let s3 = cloud.root().s3();
    let delete = s3.delete_object().bucket("copies").key("original");
    delete.send().await.unwrap();
    // What nobody needs is removed with the next write.
    s3.create_bucket().bucket("a-write").send().await.unwrap();
    cloud.stop().await;
    let cloud = start().await;
    let read = async |person: rolecall_tests::Person, key: &str| {
        let get = person.s3().get_object().bucket("copies").key(key);
        let body = get.send().await.unwrap().body.collect().await.unwrap();
        body.into_bytes()
    };
    assert_eq!(read(cloud.root(), "copy").await, "content");
    let fork = cloud.root().in_world("fork");
    assert_eq!(read(fork.clone(), "original").await, "content");
    let delete = cloud.root().s3().delete_object().bucket("copies");
    delete.key("copy").send().await.unwrap();
    let make = cloud.root().s3().create_bucket().bucket("a-write-more");
    make.send().await.unwrap();
    assert_eq!(read(fork, "copy").await, "content");
    cloud.stop().await;
    start().await.stop().await;
}

/// The files below `folder`, and how many bytes they have.
fn files(folder: &Path) -> (usize, u64) {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.fold((0, 0), |(files, bytes), entry| {
        if entry.file_type().unwrap().is_dir() {
            let (more, length) = self::files(&entry.path());
            (files + more, bytes + length)
        } else {
            (files + 1, bytes + entry.metadata().unwrap().len())
        }
    })
}

async fn large() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool");
    let content = content("large", 1).repeat(5);
    let length = content.len() as u64;
    assert!(length > 3 << 20);
    let process = Process::start(folder.path());
    let at = process.endpoint.clone();
    s3(&at, "PUT", "/large", Vec::new()).await.unwrap();
    s3(&at, "PUT", "/large/small", vec![7; 1000]).await.unwrap();
    let put = s3(&at, "PUT", "/large/key", content.clone()).await.unwrap();
    assert_eq!(put.status, 200, "{}", put.body);
    assert_eq!(files(&spool), (1, length));
    process.kill();
    assert_eq!(files(&spool), (1, length), "nobody had time to remove it");
    let process = Process::start(folder.path());
    let at = process.endpoint.clone();
    assert_eq!(files(&spool), (1, length), "the old one is gone");
    let get = s3(&at, "GET", "/large/key", Vec::new()).await.unwrap();
    assert!(get.status == 200 && *get.bytes == content);
    let delete = s3(&at, "DELETE", "/large/key", Vec::new()).await.unwrap();
    assert_eq!(delete.status, 204);
    assert_eq!(files(&spool), (0, 0));
}

async fn letter_case() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Cloud::with(Server::builder().data(folder.path()));
    let cloud = start().await;
    let iam = cloud.root().iam();
    iam.create_user().user_name("Ana").send().await.unwrap();
    let renamed = iam.update_user().user_name("Ana").new_user_name("ANA");
    renamed.send().await.unwrap();
    let rows = cloud.server().compare_data().unwrap();
    cloud.stop().await;
    let cloud = start().await;
    assert_eq!(cloud.server().compare_data(), Ok(rows));
    let iam = cloud.root().iam();
    let taken = iam.create_user().user_name("ana").send().await.unwrap_err();
    assert!(
        taken
            .into_service_error()
            .is_entity_already_exists_exception()
    );
    iam.delete_user().user_name("ANA").send().await.unwrap();
    cloud.stop().await;
    let cloud = start().await;
    let iam = cloud.root().iam();
    iam.create_user().user_name("ana").send().await.unwrap();
}

async fn comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Cloud::with(Server::builder().data(folder.path()));
    let policy =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let cloud = start().await;
    assert!(cloud.server().is_new());
    let ana = cloud.user("ana", policy).await;
    ana.s3()
        .create_bucket()
        .bucket("kept")
        .send()
        .await
        .unwrap();
    cloud
        .root()
        .in_world("w")
        .iam()
        .create_user()
        .user_name("in-w")
        .send()
        .await
        .unwrap();
    cloud
        .root()
        .in_world("gone")
        .iam()
        .create_user()
        .user_name("x")
        .send()
        .await
        .unwrap();
    let gone = Raw::new("DELETE", "/_rolecall/worlds/gone")
        .send(&cloud.endpoint())
        .await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    let rows = cloud.server().compare_data().unwrap();
    assert!(rows > 10, "{rows}");
    cloud.stop().await;
    let cloud = start().await;
    assert!(!cloud.server().is_new());
    assert_eq!(cloud.server().compare_data(), Ok(rows));
    let ana = cloud.person(&ana.keys.access_key, &ana.keys.secret, None);
    let buckets = ana.s3().list_buckets().send().await.unwrap();
    assert_eq!(buckets.buckets()[0].name(), Some("kept"));
    let users = cloud
        .root()
        .in_world("w")
        .iam()
        .list_users()
        .send()
        .await
        .unwrap();
    assert_eq!(users.users()[0].user_name(), "in-w");
    let worlds = Raw::new("GET", "/_rolecall/worlds")
        .send(&cloud.endpoint())
        .await
        .body;
    assert!(
        worlds.contains(r#""name":"w""#) && !worlds.contains("gone"),
        "{worlds}"
    );
    let reset = Raw::new("POST", "/_rolecall/reset")
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reset.status, 200);
    cloud.server().compare_data().unwrap();
    cloud.stop().await;
    let cloud = start().await;
    assert!(
        cloud
            .root()
            .s3()
            .list_buckets()
            .send()
            .await
            .unwrap()
            .buckets()
            .is_empty()
    );
    cloud.stop().await;
}

async fn full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::limited(folder.path(), 6 * 1024);
    let at = process.endpoint.clone();
    assert_eq!(
        s3(&at, "PUT", "/full", Vec::new()).await.unwrap().status,
        200
    );
    let content = |number: u64| vec![number as u8; 300_000];
    let mut kept = 0;
    let refused = loop {
        let reply = s3(&at, "PUT", &format!("/full/k{kept}"), content(kept))
            .await
            .unwrap();
        if reply.status != 200 {
            break reply;
        }
        kept += 1;
        assert!(kept < 100, "the limit is 6 MiB");
    };
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (507, "InsufficientStorage")
    );
    assert!(
        refused.body.contains("cannot write to its data directory"),
        "{}",
        refused.body
    );
    assert!(kept > 3, "{kept}");
    let again = s3(&at, "PUT", "/full/again", content(0)).await.unwrap();
    assert_eq!(again.status, 507, "{}", again.body);
    let missing = s3(&at, "GET", "/full/again", Vec::new()).await.unwrap();
    assert_eq!(missing.status, 404);
    for number in 0..kept {
        let reply = s3(&at, "GET", &format!("/full/k{number}"), Vec::new())
            .await
            .unwrap();
        assert_eq!(
            (reply.status, reply.bytes.len()),
            (200, 300_000),
            "reads go on"
        );
    }
    let ready = Raw::new("GET", "/_rolecall/ready").send(&at).await;
    assert_eq!(ready.status, 503);
    process.kill();
    // With room again everything acknowledged is there, and writing goes on.
    let process = Process::start(folder.path());
    for number in 0..kept {
        let target = format!("/full/k{number}");
        let reply = s3(&process.endpoint, "GET", &target, Vec::new())
            .await
            .unwrap();
        assert!(
            reply.status == 200 && *reply.bytes == content(number),
            "{target}"
        );
    }
    let put = s3(&process.endpoint, "PUT", "/full/again", content(0))
        .await
        .unwrap();
    assert_eq!(put.status, 200, "{}", put.body);
}

/// What one key may hold: what was acknowledged last, or what was under way when the process died.
#[derive(Debug, Clone, Default)]
struct Slot {
    acknowledged: Option<u64>,
    under_way: Option<Option<u64>>,
}

type Model = Arc<Mutex<BTreeMap<String, Slot>>>;

/// The content of a version of a key: anyone can tell it from every other, and a torn one from a whole one.
fn content(key: &str, version: u64) -> Vec<u8> {
    let length = match version % 7 {
        0 => 0,
        1 => 700_000,
        other => other * 3_001,
    };
    let mut text = format!("{key} {version} ").into_bytes();
    let mut state = version.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while (text.len() as u64) < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(&state.to_le_bytes());
    }
    text
}

/// Puts, deletes, makes and removes until the server is gone.
async fn writer(endpoint: String, model: Model, number: usize, mut version: u64) {
    loop {
        version += 1;
        let key = format!("w{number}-{}", version % KEYS);
        let wanted = (version % 5 != 4).then_some(version);
        let about = |done: bool| {
            let mut model = model.lock().unwrap();
            let slot = model.entry(key.clone()).or_default();
            if done {
                slot.acknowledged = wanted;
                slot.under_way = None;
            } else {
                slot.under_way = Some(wanted);
            }
        };
        about(false);
        let target = format!("/kills/{key}");
        let reply = if version.is_multiple_of(KEYS) {
            let action = if wanted.is_some() {
                "CreateUser"
            } else {
                "DeleteUser"
            };
            iam(&endpoint, &[("Action", action), ("UserName", &key)]).await
        } else if wanted.is_some() {
            s3(&endpoint, "PUT", &target, content(&key, version)).await
        } else {
            s3(&endpoint, "DELETE", &target, Vec::new()).await
        };
        match reply {
            // A user may be there already, or not be there: then it stays as it was.
            Some(reply) if matches!(reply.status, 200 | 204 | 404 | 409) => about(true),
            Some(reply) => panic!("{key} {version}: {} {}", reply.status, reply.body),
            None => return,
        }
    }
}

/// Every key holds what it may hold, whole; the model learns which.
async fn check(endpoint: &str, model: &Model) {
    let slots = model.lock().unwrap().clone();
    for (key, slot) in slots {
        let found = if key.ends_with("-0") {
            user(endpoint, &key, &slot).await
        } else {
            object(endpoint, &key, &slot).await
        };
        let mut model = model.lock().unwrap();
        let slot = model.get_mut(&key).unwrap();
        *slot = Slot {
            acknowledged: found,
            under_way: None,
        };
    }
}

async fn object(endpoint: &str, key: &str, slot: &Slot) -> Option<u64> {
    let reply = s3(endpoint, "GET", &format!("/kills/{key}"), Vec::new())
        .await
        .unwrap();
    let mut allowed = vec![slot.acknowledged];
    allowed.extend(slot.under_way);
    let found = allowed.iter().find(|version| match version {
        None => reply.status == 404,
        Some(version) => reply.status == 200 && *reply.bytes == content(key, *version),
    });
    let Some(found) = found else {
        panic!(
            "{key}: {} with {} bytes, but {slot:?}",
            reply.status,
            reply.bytes.len()
        );
    };
    if let Some(version) = found {
        use md5::Digest as _;
        let md5: String = md5::Md5::digest(content(key, *version))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(reply.headers["etag"], format!("\"{md5}\""), "{key}");
    }
    *found
}

/// A user has three rows: the user, its name and its id. Making it again shows whether they agree.
async fn user(endpoint: &str, key: &str, slot: &Slot) -> Option<u64> {
    let get = iam(endpoint, &[("Action", "GetUser"), ("UserName", key)])
        .await
        .unwrap();
    let there = get.status == 200;
    let mut allowed = vec![slot.acknowledged];
    allowed.extend(slot.under_way);
    assert!(
        allowed.iter().any(|version| version.is_some() == there),
        "user {key}: {}, but {slot:?}",
        get.status
    );
    let create = iam(endpoint, &[("Action", "CreateUser"), ("UserName", key)])
        .await
        .unwrap();
    assert_eq!(
        create.status,
        if there { 409 } else { 200 },
        "{key}: {}",
        create.body
    );
    Some(0)
}

async fn kills() {
    let kills: u64 = std::env::var("ROLECALL_KILLS").map_or(10, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let model = Model::default();
    let process = Process::start(folder.path());
    let made = s3(&process.endpoint, "PUT", "/kills", Vec::new())
        .await
        .unwrap();
    assert_eq!(made.status, 200, "{}", made.body);
    process.kill();
    let mut acknowledged = 0;
    for kill in 0..kills {
        let process = Process::start(folder.path());
        check(&process.endpoint, &model).await;
        let writers = (0..WRITERS).map(|number| {
            let begin = (kill + 1) * 100_000 + number as u64;
            tokio::spawn(writer(
                process.endpoint.clone(),
                model.clone(),
                number,
                begin,
            ))
        });
        let writers: Vec<_> = writers.collect();
        // Different moments, the same in every run.
        tokio::time::sleep(Duration::from_millis(15 + (kill * 7919) % 240)).await;
        process.kill();
        for writer in writers {
            writer.await.unwrap();
        }
        let model = model.lock().unwrap();
        acknowledged += model
            .values()
            .filter(|slot| slot.under_way.is_none())
            .count();
    }
    let process = Process::start(folder.path());
    check(&process.endpoint, &model).await;
    assert!(
        acknowledged as u64 > kills,
        "the writers hardly wrote: {acknowledged}"
    );
    eprintln!(
        "{kills} kills, {} keys, nothing lost",
        model.lock().unwrap().len()
    );
}
