//! The words of the command line. Every flag can be set with `ROLECALL_...` as well.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rolecall_server::Compat;

const EXAMPLES: &str = "\
Examples:
  rolecall init && rolecall test          a first scenario, and a run of it
  rolecall serve                          an endpoint on http://127.0.0.1:4566 that always enforces IAM
  eval \"$(rolecall env)\"                  point the AWS CLI and every SDK at it
  rolecall run -- pytest -q               your own tests against a fresh endpoint
  rolecall explain --last                 why the last request was denied";

/// A local AWS endpoint (IAM, STS, S3, Amazon Pinpoint) whose permission verdicts you can trust.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, after_help = EXAMPLES, max_term_width = 110, propagate_version = true)]
pub(crate) struct Rolecall {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, env = "ROLECALL_COLOR", hide_env = true)]
    pub(crate) color: Colour,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the endpoint
    Serve(Serve),
    /// Run a command against a fresh endpoint of its own
    Run(Run),
    /// Run scenarios
    Test(Test),
    /// Look for mistakes in policy documents
    Lint(Lint),
    /// Ask one question: may WHO do ACTION on RESOURCE?
    Can(Can),
    /// Decide for all resources at once: can WHO ever do ACTION outside of a pattern?
    Prove(Prove),
    /// Show how a decision came about, or what a finding means
    Explain(Explain),
    /// Print what points the AWS CLI and the SDKs at the endpoint
    Env(Env),
    /// Ask whether the endpoint answers (for health checks)
    Ping(Ping),
    /// Write a first scenario with the guide's two policies
    Init(Init),
    /// Compare with the decisions that case files of other projects expect
    Judge(Judge),
}

fn compat(text: &str) -> Result<Compat, String> {
    let known = [Compat::Moto];
    known
        .into_iter()
        .find(|compat| compat.name() == text)
        .ok_or_else(|| "only `moto` is known".to_owned())
}

/// The state and the accounts of an endpoint that is started here.
#[derive(Debug, Default, Args)]
pub(crate) struct World {
    /// New buckets are as they were before April 2023: ACLs count, Block Public Access is off
    #[arg(long, env = "ROLECALL_LEGACY_BUCKET_DEFAULTS", hide_env = true)]
    pub(crate) legacy_bucket_defaults: bool,
    /// One more account, with its root keys; without keys they are ID and `test`
    #[arg(
        long = "account",
        value_name = "ID[:KEY:SECRET]",
        env = "ROLECALL_ACCOUNT",
        value_delimiter = ',',
        hide_env = true
    )]
    pub(crate) accounts: Vec<String>,
    /// `aws:SecureTransport` is what the connection is (by default plain http counts as secure)
    #[arg(long, env = "ROLECALL_HONEST_TLS", hide_env = true)]
    pub(crate) honest_tls: bool,
    /// Offer what somebody else's test suite needs besides AWS: `moto` adds POST /moto-api/reset, POST
    /// /moto-api/reset-auth and the root key FOOBARKEY; enforcement stays as it is
    #[arg(
        long,
        value_name = "SUITE",
        value_parser = compat,
        env = "ROLECALL_COMPAT",
        hide_env = true
    )]
    pub(crate) compat: Option<Compat>,
    /// The keys that the identity provider at URL signs with, as a JSON Web Key Set (nothing is ever fetched)
    #[arg(
        long = "jwks",
        value_name = "URL=FILE",
        env = "ROLECALL_JWKS",
        value_delimiter = ',',
        hide_env = true
    )]
    pub(crate) jwks: Vec<String>,
    /// Begin with the world of a scenario: its `given:` and `setup:`
    #[arg(long, value_name = "SCENARIO", env = "ROLECALL_LOAD", hide_env = true)]
    pub(crate) load: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rolecall serve
  rolecall serve --port 0 --port-file /tmp/port
  rolecall serve --data ./rolecall-data
  rolecall serve --load scenarios/01-export.rolecall.yaml")]
