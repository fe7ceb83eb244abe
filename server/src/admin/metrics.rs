//! Figures of all worlds for Prometheus, counted when somebody asks.

use super::{Answer, Ask, Refused, refused};
use http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};

/// What is counted.
#[derive(Debug, Default)]
struct Figures {
    worlds: usize,
    allowed: u64,
    denied: u64,
    refused: u64,
    kept: usize,
    snapshots: usize,
    accounts: usize,
    users: usize,
    roles: usize,
    policies: usize,
    keys: usize,
    buckets: usize,
    objects: usize,
    uploads: usize,
    apps: usize,
    connections: usize,
    write_failures: u64,
}

/// The figures as text.
pub(super) fn metrics(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(count(ask)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(Answer::text(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        text,
    ))
}

fn count(ask: &Ask<'_>) -> Figures {
    let mut figures = Figures {
        connections: ask.worlds.connections(),
        ..Figures::default()
    };
    figures.write_failures = ask.gate().journal().map_or(0, |journal| journal.failures());
    for (_, world) in ask.worlds.all() {
        let (gate, now) = (&world.gate, world.gate.world());
        let counts = gate.ring.counts();
        figures.worlds += 1;
        figures.allowed += counts.allowed;
        figures.denied += counts.denied;
        figures.refused += counts.refused;
        figures.kept += counts.kept;
        figures.snapshots += gate.snapshots.len();
        figures.keys += now.keys.len();
        figures.buckets += now.law.buckets.len();
        figures.apps += now.apps.len();
        for account in now.law.accounts.values() {
            figures.accounts += 1;
            figures.users += account.users.len();
            figures.roles += account.roles.len();
            figures.policies += account.policies.len();
        }
        for shelf in now.shelves.values() {
            figures.objects += shelf.objects.len();
            figures.uploads += shelf.uploads.len();
        }
    }
    figures
}

/// How the requests of the whole endpoint ended.
#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Collector for Figures {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let help = "Decisions, and requests that were refused before any";
        let mut family =
            to.encode_descriptor("rolecall_decisions", help, None, MetricType::Counter)?;
        for (outcome, count) in [
            ("allowed", self.allowed),
            ("denied", self.denied),
            ("refused", self.refused),
        ] {
            let outcome = Outcome { outcome };
            ConstCounter::new(count).encode(family.encode_family(&outcome)?)?;
        }
        let help = "Writes to the data directory that failed";
        let failures = to.encode_descriptor(
            "rolecall_data_write_failures",
            help,
            None,
            MetricType::Counter,
        )?;
        ConstCounter::new(self.write_failures).encode(failures)?;
        for (name, help, count) in [
            ("rolecall_worlds", "Worlds", self.worlds),
            ("rolecall_connections", "Open connections", self.connections),
            (
                "rolecall_decisions_kept",
                "Decisions that can be explained",
                self.kept,
            ),
            ("rolecall_snapshots", "Snapshots of worlds", self.snapshots),
            ("rolecall_accounts", "Accounts", self.accounts),
            ("rolecall_users", "IAM users", self.users),
            ("rolecall_roles", "IAM roles", self.roles),
            (
                "rolecall_policies",
                "Customer managed policies",
                self.policies,
            ),
            (
                "rolecall_access_keys",
                "Access keys, temporary ones included",
                self.keys,
            ),
            ("rolecall_buckets", "Buckets", self.buckets),
            ("rolecall_objects", "Keys with a version", self.objects),
            (
                "rolecall_uploads",
                "Multipart uploads under way",
                self.uploads,
            ),
            ("rolecall_apps", "Pinpoint apps", self.apps),
        ] {
            let gauge = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX)).encode(gauge)?;
        }
        Ok(())
    }
}
