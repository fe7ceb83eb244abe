//! An endpoint of one test's own, and the people in it.

use crate::raw::Keys;
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder as HttpClient;
use rolecall_server::{Builder, Server};

/// A fresh endpoint. It goes away with the value.
#[derive(Debug)]
pub struct Cloud {
    server: Server,
}

/// Somebody with credentials, as the SDKs and raw requests see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Access key, secret and token.
    pub keys: Keys,
    endpoint: String,
}

impl Cloud {
    /// An empty endpoint on a free port.
    pub async fn start() -> Self {
        Self::with(Server::builder()).await
    }

    /// An endpoint made to order.
    pub async fn with(builder: Builder) -> Self {
        Self {
            server: builder.port(0).start().await.expect("a free port"),
        }
    }

    /// Stops the endpoint and waits until it is quiet.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// The server itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The root user of the default account.
    pub fn root(&self) -> Person {
        self.person("test", "test", None)
    }

    /// Whoever holds these keys.
    pub fn person(&self, access_key: &str, secret: &str, token: Option<&str>) -> Person {
        Person {
            keys: Keys {
                access_key: access_key.to_owned(),
                secret: secret.to_owned(),
                token: token.map(str::to_owned),
            },
            endpoint: self.endpoint(),
        }
    }

    /// A new user with one inline policy (none for an empty text).
    pub async fn user(&self, name: &str, policy: &str) -> Person {
        let iam = self.root().iam();
        iam.create_user()
            .user_name(name)
            .send()
            .await
            .expect("the user is new");
        if !policy.is_empty() {
            let put = iam.put_user_policy().user_name(name).policy_name("inline");
            put.policy_document(policy)
                .send()
                .await
                .expect("the policy is well formed");
        }
        let key = iam
            .create_access_key()
            .user_name(name)
            .send()
            .await
            .expect("a first key");
        let key = key
            .access_key
            .expect("CreateAccessKey answers with the key");
        self.person(&key.access_key_id, &key.secret_access_key, None)
    }
}

impl Person {
    /// Whoever holds `keys`, at an endpoint that somebody else started.
    pub fn at(endpoint: String, keys: Keys) -> Self {
        Self { keys, endpoint }
    }

    /// The endpoint this person talks to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same keys in another world of the endpoint. aws-sdk-rust puts a bucket's name straight behind the
    /// address, so the address ends with a slash.
    #[must_use]
    pub fn in_world(mut self, name: &str) -> Self {
        self.endpoint.push_str(&format!("/_w/{name}/"));
        self
    }

    fn credentials(&self) -> Credentials {
        let Keys {
            access_key,
            secret,
            token,
        } = self.keys.clone();
        Credentials::new(access_key, secret, token, None, "rolecall-tests")
    }

    /// An IAM client.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::Config::builder()
            .behavior_version(aws_sdk_iam::config::BehaviorVersion::latest())
            .http_client(HttpClient::new().build_http())
            .region(aws_sdk_iam::config::Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.credentials());
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// An STS client.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .http_client(HttpClient::new().build_http())
            .region(aws_sdk_sts::config::Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.credentials());
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// An S3 client with default settings: default checksums, the addressing the SDK chooses.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .http_client(HttpClient::new().build_http())
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.credentials());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A Pinpoint client.
    pub fn pinpoint(&self) -> aws_sdk_pinpoint::Client {
        let config = aws_sdk_pinpoint::Config::builder()
            .behavior_version(aws_sdk_pinpoint::config::BehaviorVersion::latest())
            .http_client(HttpClient::new().build_http())
            .region(aws_sdk_pinpoint::config::Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.credentials());
        aws_sdk_pinpoint::Client::from_conf(config.build())
    }
}