pub(crate) struct Serve {
    /// The port; 0 takes a free one
    #[arg(long, short, default_value_t = 4566, env = "ROLECALL_PORT")]
    pub(crate) port: u16,
    /// The address to listen on; one that other machines reach gets a root secret of its own
    #[arg(
        long,
        alias = "address",
        default_value = "127.0.0.1",
        env = "ROLECALL_HOST"
    )]
    pub(crate) host: IpAddr,
    /// The secret of the root keys; `test` on loopback, made up and printed elsewhere
    #[arg(
        long,
        value_name = "SECRET",
        env = "ROLECALL_ROOT_SECRET",
        hide_env_values = true
    )]
    pub(crate) root_secret: Option<String>,
    /// Serve TLS too, on the same port, with a certificate made for this machine's own names;
    /// `aws:SecureTransport` is then what the connection is
    #[arg(long, env = "ROLECALL_TLS", hide_env = true)]
    pub(crate) tls: bool,
    /// The certificate of `--tls`, PEM; without --tls-key the one that is made is written there
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls",
        env = "ROLECALL_TLS_CERT",
        hide_env = true
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of that certificate, PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        env = "ROLECALL_TLS_KEY",
        hide_env = true
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// Keep everything in this directory; what was acknowledged survives any end of the process
    #[arg(long, value_name = "DIR", env = "ROLECALL_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The most worlds (`/_w/NAME/`) at a time
    #[arg(long, value_name = "N", default_value_t = rolecall_server::MOST_WORLDS, env = "ROLECALL_MAX_WORLDS", hide_env = true)]
    pub(crate) max_worlds: usize,
    /// Write the port to this file once the endpoint is ready
    #[arg(long, value_name = "FILE", env = "ROLECALL_PORT_FILE", hide_env = true)]
    pub(crate) port_file: Option<PathBuf>,
    /// Print the ready line and nothing else
    #[arg(long, short, env = "ROLECALL_QUIET", hide_env = true)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) world: World,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The command sees AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION of the fresh
endpoint. Its exit code is this one's.

Examples:
  rolecall run -- pytest -q
  rolecall run --load scenarios/01-export.rolecall.yaml -- aws s3 ls s3://example-bucket")]
pub(crate) struct Run {
    /// Say nothing about the decisions afterwards
    #[arg(long, short, env = "ROLECALL_QUIET", hide_env = true)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) world: World,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  all as expected
  1  something was not
  2  a flag is wrong
  3  a scenario or policy file cannot be read; nothing ran
  4  nothing matched; nothing ran
  5  the target or a line of `given:` or `setup:` failed; the verdict is unknown
 70  a bug in rolecall

Examples:
  rolecall test
  rolecall test scenarios/01-export.rolecall.yaml --var folder=exports
  rolecall test -k 'another bucket' -vv
  rolecall test --out junit:report.xml")]
pub(crate) struct Test {
    /// Scenario files, or folders of them [default: ./scenarios, then .]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only steps with TEXT in `FILE > STEP`; may be repeated
    #[arg(short, value_name = "TEXT", env = "ROLECALL_K", hide_env = true)]
    pub(crate) k: Vec<String>,
    /// Only scenarios with this tag; may be repeated
    #[arg(long, value_name = "TAG", env = "ROLECALL_TAG", hide_env = true)]
    pub(crate) tag: Vec<String>,
    /// Stop at the first failure
    #[arg(short = 'x', long, env = "ROLECALL_FAIL_FAST", hide_env = true)]
    pub(crate) fail_fast: bool,
    /// Set a variable; wins over ROLECALL_VAR_x, --vars and the scenario
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) var: Vec<String>,
    /// A file of variables: one map from name to text
    #[arg(long, value_name = "FILE", env = "ROLECALL_VARS", hide_env = true)]
    pub(crate) vars: Option<PathBuf>,
    /// How many scenarios at a time [default: one for each core]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "ROLECALL_JOBS",
        hide_env = true,
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) jobs: usize,
    /// Print what would run
    #[arg(long)]
    pub(crate) list: bool,
    /// Fail when fewer checks ran
    #[arg(
        long,
        value_name = "N",
        env = "ROLECALL_MIN_CHECKS",
        hide_env = true,
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) min_checks: usize,
    /// Where scenarios run: `embedded`, or the address of a running rolecall
    #[arg(
        long,
        value_name = "TARGET",
        env = "ROLECALL_TARGET",
        hide_env = true,
        default_value = "embedded"
    )]
    pub(crate) target: String,
    /// Empty a running target before each scenario
    #[arg(long, env = "ROLECALL_RESET", hide_env = true)]
    pub(crate) reset: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Human, env = "ROLECALL_FORMAT", hide_env = true)]
    pub(crate) format: Format,
    /// Write another format to a file as well; may be repeated
    #[arg(
        long,
        value_name = "FORMAT:FILE",
        env = "ROLECALL_OUT",
        hide_env = true,
        value_delimiter = ','
    )]
    pub(crate) out: Vec<String>,
    /// Only failures and the summary
    #[arg(long, short, env = "ROLECALL_QUIET", hide_env = true)]
    pub(crate) quiet: bool,
    /// Each check; twice: each decision as a tree
    #[arg(long, short, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
}

