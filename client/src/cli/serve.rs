//! `rolecall serve`.

use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use rolecall::log;
use rolecall::scenario::Scenario;
use rolecall_server::{Record, Server, StartError, Tls, TlsError};

use super::args::Serve;
use super::{Failed, Outcome, out, server};

pub(super) fn main(args: Serve) -> Outcome {
    let scenario = server::scenario(&args.world)?;
    server::runtime()?.block_on(serve(args, scenario))
}

async fn serve(args: Serve, scenario: Option<Arc<Scenario>>) -> Outcome {
    // Where the system says no, connections beyond the limit wait.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    // Ready to be told to stop before anyone can know that there is something to stop.
    let stop = Signals::new()?;
    let secret = server::root_secret(args.host, args.root_secret.as_deref())?;
    // What everybody knows is no root key where others can use it, unless somebody said so.
    if let Some(compat) = args.world.compat
        && !args.host.is_loopback()
        && secret != server::USUAL_SECRET
    {
        let why = format!(
            "--compat {} adds a root key that everybody knows, and other machines reach {}",
            compat.name(),
            args.host
        );
        return Err(Failed::new(why)
            .help("where that is meant, say so with --root-secret test")
            .code(2));
    }
    let mut builder = server::builder(&args.world, scenario.as_deref(), &secret)?
        .address(args.host)
        .port(args.port)
        .most_worlds(args.max_worlds);
    if let Some(tls) = tls(&args)? {
        builder = builder.tls(tls);
    }
    if let Some(folder) = &args.data {
        builder = builder.data(folder);
    }
    if !args.quiet {
        builder = builder.observe(observer());
    }
    let server = builder
        .start()
        .await
        .map_err(|error| not_started(&args, &error))?;
    let url = public_url(&server);
    // What is there already was begun before.
    if server.is_new() {
        server::begin_with(scenario.as_ref(), &url, &secret).await?;
    }
    if !args.quiet {
        out::note(&banner(&url, &args, &secret, server.is_new()));
    } else if args.root_secret.is_none() && secret != server::USUAL_SECRET {
        // Nobody else knows it.
        out::note(&format!("  root            {}\n", root(&args, &secret)));
    }
    if let Some(path) = &args.port_file {
        let port = server.address().port();
        std::fs::write(path, format!("{port}\n")).map_err(|error| {
            Failed::new(format!("failed to write `{}`: {error}", path.display()))
        })?;
    }
    out::line(&format!("rolecall ready on {url}"));
    stop.wait().await;
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The certificate that is given, or one that is made now and written where clients find it.
fn tls(args: &Serve) -> Result<Option<Tls>, Failed> {
    if !args.tls {
        return Ok(None);
    }
    let wrong = |error: TlsError| Failed::new(error.to_string());
    match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => {
            Tls::from_files(certificate, key).map(Some).map_err(wrong)
        }
        (certificate, _) => {
            let tls = Tls::self_signed(&[]).map_err(wrong)?;
            if let Some(path) = certificate {
                std::fs::write(path, tls.certificate()).map_err(|error| {
                    Failed::new(format!("failed to write `{}`: {error}", path.display()))
                })?;
            }
            Ok(Some(tls))
        }
    }
}

/// The most lines that wait for a terminal.
const WAITING: usize = 10_000;

