//! Endpoints: those that are started here, and those that run already.

use std::net::IpAddr;
use std::sync::Arc;

use rolecall::diagnostic::SourceFile;
use rolecall::endpoint::Endpoint;
pub(super) use rolecall::endpoint::USUAL_SECRET;
use rolecall::scenario::run::{accounts, load};
use rolecall::scenario::vars::Overrides;
use rolecall::scenario::{self, Scenario};
use rolecall_server::gate::Settings;
use rolecall_server::{Builder, RootKey, Server};

use super::args::{At, World};
use super::{Failed, out};

/// The port unless another is said.
pub(super) const USUAL: &str = "http://127.0.0.1:4566";

/// Reads what is needed before anything starts.
pub(super) fn scenario(world: &World) -> Result<Option<Arc<Scenario>>, Failed> {
    let Some(path) = &world.load else {
        return Ok(None);
    };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failed::new(format!("failed to read `{shown}`: {error}")).code(3))?;
    let overrides = Overrides::default().with_environment(std::env::vars());
    match scenario::read(&SourceFile::new(shown.clone(), text), &overrides) {
        Ok(scenario) => Ok(Some(Arc::new(scenario))),
        Err(said) => {
            for said in said {
                out::note(&format!("{}\n\n", said.render(out::coloured())));
            }
            Err(Failed::new(format!("failed to load `{shown}`")).code(3))
        }
    }
}

/// An endpoint as the flags want it, and as the scenario needs it.
pub(super) fn builder(
    world: &World,
    scenario: Option<&Scenario>,
    secret: &str,
) -> Result<Builder, Failed> {
    let settings = Settings {
        honest_tls: world.honest_tls,
        legacy_bucket_defaults: world.legacy_bucket_defaults,
        compat: world.compat,
        ..Settings::default()
    };
    let root = RootKey {
        secret: secret.to_owned(),
        ..RootKey::default()
    };
    let mut builder = Server::builder().settings(settings).root(root);
    let mut roots = world
        .accounts
        .iter()
        .map(|text| root_key(text, secret))
        .collect::<Result<Vec<_>, _>>()?;
    for account in scenario.map(accounts).unwrap_or_default() {
        if !roots.iter().any(|root| root.account == account) {
            roots.push(root_key(&account, secret)?);
        }
    }
    for root in roots {
        builder = builder.account(root);
    }
    for keys in &world.jwks {
        builder = with_keys(builder, keys)?;
    }
    Ok(builder)
}

/// `URL=FILE`: the file is named last, since a URL may hold an `=`.
fn with_keys(builder: Builder, text: &str) -> Result<Builder, Failed> {
    let wrong = || {
        Failed::new(format!("`{text}` names no keys: expected URL=FILE"))
            .help("--jwks https://token.actions.githubusercontent.com=jwks.json")
            .code(2)
    };
    let (url, file) = text.rsplit_once('=').ok_or_else(wrong)?;
    let set = std::fs::read_to_string(file)
        .map_err(|error| Failed::new(format!("failed to read `{file}`: {error}")).code(3))?;
    builder
        .provider_keys(url, &set)
        .map_err(|why| Failed::new(format!("failed to read the keys in `{file}`: {why}")).code(3))
}

/// The secret of root keys: what was said, `test` where only this machine can ask, and otherwise nobody's guess.
pub(super) fn root_secret(host: IpAddr, said: Option<&str>) -> Result<String, Failed> {
    match said {
        Some("") => Err(Failed::new("--root-secret must not be empty".to_owned()).code(2)),
        Some(secret) => Ok(secret.to_owned()),
        None if host.is_loopback() => Ok(USUAL_SECRET.to_owned()),
        None => Ok(rolecall_server::Ids::default().secret()),
    }
}

/// `ID` or `ID:KEY:SECRET`.
fn root_key(text: &str, usual: &str) -> Result<RootKey, Failed> {
    let wrong = || {
        Failed::new(format!(
            "`{text}` is not an account: expected 12 digits, or 12 digits:KEY:SECRET"
        ))
        .help("--account 999988887777")
        .code(2)
    };
    let mut parts = text.splitn(3, ':');
    let account = parts.next().unwrap_or_default();
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let (access_key, secret) = match (parts.next(), parts.next()) {
        (None, _) => (account, usual),
        (Some(key), Some(secret)) if !key.is_empty() && !secret.is_empty() => (key, secret),
        _ => return Err(wrong()),
    };
    Ok(RootKey {
        account: account.to_owned(),
        access_key: access_key.to_owned(),
        secret: secret.to_owned(),
        ..RootKey::default()
    })
}

/// Puts a scenario's world on an endpoint that has just been started.
pub(super) async fn begin_with(
    scenario: Option<&Arc<Scenario>>,
    url: &str,
    secret: &str,
) -> Result<(), Failed> {
    let Some(scenario) = scenario else {
        return Ok(());
    };
    let endpoint = Endpoint::new(url)?.with_root_secret(secret);
    load(scenario, &endpoint).await.map_err(|trouble| {
        out::note(&format!("{}\n\n", trouble.said.render(out::coloured())));
        Failed::new(format!("failed to load `{}`", scenario.file.path)).code(5)
    })
}

/// The address of an endpoint that runs already.
pub(super) fn address(at: &At) -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    at.endpoint
        .clone()
        .or_else(|| set("ROLECALL_ENDPOINT"))
        .or_else(|| set("AWS_ENDPOINT_URL"))
        .or_else(|| set("ROLECALL_PORT").map(|port| format!("http://127.0.0.1:{port}")))
        .unwrap_or_else(|| USUAL.to_owned())
}

/// A runtime for commands that make a call or two.
pub(super) fn small_runtime() -> Result<tokio::runtime::Runtime, Failed> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(format!("failed to start: {error}")))
}

/// A runtime for an endpoint.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(format!("failed to start: {error}")))
}