/// What a run is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON object for each line
    Json,
    /// JUnit's XML
    Junit,
    /// The Test Anything Protocol
    Tap,
    /// Annotations of a GitHub workflow (added by themselves under GITHUB_ACTIONS=true)
    Github,
}

/// Where a running endpoint is.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// The endpoint [env: ROLECALL_ENDPOINT, AWS_ENDPOINT_URL] [default: http://127.0.0.1:4566]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
WHO is root, user/NAME, role/NAME, policy/NAME, service/NAME or anonymous, in another account
999988887777:user/NAME. With --policy or --trust nothing needs to run; WHO may be left out.

Examples:
  rolecall can user/ana s3:GetObject arn:aws:s3:::example-bucket/Exports/b.gz
  rolecall can --policy s3policy.json s3:ListBucket arn:aws:s3:::example-bucket --context s3:prefix=Exports
  rolecall can --trust trustpolicy.json service/pinpoint.amazonaws.com sts:AssumeRole")]
pub(crate) struct Can {
    /// WHO ACTION RESOURCE
    #[arg(required = true, num_args = 1..=3, value_names = ["WHO", "ACTION", "RESOURCE"])]
    pub(crate) words: Vec<String>,
    /// WHO has this policy and no other
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,
    /// The role asked about has this trust policy
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// A condition key of the request; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) context: Vec<String>,
    /// The answer that makes this succeed: exit 0 if it comes, 1 if not
    #[arg(long, value_enum)]
    pub(crate) expect: Option<Answer>,
    /// Show the whole tree
    #[arg(long, short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Conditions count as free: what is proved holds whatever the context of the request. Otherwise the shortest
resource outside is shown, with the statement that lets it out and the conditions it depends on.

Exit codes:
  0  proved
  1  not proved
  2  a flag is wrong
  3  a file cannot be read

Examples:
  rolecall prove --action s3:PutObject --by role/s3ExportRole --within 'arn:aws:s3:::example-bucket/Exports/*'
  rolecall prove --scenario scenarios/01-export.rolecall.yaml --action 's3:*' --by role/s3ExportRole \\
      --within 'arn:aws:s3:::example-bucket' --within 'arn:aws:s3:::example-bucket/*'
  rolecall prove --policy s3policy.json --action s3:PutObject --within 'arn:aws:s3:::example-bucket/Exports/*'")]
pub(crate) struct Prove {
    /// The action; `*` and `?` stand for several
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: String,
    /// Who: root, user/NAME, role/NAME, policy/NAME, service/NAME or anonymous [default with --policy: user/somebody]
    #[arg(long, value_name = "WHO", required_unless_present = "policy")]
    pub(crate) by: Option<String>,
    /// An ARN pattern; several are alternatives; none asks whether nothing at all can be allowed
    #[arg(long, value_name = "PATTERN")]
    pub(crate) within: Vec<String>,
    /// WHO has this policy and no other; nothing needs to run
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,
    /// In the world of this scenario; nothing needs to run
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub(crate) scenario: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Answer {
    Allowed,
    Denied,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The id is the request id that every SDK prints with an error; its first digits are enough.
A code of `rolecall lint`, such as RC-P003, prints the page about it.

Examples:
  rolecall explain --last
  rolecall explain 7f3a9c
  rolecall explain RC-P003")]
pub(crate) struct Explain {
    /// A request id, or how it begins; or a code of a finding
    #[arg(required_unless_present = "last", conflicts_with = "last")]
    pub(crate) id: Option<String>,
    /// The last request that was denied (the last of all when none was)
    #[arg(long)]
    pub(crate) last: bool,
    /// The whole tree of every hop, not only of the one that decided
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// One JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eval \"$(rolecall env)\"
  rolecall env --shell fish | source
  rolecall env --shell profile >> ~/.aws/config
  rolecall env --shell terraform > rolecall_override.tf")]
pub(crate) struct Env {
    /// What to print
    #[arg(long, value_enum, default_value_t = Shell::Sh, env = "ROLECALL_SHELL", hide_env = true)]
    pub(crate) shell: Shell,
    #[command(flatten)]
    pub(crate) at: At,
}

/// What reads the variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Sh,
    Fish,
    Pwsh,
    Dotenv,
    /// A profile for ~/.aws/config
    Profile,
    /// A provider override file
    Terraform,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  a rolecall answers
  1  nobody answers within five seconds, or somebody else

Examples:
  rolecall ping
  rolecall ping --endpoint http://127.0.0.1:4567
  until rolecall ping --quiet; do sleep 0.1; done")]
pub(crate) struct Ping {
    #[command(flatten)]
    pub(crate) at: At,
    /// Say nothing
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What is there already is never written over.

Examples:
  rolecall init
  rolecall init iam-tests")]
pub(crate) struct Init {
    /// The folder to write into
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  every case agrees
  1  some case differs
  3  a file cannot be read

Examples:
  rolecall judge cases.jsonl
  rolecall judge --strict arsenal_cases.jsonl minio_cases.jsonl")]
pub(crate) struct Judge {
    /// Files with one case in JSON on a line
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub(crate) files: Vec<PathBuf>,
    /// Only cases marked `strict_core`
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What a document is a policy of is seen from what stands in it; --as settles it. Errors are what AWS
refuses, warnings what it stores although it does not do what it seems to say.

Exit codes:
  0  neither errors nor warnings
  1  some
  2  a flag is wrong
  3  a file cannot be read or written
  4  there is no policy document

Examples:
  rolecall lint policies/
  rolecall lint --as trust trustpolicy.json
  rolecall lint --fix pasted.json
  rolecall explain RC-P005")]
pub(crate) struct Lint {
    /// Policy documents, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the documents are policies of
    #[arg(
        long = "as",
        value_enum,
        value_name = "KIND",
        env = "ROLECALL_AS",
        hide_env = true
    )]
    pub(crate) kind: Option<PolicyAs>,
    /// Mend what copying breaks: commas before a bracket, broken lines in strings, curly quotes
    #[arg(long, env = "ROLECALL_FIX", hide_env = true)]
    pub(crate) fix: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = LintFormat::Human, env = "ROLECALL_LINT_FORMAT", hide_env = true)]
    pub(crate) format: LintFormat,
}

/// What a document is a policy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyAs {
    /// A user, group or role; a permissions boundary or session policy as well
    Identity,
    /// A role: who may assume it
    Trust,
    /// A bucket or another resource
    Resource,
    /// An organization: a service control policy
    Scp,
    /// An organization: a resource control policy
    Rcp,
}

/// What findings are printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    Human,
    /// One JSON object for each line
    Json,
    /// Annotations of a GitHub workflow
    Github,
}
