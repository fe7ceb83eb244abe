//! What is known about services: a few small data files, read once.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::glob;

/// The services whose actions, resources and keys are known one by one.
const SERVICES: [(&str, &str); 5] = [
    ("iam", include_str!("data/iam.txt")),
    ("mobiletargeting", include_str!("data/mobiletargeting.txt")),
    ("s3", include_str!("data/s3.txt")),
    ("sms-voice", include_str!("data/sms-voice.txt")),
    ("sts", include_str!("data/sts.txt")),
];

/// Everything that rules look up.
#[derive(Debug)]
pub(crate) struct Catalog {
    services: HashMap<&'static str, Service>,
    names: HashMap<&'static str, HashSet<&'static str>>,
    global: HashMap<String, Key>,
    regions: HashMap<&'static str, Vec<&'static str>>,
}

/// A service known in full.
#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) actions: Vec<Action>,
    keys: HashMap<String, Key>,
    types: Vec<[&'static str; 6]>,
}

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    lower: String,
    /// Condition keys in lower case; those of tags as `+resource-tag`.
    keys: HashSet<String>,
}

/// A condition key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: KeyKind,
    pub(crate) many: bool,
    pub(crate) from_service: bool,
    pub(crate) no_service: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Text,
    Number,
    Date,
    Bool,
    Arn,
    Ip,
}

/// What a condition key's name says.
#[derive(Debug)]
pub(crate) enum Looked {
    Known(Key),
    /// A key of tags without the tag.
    TagMissing,
    /// `aws:` and a name that is none.
    NoGlobal(Option<&'static str>),
    /// A known service that has no such key.
    NoKey(Option<&'static str>),
    NoService,
    /// A service whose keys are not known here, or an identity provider.
    Foreign,
}

impl Catalog {
    pub(crate) fn get() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(Self::read)
    }

    fn read() -> Self {
        let services = SERVICES
            .into_iter()
            .map(|(name, text)| (name, service(text)));
        let global = lines(include_str!("data/global-keys.txt")).filter_map(key);
        let table = |text: &'static str| groups(text);
        Self {
            services: services.collect(),
            names: table(include_str!("data/services.txt"))
                .into_iter()
                .map(|(name, list)| (name, list.into_iter().collect()))
                .collect(),
            global: global
                .map(|key| (key.name.to_ascii_lowercase(), key))
                .collect(),
            regions: table(include_str!("data/regions.txt"))
                .into_iter()
                .collect(),
        }
    }

    /// A service known in full, in any letter case.
    pub(crate) fn service(&self, prefix: &str) -> Option<&Service> {
        self.services.get(&*prefix.to_ascii_lowercase())
    }

    fn named(&self, group: &str, name: &str) -> bool {
        self.names
            .get(group)
            .is_some_and(|names| names.contains(name))
    }

    /// Whether a prefix of actions exists or once did.
    pub(crate) fn is_prefix(&self, prefix: &str) -> bool {
        let prefix = prefix.to_ascii_lowercase();
        ["action", "retired"]
            .into_iter()
            .any(|group| self.named(group, &prefix))
    }

    /// Whether the third part of an ARN may say this.
    pub(crate) fn is_vendor(&self, vendor: &str) -> bool {
        self.is_prefix(vendor) || self.named("arn", &vendor.to_ascii_lowercase())
    }

    /// Whether resource control policies reach the service.
    pub(crate) fn in_resource_control(&self, prefix: &str) -> bool {
        self.named("rcp", &prefix.to_ascii_lowercase())
    }

    pub(crate) fn nearest_prefix(&self, wrong: &str) -> Option<&'static str> {
        nearest(wrong, self.names.get("action")?.iter().copied())
    }

    pub(crate) fn is_partition(&self, partition: &str) -> bool {
        self.regions.contains_key(partition)
    }

    /// Whether the Region exists, in the partition when that is known.
    pub(crate) fn is_region(&self, region: &str, partition: Option<&str>) -> bool {
        match partition.and_then(|partition| self.regions.get(partition)) {
            Some(regions) => regions.contains(&region),
            None => self
                .regions
                .values()
                .any(|regions| regions.contains(&region)),
        }
    }

