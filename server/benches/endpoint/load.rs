//! The load: so many connections, each sending its requests one after another over raw TCP.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What one connection sends, over and over.
pub(crate) type Requests = Arc<Vec<Vec<u8>>>;

/// What a run of load was answered.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answered {
    pub(crate) count: u64,
    pub(crate) wrong: u64,
    /// Sorted, one for each answer.
    pub(crate) times: Vec<Duration>,
    pub(crate) elapsed: Duration,
}

impl Answered {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// The time that half of the answers took.
    pub(crate) fn p50(&self) -> Duration {
        self.times
            .get(self.times.len() / 2)
            .copied()
            .unwrap_or_default()
    }
}

/// Sends for `length` on as many connections as `plans` has entries, or `most` requests on each; every answer must have the
/// status `expected`.
pub(crate) async fn run(
    host: &str,
    plans: Vec<Requests>,
    expected: u16,
    length: Duration,
    most: u64,
) -> Answered {
    let begun = Instant::now();
    let until = begun + length;
    let tasks: Vec<_> = plans
        .into_iter()
        .map(|plan| {
            tokio::spawn(connection(
                host.to_owned(),
                plan,
                expected,
                Some((until, most)),
            ))
        })
        .collect();
    gather(tasks, begun).await
}

/// Sends every request of every plan once.
pub(crate) async fn once(host: &str, plans: Vec<Requests>, expected: u16) -> Answered {
    let begun = Instant::now();
    let tasks: Vec<_> = plans
        .into_iter()
        .map(|plan| tokio::spawn(connection(host.to_owned(), plan, expected, None)))
        .collect();
    gather(tasks, begun).await
}

async fn gather(tasks: Vec<tokio::task::JoinHandle<Answered>>, begun: Instant) -> Answered {
    let mut all = Answered::default();
    for task in tasks {
        let part = task.await.expect("a connection that works");
        all.count += part.count;
        all.wrong += part.wrong;
        all.times.extend(part.times);
    }
    all.elapsed = begun.elapsed();
    all.times.sort_unstable();
    all
}

async fn connection(
    host: String,
    plan: Requests,
    expected: u16,
    until: Option<(Instant, u64)>,
) -> Answered {
    let mut peer = Peer::connect(&host).await;
    let mut answered = Answered::default();
    loop {
        for request in plan.iter() {
            let begun = Instant::now();
            let status = peer.ask(request).await;
            let ended = Instant::now();
            answered.times.push(ended - begun);
            answered.count += 1;
            answered.wrong += u64::from(status != expected);
            if until.is_some_and(|(until, most)| ended >= until || answered.count >= most) {
                return answered;
            }
        }
        if until.is_none() {
            return answered;
        }
    }
}

/// One connection that is kept open.
pub(crate) struct Peer {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the body of the last answer begins and ends in the buffer, as far as it was kept.
    body: (usize, usize),
}

impl Peer {
    pub(crate) async fn connect(host: &str) -> Self {
        let stream = TcpStream::connect(host)
            .await
            .expect("the endpoint listens");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            buffer: vec![0; 256 * 1024],
            body: (0, 0),
        }
    }

    /// Sends one request and reads its answer to the end. Returns the status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.expect("it is taken");
        let mut filled = 0;
        let (status, begins, length) = loop {
            let more = self.stream.read(&mut self.buffer[filled..]).await;
            let more = more.expect("an answer");
            assert!(more > 0, "the endpoint closed the connection");
            filled += more;
            if let Some(found) = head(&self.buffer[..filled]) {
                break found;
            }
        };
        let mut left = (begins + length).saturating_sub(filled);
        self.body = (begins, (begins + length).min(self.buffer.len()));
        while left > 0 {
            let from = if filled == self.buffer.len() {
                begins
            } else {
                filled
            };
            let more = self.stream.read(&mut self.buffer[from..]).await;
            let more = more.expect("the rest of the answer");
            assert!(more > 0, "the endpoint closed the connection");
            left = left.saturating_sub(more);
            filled = from + more;
        }
        status
    }

    /// The body of the last answer, if it was small.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer[self.body.0..self.body.1]).into_owned()
    }
}

/// Status, where the body begins, its length.
fn head(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).expect("a head of text");
    let status = text.get(9..12).and_then(|text| text.parse().ok());
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().expect("a length"))
    });
    Some((status.expect("a status"), end + 4, length.unwrap_or(0)))
}
