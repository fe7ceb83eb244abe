//! rolecall in a container, for test suites: an image for [testcontainers](https://docs.rs/testcontainers).
//!
//! ```no_run
//! use rolecall::container::{Rolecall, RolecallExt};
//! use testcontainers::runners::AsyncRunner;
//!
//! # async fn example() -> Result<(), testcontainers::TestcontainersError> {
//! let node = Rolecall::default().start().await?;
//! let endpoint = node.endpoint().await?;          // http://127.0.0.1:32768
//! let root = node.root_credentials();             // the root user of account 123456789012
//! # Ok(())
//! # }
//! ```
//!
//! The image is built from this repository's `Dockerfile`; no registry holds it yet.

use std::borrow::Cow;
use std::future::Future;

use testcontainers::core::{ContainerPort, ImageExt, Mount, WaitFor};
use testcontainers::{ContainerAsync, ContainerRequest, Image, TestcontainersError};

/// The port inside the container.
pub const PORT: ContainerPort = ContainerPort::Tcp(4566);

/// Where durable state lives inside the container.
pub const DATA: &str = "/data";

/// What the root key's secret is when nobody says otherwise. Docker publishes the port on every address of this machine:
/// where others reach it, `root_secret` chooses one that they do not know.
const SECRET: &str = "test";

/// The image and how to start it.
#[derive(Debug, Clone)]
pub struct Rolecall {
    name: String,
    tag: String,
    arguments: Vec<String>,
    secret: String,
}

impl Default for Rolecall {
    /// `rolecall:latest`, in memory, root key `test` with the secret `test`.
    fn default() -> Self {
        Self {
            name: "rolecall".to_owned(),
            tag: "latest".to_owned(),
            arguments: vec!["serve".to_owned()],
            secret: SECRET.to_owned(),
        }
    }
}

impl Rolecall {
    /// Another image, for instance one in a registry of one's own.
    #[must_use]
    pub fn image(mut self, name: impl Into<String>, tag: impl Into<String>) -> Self {
        self.name = name.into();
        self.tag = tag.into();
        self
    }

    /// Another secret for the root key.
    #[must_use]
    pub fn root_secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// One more argument of `rolecall serve`, such as `--honest-tls`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Keeps state in a named volume, so that it outlives the container.
    pub fn durable(self, volume: impl Into<String>) -> ContainerRequest<Self> {
        self.argument("--data")
            .argument(DATA)
            .with_mount(Mount::volume_mount(volume, DATA))
    }
}

impl Image for Rolecall {
    fn name(&self) -> &str {
        &self.name
    }

    fn tag(&self) -> &str {
        &self.tag
    }

    fn ready_conditions(&self) -> Vec<WaitFor> {
        vec![WaitFor::message_on_stdout("rolecall ready on")]
    }

    fn env_vars(
        &self,
    ) -> impl IntoIterator<Item = (impl Into<Cow<'_, str>>, impl Into<Cow<'_, str>>)> {
        [("ROLECALL_ROOT_SECRET", self.secret.as_str())]
    }

    fn cmd(&self) -> impl IntoIterator<Item = impl Into<Cow<'_, str>>> {
        self.arguments.iter().map(String::as_str)
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &[PORT]
    }
}

/// Long-lived credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret: String,
}

/// What a test asks a running container.
pub trait RolecallExt {
    /// `http://HOST:PORT`, with the port that Docker chose on this side.
    ///
    /// # Errors
    /// When the container has stopped, or Docker no longer answers.
    fn endpoint(&self) -> impl Future<Output = Result<String, TestcontainersError>> + Send;

    /// The root user of the default account, 123456789012.
    fn root_credentials(&self) -> Credentials;
}

impl RolecallExt for ContainerAsync<Rolecall> {
    async fn endpoint(&self) -> Result<String, TestcontainersError> {
        let port = self.get_host_port_ipv4(PORT).await?;
        // An address, not `localhost`: the SDKs' S3 rules then use path style.
        let host = match self.get_host().await?.to_string() {
            host if host == "localhost" => "127.0.0.1".to_owned(),
            host => host,
        };
        Ok(format!("http://{host}:{port}"))
    }

    fn root_credentials(&self) -> Credentials {
        Credentials {
            access_key: "test".to_owned(),
            secret: self.image().secret.clone(),
        }
    }
}