    pub(crate) fn nearest_region(&self, wrong: &str) -> Option<&'static str> {
        nearest(wrong, self.regions.values().flatten().copied())
    }

    /// The formats of a service's ARNs; empty when they are not known.
    pub(crate) fn types(&self, vendor: &str) -> Vec<&[&'static str; 6]> {
        // sts has roles of iam among its resources, so iam's list alone is asked for iam.
        self.services
            .get(vendor)
            .into_iter()
            .chain(
                self.services
                    .get("sts")
                    .filter(|_| matches!(vendor, "iam" | "sts")),
            )
            .flat_map(|service| &service.types)
            .filter(|format| format.get(2).is_some_and(|known| *known == vendor))
            .collect()
    }

    /// What is known about a condition key.
    pub(crate) fn key(&self, written: &str) -> Looked {
        let lower = written.to_ascii_lowercase();
        let Some((prefix, _)) = lower.split_once(':') else {
            return Looked::NoService;
        };
        let keys = match (prefix, self.services.get(prefix)) {
            ("aws", _) => &self.global,
            (_, Some(service)) => &service.keys,
            (_, None) => {
                let known = self.is_prefix(prefix) || self.named("key", prefix);
                return match known || prefix.contains('.') {
                    true => Looked::Foreign,
                    false => Looked::NoService,
                };
            }
        };
        if let Some(key) = keys.get(&lower) {
            return match key.name.ends_with('/') {
                true => Looked::TagMissing,
                false => Looked::Known(*key),
            };
        }
        let before_tag = lower
            .split_once('/')
            .map(|(before, _)| format!("{before}/"));
        if let Some(key) = before_tag.and_then(|name| keys.get(&name)) {
            return Looked::Known(*key);
        }
        if keys.contains_key(&format!("{lower}/")) {
            return Looked::TagMissing;
        }
        let meant = nearest(written, keys.values().map(|key| key.name));
        match prefix {
            "aws" => Looked::NoGlobal(meant),
            _ => Looked::NoKey(meant),
        }
    }
}

impl Service {
    /// The actions that a name with wildcards stands for.
    pub(crate) fn matching(&self, name: &str) -> impl Iterator<Item = &Action> {
        let pattern = name.to_ascii_lowercase();
        self.actions
            .iter()
            .filter(move |action| glob::covers(&pattern, &action.lower))
    }

    pub(crate) fn nearest_action(&self, wrong: &str) -> Option<&'static str> {
        nearest(wrong, self.actions.iter().map(|action| action.name))
    }
}

impl Action {
    /// Whether requests for this action can carry the key.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        let lower = key.to_ascii_lowercase();
        let before = match lower.split_once('/') {
            Some((before, _)) => format!("{before}/"),
            None => lower,
        };
        self.keys.contains(&before)
    }

    /// Whether requests for this action can carry `aws:ResourceTag`.
    pub(crate) fn has_resource_tags(&self) -> bool {
        self.keys.contains("+resource-tag")
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Lists that begin with their name; indented lines go on with the list before.
fn groups(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines(text) {
        let mut words = line.split_whitespace();
        match groups.last_mut() {
            Some((_, list)) if line.starts_with(' ') => list.extend(words),
            _ => {
                if let Some(name) = words.next() {
                    groups.push((name, words.collect()));
                }
            }
        }
    }
    groups
}

fn service(text: &'static str) -> Service {
    let mut service = Service::default();
    for line in lines(text) {
        let Some((kind, rest)) = line.split_once(' ') else {
            continue;
        };
        let mut words = rest.split(' ');
        match (kind, words.next()) {
            ("type", Some(_)) => service
                .types
                .extend(words.next().and_then(crate::arn::parts)),
            ("key", Some(_)) => service
                .keys
                .extend(key(rest).map(|key| (key.name.to_ascii_lowercase(), key))),
            ("action", Some(name)) => service.actions.push(Action {
                name,
                lower: name.to_ascii_lowercase(),
                keys: words.skip(1).map(str::to_ascii_lowercase).collect(),
            }),
            _ => {}
        }
    }
    service
}

fn key(line: &'static str) -> Option<Key> {
    let mut words = line.split(' ');
    let (name, kind) = (words.next()?, words.next()?);
    let marks: Vec<&str> = words.collect();
    Some(Key {
        name,
        kind: match kind.trim_start_matches("ArrayOf") {
            "Numeric" | "Long" => KeyKind::Number,
            "Date" => KeyKind::Date,
            "Bool" => KeyKind::Bool,
            "ARN" => KeyKind::Arn,
            "IPAddress" => KeyKind::Ip,
            _ => KeyKind::Text,
        },
        many: kind.starts_with("ArrayOf"),
        from_service: crate::known::SERVICE_ONLY_KEYS.contains(&name),
        no_service: marks.contains(&"no-service"),
    })
}

/// The known word that was probably meant.
pub(crate) fn nearest<'w>(wrong: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    // Nobody misspells a name at such length.
    if wrong.len() > 128 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 4).clamp(1, 3);
    known
        .map(|word| {
            (
                strsim::damerau_levenshtein(&wrong, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| word)
}
