#![doc = include_str!("README.md")]

mod actions;
mod catalog;
mod codes;
mod document;
mod finding;
mod fix;
mod glob;
mod guess;
mod page;
mod place;
mod rules;

pub use actions::{NoAction, known_action};
pub use finding::{
    Finding, FindingKind, Location, PathElement, PolicyType, Position, Severity, Span,
};
pub use fix::fix;
pub use guess::guess;
pub use page::{Page, page, pages};

use std::ops::Range;

use codes::Code;
use document::{Document, Subject};
use place::Places;

use crate::json::{self, Node, NotJson};

/// Whether resource control policies reach the resources of a service, by the prefix of its actions in any letter case.
#[must_use]
pub fn reached_by_rcps(service: &str) -> bool {
    catalog::Catalog::get().in_resource_control(service)
}

/// What `ValidatePolicy` says about a document, in the order of the text.
///
/// `resource_type` is AWS's `validatePolicyResourceType`, such as `AWS::S3::Bucket` or
/// `AWS::IAM::AssumeRolePolicyDocument`; it counts only with [`PolicyType::Resource`].
#[must_use]
pub fn check(text: &str, policy_type: PolicyType, resource_type: Option<&str>) -> Vec<Finding> {
    let subject = Subject {
        policy_type,
        resource_type,
    };
    let places = Places::new(text);
    match json::read(text) {
        Err(fault) => vec![syntax(&places, &fault)],
        Ok((root, repeated)) => run(text, &root, &repeated, subject, rules::AWS),
    }
}

/// What `rolecall lint` says: AWS's findings, and those that AWS lacks.
///
/// A document damaged by copying is looked at as if it were repaired; the damage is reported as well.
#[must_use]
pub fn lint(text: &str, policy_type: PolicyType, resource_type: Option<&str>) -> Vec<Finding> {
    let subject = Subject {
        policy_type,
        resource_type,
    };
    let all = |text: &str, root: &Node, repeated: &[json::Repeated]| {
        let mut findings = run(text, root, repeated, subject, rules::AWS);
        let own = run(text, root, &[], subject, rules::OWN);
        leave_to_placeholders(&mut findings, &own);
        findings.extend(own);
        findings
    };
    let mut findings = match json::read(text) {
        Ok((root, repeated)) => all(text, &root, &repeated),
        Err(fault) => {
            let places = Places::new(text);
            let repaired = fix::repair(text);
            let read = repaired
                .as_ref()
                .map(|repaired| (repaired, json::read(&repaired.text)));
            match read {
                Some((repaired, Ok((root, repeated)))) => {
                    let mut findings: Vec<_> = repaired
                        .repairs
                        .iter()
                        .map(|repair| syntax(&places, &repair.fault()))
                        .collect();
                    for mut finding in all(&repaired.text, &root, &repeated) {
                        for location in &mut finding.locations {
                            let bytes = repaired.original(&location.bytes);
                            location.span = places.location(None, bytes.clone()).span;
                            location.bytes = bytes;
                        }
                        findings.push(finding);
                    }
                    findings
                }
                _ => vec![syntax(&places, &fault)],
            }
        }
    };
    sort(&mut findings);
    findings
}

/// Drops what AWS says about words that are there to be replaced: one finding is enough.
fn leave_to_placeholders(findings: &mut Vec<Finding>, own: &[Finding]) {
    let taken: Vec<&Range<usize>> = own
        .iter()
        .filter(|finding| finding.code == codes::PLACEHOLDER.name)
        .flat_map(|finding| &finding.locations)
        .map(|location| &location.bytes)
        .collect();
    let about = [
        codes::INVALID_ARN_ACCOUNT.name,
        codes::INVALID_ARN_REGION.name,
    ];
    findings.retain(|finding| {
        let place = finding.locations.first().map(|location| &location.bytes);
        !(about.contains(&finding.code) && place.is_some_and(|place| taken.contains(&place)))
    });
}

/// What rules put their findings into.
pub(crate) struct Found<'d> {
    root: &'d Node,
    places: &'d Places<'d>,
    findings: Vec<Finding>,
}

impl Found<'_> {
    /// Reports one finding about one or several places.
    pub(crate) fn add(
        &mut self,
        code: &'static Code,
        details: impl Into<String>,
        places: impl IntoIterator<Item = Range<usize>>,
    ) {
        let locations = places
            .into_iter()
            .map(|bytes| self.places.location(Some(self.root), bytes))
            .collect();
        self.findings.push(finding(code, details.into(), locations));
    }

    /// The same, with a word about what to do.
    pub(crate) fn add_help(
        &mut self,
        code: &'static Code,
        details: impl Into<String>,
        place: Range<usize>,
        help: impl Into<String>,
    ) {
        self.add(code, details, [place]);
        if let Some(finding) = self.findings.last_mut() {
            finding.help = Some(help.into());
        }
    }
}

fn finding(code: &'static Code, details: String, locations: Vec<Location>) -> Finding {
    Finding {
        kind: code.kind,
        code: code.name,
        details,
        learn_more: code.learn_more(),
        locations,
        rc: code.rc,
        severity: code.severity(),
        help: None,
    }
}

fn run(
    text: &str,
    root: &Node,
    repeated: &[json::Repeated],
    subject: Subject<'_>,
    rules: &[rules::Rule],
) -> Vec<Finding> {
    let places = Places::new(text);
    let mut found = Found {
        root,
        places: &places,
        findings: Vec::new(),
    };
    for pair in repeated {
        found.add(
            &codes::REPEATED_KEY,
            format!(
                "The key `{}` appears twice in one object, and one of the two would be lost. Remove one, or merge them.",
                pair.name
            ),
            [pair.again.clone(), pair.first.clone()],
        );
    }
    let document = Document::new(text, root, subject);
    for rule in rules {
        rule(&document, &mut found);
    }
    let mut findings = found.findings;
    sort(&mut findings);
    findings
}

/// In the order of the text; at one place the gravest first.
fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        let start = finding
            .locations
            .first()
            .map_or(0, |location| location.bytes.start);
        (start, finding.kind, finding.code)
    });
}

fn syntax(places: &Places<'_>, fault: &NotJson) -> Finding {
    let at = places.position(fault.span.start);
    let details = format!(
        "Fix the JSON syntax error at index {} line {} column {}: {}.",
        at.offset, at.line, at.column, fault.why
    );
    let mut finding = finding(
        &codes::JSON_SYNTAX_ERROR,
        details,
        vec![places.location(None, fault.span.clone())],
    );
    finding.help = fault.help.map(str::to_owned);
    finding
}

/// All of AWS's issue codes that can be reported.
pub fn issue_codes() -> impl Iterator<Item = &'static str> {
    codes::AWS.iter().map(|code| code.name)
}