/// Lines are made and written by a thread of their own: neither a slow terminal nor the explanation of a No must slow
/// the endpoint down. What a terminal does not take in time is counted and left out; `rolecall explain` still has it.
fn observer() -> impl Fn(&Arc<Record>) + Send + Sync + 'static {
    let (send, receive) = mpsc::sync_channel::<Arc<Record>>(WAITING);
    let left_out = Arc::new(AtomicU64::new(0));
    let missed = left_out.clone();
    std::thread::spawn(move || {
        for record in receive {
            out::note(&log::line(&record));
            match missed.swap(0, Ordering::Relaxed) {
                0 => {}
                some => out::note(&format!(
                    "          {some} decisions were not shown: too many at once\n"
                )),
            }
        }
    });
    move |record| {
        if send.try_send(record.clone()).is_err() {
            left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Where clients find it; a server on all addresses is shown by the one that SDKs treat best.
fn public_url(server: &Server) -> String {
    let address = server.address();
    if address.ip().is_unspecified() {
        return format!("http://127.0.0.1:{}", address.port());
    }
    server.endpoint()
}

fn not_started(args: &Serve, error: &StartError) -> Failed {
    let StartError::Listen { source, .. } = error else {
        return Failed::new(error.to_string());
    };
    match source.kind() {
        io::ErrorKind::AddrInUse => Failed::new(format!(
            "{} is in use (LocalStack?); try --port 0",
            args.port
        )),
        io::ErrorKind::PermissionDenied => Failed::new(format!(
            "port {} may not be listened on; try --port 0",
            args.port
        )),
        _ => Failed::new(error.to_string()),
    }
}

/// The root key. A secret that somebody chose is known to whoever may know it, and does not belong into a log.
fn root(args: &Serve, secret: &str) -> String {
    let shown = match &args.root_secret {
        Some(_) if secret != server::USUAL_SECRET => "... (as given)",
        _ => secret,
    };
    format!("AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY={shown}")
}

fn banner(url: &str, args: &Serve, secret: &str, new: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let state = match (&args.data, &args.world.load) {
        (Some(folder), _) if !new => format!("kept in {}, as it was left", folder.display()),
        (Some(folder), Some(path)) => {
            format!(
                "kept in {}, begun with {}",
                folder.display(),
                path.display()
            )
        }
        (Some(folder), None) => format!("kept in {}, empty", folder.display()),
        (None, Some(path)) => format!("in memory, begun with {}", path.display()),
        (None, None) => "in memory, empty                     (--load scenario.yaml)".to_owned(),
    };
    let at = if url == server::USUAL {
        String::new()
    } else {
        format!(" --endpoint {url}")
    };
    let mut more = String::new();
    for account in &args.world.accounts {
        let id = account.split(':').next().unwrap_or(account);
        more.push_str(&format!("  account         {id}\n"));
    }
    if args.world.legacy_bucket_defaults {
        more.push_str(
            "  new buckets     as before April 2023: ACLs count, Block Public Access is off\n",
        );
    }
    if let Some(compat) = args.world.compat {
        more.push_str(&format!(
            "  compat          {}: its reset routes answer without a signature, and its key is root\n",
            compat.name()
        ));
    }
    if args.tls {
        let trust = args
            .tls_cert
            .as_ref()
            .map(|path| format!("   AWS_CA_BUNDLE={}", path.display()));
        more.push_str(&format!(
            "  tls             {}{}\n",
            url.replacen("http:", "https:", 1),
            trust.unwrap_or_default()
        ));
    }
    if !args.host.is_loopback() {
        let known = if secret == server::USUAL_SECRET {
            ", and everybody knows the root secret"
        } else {
            ""
        };
        more.push_str(&format!(
            "  listening       where other machines reach it{known}\n"
        ));
    }
    format!(
        "  rolecall {version} - IAM, STS, S3, Pinpoint on {url}\n  \
         enforcing IAM   yes, always (unknown access keys are refused; unknown actions are refused)\n  \
         root            {}   account {}   {}\n{more}  \
         state           {state}\n  \
         shell           eval \"$(rolecall env{at})\"\n",
        root(args, secret),
        rolecall_server::DEFAULT_ACCOUNT,
        rolecall_server::DEFAULT_REGION,
    )
}

/// SIGINT, and SIGTERM where there is one.
pub(super) struct Signals {
    #[cfg(unix)]
    term: tokio::signal::unix::Signal,
    #[cfg(unix)]
    int: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self, Failed> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = |kind| {
                signal(kind)
                    .map_err(|error| Failed::new(format!("failed to listen for signals: {error}")))
            };
            Ok(Self {
                term: listen(SignalKind::terminate())?,
                int: listen(SignalKind::interrupt())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    #[cfg(unix)]
    pub(super) async fn wait(mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
