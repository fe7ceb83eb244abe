//! The endpoint as a library: IAM, STS, S3, Amazon Pinpoint, Access Analyzer's policy checks and the templates of SES on one
//! port, every request decided.
//!
//! ```no_run
//! # async fn example() -> Result<(), rolecall_server::StartError> {
//! let server = rolecall_server::Server::builder().port(0).start().await?;
//! println!("AWS_ENDPOINT_URL={}", server.endpoint());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod admin;
pub mod analyzer;
mod compat;
mod front;
pub mod gate;
pub mod iam;
pub mod organizations;
pub mod pinpoint;
mod regions;
pub mod s3;
mod serve;
pub mod ses;
mod start;
pub mod sts;
mod tls;
pub mod wire;
mod world;
mod worlds;

pub use compat::Compat;
pub use gate::{ProofQuestion, Question, Record, Settings, Unanswerable};
pub use rolecall_policy as policy;
pub use tls::{Tls, TlsError};
pub use world::{Clock, DataError, Ids, Text, Unreadable, Word};
pub use worlds::MOST as MOST_WORLDS;

use gate::Gate;
use iam::{AccessKey, Account, Holder};
use jiff::Timestamp;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};
use tokio::{sync::watch, task::JoinHandle};
use world::World;
use worlds::Worlds;

/// The account of the guide's examples; its root key is `test` / `test`.
pub const DEFAULT_ACCOUNT: &str = "123456789012";
/// The Region where none is said.
pub const DEFAULT_REGION: &str = "us-east-1";

/// A running endpoint.
#[derive(Debug)]
pub struct Server {
    gate: Arc<Gate>,
    worlds: Arc<Worlds>,
    is_new: bool,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// The endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there, or may not be listened on.
    #[error("failed to listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The data directory cannot be written.
    #[error("{0}")]
    Unwritten(String),
}

/// The root credentials of an account.
#[derive(Debug, Clone)]
pub struct RootKey {
    /// 12 digits.
    pub account: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: &'static str,
    /// The access key id.
    pub access_key: String,
    /// The secret.
    pub secret: String,
}

impl Default for RootKey {
    fn default() -> Self {
        Self {
            account: DEFAULT_ACCOUNT.to_owned(),
            partition: "aws",
            access_key: "test".to_owned(),
            secret: "test".to_owned(),
        }
    }
}

/// What an endpoint is to be. `Server::builder()` makes one.
#[derive(Default)]
pub struct Builder {
    address: Option<IpAddr>,
    port: u16,
    root: Option<RootKey>,
    roots: Vec<RootKey>,
    clock: Clock,
    ids: Ids,
    settings: Settings,
    observer: Option<gate::Observer>,
    provider_keys: Vec<(String, sts::Keys)>,
    most_worlds: Option<usize>,
    data: Option<PathBuf>,
    tls: Option<Tls>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The port; 0 takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The address to listen on; 127.0.0.1 unless said.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The root key of the default account, instead of `test` / `test`.
    #[must_use]
    pub fn root(mut self, root: RootKey) -> Self {
        self.root = Some(root);
        self
    }

    /// Another account with its root key, besides the default one.
    #[must_use]
    pub fn account(mut self, root: RootKey) -> Self {
        self.roots.push(root);
        self
    }

    /// The clock: the system's unless said.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where ids come from: the system's entropy unless said.
    #[must_use]
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Choices.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The keys of the identity provider at `url`, as a JSON Web Key Set: what its tokens are checked with.
    ///
    /// # Errors
    /// What is wrong with the set.
    pub fn provider_keys(mut self, url: &str, jwks: &str) -> Result<Self, String> {
        let keys = sts::Keys::read(jwks)?;
        self.provider_keys.push((sts::issuer(url), keys));
        Ok(self)
    }

    /// Called with every record as it is made.
    #[must_use]
    pub fn observe(mut self, observer: impl Fn(&Arc<Record>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Keeps everything in this directory: what was acknowledged is there after any end of the process.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Serves TLS on the same port; `aws:SecureTransport` is then what the connection is.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How many named worlds there may be; `MOST_WORLDS` unless said.
    #[must_use]
    pub fn most_worlds(mut self, most: usize) -> Self {
        self.most_worlds = Some(most);
        self
    }

    /// Starts listening. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(self) -> Result<Server, StartError> {
        let address = SocketAddr::new(
            self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            self.port,
        );
        let listen = |source| StartError::Listen { address, source };
        let listener = serve::listener(address).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let compat = self.settings.compat.map(compat::Compat::root);
        let roots = std::iter::once(self.root.unwrap_or_default())
            .chain(self.roots)
            .chain(compat);
        let mut first = World::default();
        add_roots(&mut first, roots, self.clock.now());
        for (issuer, keys) in self.provider_keys {
            first.provider_keys.insert(issuer.into(), Arc::new(keys));
        }
        let acceptor = self.tls.map(|tls| tls.acceptor);
        let mut settings = self.settings;
        settings.honest_tls |= acceptor.is_some();
        let start = start::Start {
            first,
            clock: self.clock,
            ids: self.ids,
            settings,
            observer: self.observer,
            most_worlds: self.most_worlds.unwrap_or(worlds::MOST),
        };
        let (worlds, is_new) = start.worlds(self.data.as_deref())?;
        let worlds = Arc::new(worlds);
        let gate = worlds.home().gate.clone();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve::serve(listener, worlds.clone(), acceptor, stopped));
        Ok(Server {
            gate,
            worlds,
            is_new,
            address,
            stop,
            task,
        })
    }
}

/// Adds the accounts of `roots`, in which only the root users exist.
fn add_roots(world: &mut World, roots: impl Iterator<Item = RootKey>, now: Timestamp) {
    for root in roots {
        let account = Text::from(root.account);
        let key = AccessKey {
            id: root.access_key.as_str().into(),
            secret: root.secret,
            account: account.clone(),
            holder: Holder::Root,
            active: true,
            created: now,
            session: None,
            last_use: Arc::default(),
            signing: Arc::default(),
        };
        if !world.law.accounts.contains_key(&*account) {
            let of_root = Account::new(account.clone(), root.partition);
            world
                .law
                .accounts
                .insert(account.clone(), Arc::new(of_root));
        }
        if let Some(of_root) = world.law.account_mut(&account) {
            of_root.root_keys.push(key.id.clone());
        }
        world.keys.insert(key.id.clone(), Arc::new(key));
    }
}

impl Server {
    /// An endpoint to be.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The door: clock, decisions, questions.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Whether it began empty, rather than with what a data directory holds.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Compares the data directory with the worlds as they are, row by row, while nothing is being written. Answers
    /// with the number of rows; 0 in memory mode.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_data(&self) -> Result<usize, String> {
        self.worlds.compare()
    }

    /// Stops accepting, lets what began finish, and returns when all is quiet.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Every operation that is served.
pub fn rows() -> impl Iterator<Item = &'static wire::Row> {
    [
        iam::OPERATIONS,
        sts::OPERATIONS,
        s3::OPERATIONS,
        pinpoint::OPERATIONS,
        analyzer::OPERATIONS,
        ses::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}
