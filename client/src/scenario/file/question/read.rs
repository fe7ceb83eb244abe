//! Reading questions.

use rolecall_policy::findings::{NoAction, known_action};
use serde_json::{Map, Value};

use super::{Check, Job, JobKind, PlannedCall, PlannedLine, Prove, Resource, S3Place};
use crate::aws_line::{self, Files, Trouble};
use crate::diagnostic::{Diagnostic, Level, Span, Spot, nearest};
use crate::endpoint::Call;
use crate::endpoint::operations::Service;
use crate::scenario::documents::{Document, DuplicateKeys, Loader, Replace};
use crate::scenario::file::actor::actor;
use crate::scenario::file::node::{Kind, Node};
use crate::scenario::file::reader::{Fields, Reader};
use crate::scenario::value;

/// What a kind of job is called and what it says.
struct JobFields {
    name: &'static str,
    known: &'static [&'static str],
    needed: &'static [&'static str],
    example: &'static str,
}

const EXPORT: JobFields = JobFields {
    name: "export",
    known: &["app", "to", "role", "segment"],
    needed: &["app", "to", "role"],
    example: "export: { app: demo, to: s3://bucket/prefix/, role: NAME }",
};
const IMPORT: JobFields = JobFields {
    name: "import",
    known: &["app", "from", "role", "format"],
    needed: &["app", "from", "role", "format"],
    example: "import: { app: demo, from: s3://bucket/prefix/, role: NAME, format: csv }",
};
const FORMATS: [&str; 2] = ["CSV", "JSON"];

/// The readers of questions, with the files they may name.
pub(crate) struct Questions<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) loader: &'a Loader,
}

impl Questions<'_> {
    /// `call:` and `with:`.
    pub(crate) fn call(&self, call: &Node, with: Option<&Node>) -> Option<PlannedCall> {
        let text = self.reader.text(call, "`call`")?;
        let bad = |title: String, label: &str, help: Option<String>| {
            self.reader.say(
                self.reader
                    .mistake(text.span, title, label)
                    .maybe_help(help),
            );
        };
        let Some((prefix, name)) = text.value.split_once(':') else {
            bad(
                format!("`{}` is not an operation", text.value),
                "expected `service:Operation`",
                Some("s3:PutObject".to_owned()),
            );
            return None;
        };
        let Some(service) = Service::named(prefix) else {
            bad(
                format!("`{prefix}` is not served here"),
                "not a service of this endpoint",
                Some(format!(
                    "served are {}; a `check:` may ask about any other",
                    Service::ALL.map(Service::name).join(", ")
                )),
            );
            return None;
        };
        let Some(row) = service.operation(name) else {
            let near = nearest(name, service.operations().map(|row| row.name));
            bad(
                format!("`{prefix}` has no operation `{name}` here"),
                "not an operation that is served",
                Some(match near {
                    Some(near) => format!("did you mean `{prefix}:{near}`?"),
                    None => "a `check:` may ask about any action of any service".to_owned(),
                }),
            );
            return None;
        };
        let mut params = Map::new();
        let mut documents = Vec::new();
        let known: Vec<&str> = row.members().map(|member| member.name).collect();
        let mut strangers = false;
        for entry in with
            .map(|node| self.reader.entries(node, "`with`"))
            .unwrap_or_default()
        {
            if !known.contains(&entry.key.value.as_str()) {
                self.reader
                    .unknown(&entry.key, &format!("`{}`", text.value), &known);
                strangers = true;
                continue;
            }
            let value = self.parameter(service, &entry.key.value, &entry.value, &mut documents)?;
            if !value.is_null() {
                params.insert(entry.key.value.clone(), value);
            }
        }
        if strangers {
            return None;
        }
        if let Some(missing) = aws_line::missing_in_path(row, &params) {
            bad(
                format!("`{}` needs `{missing}`", text.value),
                "has none",
                Some(format!("with: {{ {missing}: ... }}")),
            );
            return None;
        }
        Some(PlannedCall {
            call: Call::new(service, row.name, params),
            span: text.span,
            documents,
        })
    }

    fn parameter(
        &self,
        service: Service,
        name: &str,
        node: &Node,
        documents: &mut Vec<(String, Document)>,
    ) -> Option<Value> {
        let policy = aws_line::is_document(name);
        if policy && matches!(node.kind, Kind::Map(_)) {
            let document = self.loader.inline(node, &Replace::default());
            let text = document.text.clone();
            documents.push((name.to_owned(), document));
            return Some(Value::from(text));
        }
        let node = self.reader.resolved(node)?;
        if let Kind::Text { text, .. } = &node.kind
            && let Some(file) = text.strip_prefix("file://")
        {
            let mut load = || {
                if policy {
                    let document = self.loader.document(
                        file,
                        node.span,
                        &Replace::default(),
                        DuplicateKeys::Refuse,
                    )?;
                    let text = document.text.clone();
                    documents.push((name.to_owned(), document));
                    return Ok(Value::from(text));
                }
                Ok(Value::from(self.loader.file(file, node.span)?.text.clone()))
            };
            return load()
                .map_err(|said: Box<Diagnostic>| self.reader.say(*said))
                .ok();
        }
        Some(match service {
            Service::Pinpoint => value::typed(&node),
            _ => value::text(&node),
        })
    }

    /// `aws:`, one line or several.
    pub(crate) fn lines(&self, node: &Node) -> Option<Vec<PlannedLine>> {
        let texts = self.reader.texts(node, "an `aws` line");
        let wanted = match &node.kind {
            Kind::List(items) => items.len(),
            _ => 1,
        };
        let lines: Vec<PlannedLine> = texts.iter().filter_map(|text| self.line(text)).collect();
        (lines.len() == wanted && wanted > 0).then_some(lines)
    }

    pub(crate) fn line(&self, text: &Spot<String>) -> Option<PlannedLine> {
        let files = Here {
            loader: self.loader,
            span: text.span,
        };
        match aws_line::parse(&text.value, &files) {
            Ok(line) => Some(PlannedLine {
                text: text.value.clone(),
                span: text.span,
                line,
            }),
            Err(Trouble::File(said)) => {
                self.reader.say(*said);
                None
            }
            Err(Trouble::Word {
                word,
                title,
                label,
                help,
            }) => {
                // The word as it stands in the file; the whole line when a variable or a quote
                // spells it otherwise there.
                let slice = self.reader.file.slice(text.span);
                let span = match slice.find(&word) {
                    Some(at) if !word.is_empty() => {
                        Span::new(text.span.start + at, text.span.start + at + word.len())
                    }
                    _ => text.span,
                };
                self.reader
                    .say(self.reader.mistake(span, title, label).maybe_help(help));
                None
            }
        }
    }

    /// `export:`.
    pub(crate) fn export(&self, node: &Node) -> Option<Job> {
        let fields = self.job(node, &EXPORT)?;
        let segment = fields.get("segment");
        let segment = segment.and_then(|node| self.reader.text(node, "`segment`"));
        self.of_job(&fields, "to", JobKind::Export { segment })
    }

    /// `import:`.
    pub(crate) fn import(&self, node: &Node) -> Option<Job> {
        let fields = self.job(node, &IMPORT)?;
        let format = self.reader.text(fields.get("format")?, "`format`")?;
        let known = FORMATS
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(&format.value));
        let Some(format) = known else {
            let title = format!("`{}` is not a format of imports", format.value);
            let mistake = self
                .reader
                .mistake(format.span, title, "expected `csv` or `json`");
            self.reader.say(mistake);
            return None;
        };
        self.of_job(&fields, "from", JobKind::Import { format })
    }

    /// The fields of a job, all of those that it needs.
    fn job<'n>(&self, node: &'n Node, kind: &JobFields) -> Option<Fields<'n>> {
        let fields = self
            .reader
            .fields(node, &format!("`{}`", kind.name), kind.known)
            .filter(|fields| !fields.strangers)?;
        let missing: Vec<&str> = kind
            .needed
            .iter()
            .copied()
            .filter(|key| fields.get(key).is_none())
            .collect();
        if missing.is_empty() {
            return Some(fields);
        }
        let title = format!("`{}` needs `{}`", kind.name, missing.join("`, `"));
        self.reader.say(
            self.reader
                .mistake(fields.span, title, "not complete")
                .help(kind.example),
        );
        None
    }

    fn of_job(&self, fields: &Fields<'_>, place: &str, kind: JobKind) -> Option<Job> {
        let text = |key: &str| {
            fields
                .get(key)
                .and_then(|node| self.reader.text(node, &format!("`{key}`")))
        };
        let place = text(place)?;
        Some(Job {
            kind,
            app: text("app")?,
            place: self.place(&place)?,
            role: text("role")?,
        })
    }

    pub(crate) fn place(&self, text: &Spot<String>) -> Option<Spot<S3Place>> {
        let path = text.value.strip_prefix("s3://");
        let (bucket, prefix) = path
            .map(|path| path.split_once('/').unwrap_or((path, "")))
            .unwrap_or_default();
        if bucket.is_empty() {
            self.reader.say(
                self.reader
                    .mistake(
                        text.span,
                        format!("`{}` is not a place in S3", text.value),
                        "expected `s3://BUCKET/PREFIX`",
                    )
                    .maybe_help(
                        path.is_none().then(|| {
                            format!("write `s3://{}`", text.value.trim_start_matches('/'))
                        }),
                    ),
            );
            return None;
        }
        let place = S3Place {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        Some(Spot::new(place, text.span))
    }

    /// `check:` and `resource:`.
    pub(crate) fn check(&self, action: &Node, resource: Option<&Node>) -> Option<Check> {
        let action = self.reader.text(action, "`check`")?;
        let parts = action.value.split_once(':');
        let good = parts.is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && !action.value.contains(['*', '?', ' '])
        });
        if !good {
            self.reader.say(
                self.reader
                    .mistake(
                        action.span,
                        format!("`{}` is not one action", action.value),
                        "expected `service:Action`",
                    )
                    .help("s3:PutObject"),
            );
            return None;
        }
        if let Err(unknown) = known_action(&action.value) {
            self.reader.say(Diagnostic {
                level: Level::Warning,
                ..self.no_action(&action, &unknown)
            });
        }
        let Some(node) = resource else {
            self.reader.say(
                self.reader
                    .mistake(action.span, "a `check` needs a `resource`", "has none")
                    .help("an ARN, `app/NAME`, `role/NAME`, or \"*\" for an action without a resource"),
            );
            return None;
        };
        let text = self.reader.text(node, "`resource`")?;
        let named = |kind: &str| {
            text.value
                .strip_prefix(kind)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
        };
        let found = if text.value == "*"
            || (text.value.starts_with("arn:") && text.value.splitn(6, ':').count() == 6)
        {
            Resource::Arn(text.value.clone())
        } else if let Some(name) = named("app/") {
            Resource::App(name)
        } else if let Some(name) = named("role/") {
            Resource::Role(name)
        } else {
            self.reader.say(
                self.reader
                    .mistake(text.span, format!("`{}` is not a resource", text.value), "neither an ARN nor a name")
                    .help("an ARN has six parts (arn:aws:s3:::bucket/key); or `app/NAME`, `role/NAME`, \"*\""),
            );
            return None;
        };
        Some(Check {
            resource: Spot::new(found, text.span),
            action,
        })
    }
}

impl Questions<'_> {
    /// Nobody can do what does not exist: a proof of it proves nothing, and a denial tells nothing.
    fn no_action(&self, action: &Spot<String>, unknown: &NoAction) -> Diagnostic {
        let meant = unknown.meant.as_ref();
        self.reader
            .mistake(action.span, unknown.said.as_str(), "")
            .maybe_help(meant.map(|meant| format!("did you mean {meant}?")))
    }

    /// `prove:`.
    pub(crate) fn prove(&self, node: &Node) -> Option<Prove> {
        let fields = self
            .reader
            .fields(node, "`prove`", &["action", "by", "within"])
            .filter(|fields| !fields.strangers)?;
        let missing = |key: &str| {
            self.reader.say(
                self.reader
                    .mistake(node.span, format!("a `prove` needs `{key}`"), "has none")
                    .help("prove: { action: s3:PutObject, by: role/NAME, within: \"arn:aws:s3:::bucket/prefix/*\" }"),
            );
        };
        let (Some(action), Some(by), Some(within)) =
            (fields.get("action"), fields.get("by"), fields.get("within"))
        else {
            let lacking = ["action", "by", "within"];
            let lacking = lacking.iter().find(|key| fields.get(key).is_none());
            missing(lacking.copied().unwrap_or_default());
            return None;
        };
        let action = self.reader.text(action, "`action`")?;
        let good = action
            .value
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !good && action.value != "*" {
            self.reader.say(
                self.reader
                    .mistake(
                        action.span,
                        format!("`{}` is not an action", action.value),
                        "expected `service:Action`",
                    )
                    .help("s3:PutObject; `*` and `?` stand for several"),
            );
            return None;
        }
        if let Err(unknown) = known_action(&action.value) {
            self.reader.say(self.no_action(&action, &unknown));
            return None;
        }
        let by = actor(self.reader, by)?;
        let within = self.reader.texts(within, "`within`");
        for pattern in &within {
            let text = &pattern.value;
            if !text.starts_with("arn:") || text.splitn(6, ':').count() < 6 || text.contains("${") {
                self.reader.say(
                    self.reader
                        .mistake(
                            pattern.span,
                            format!("`{text}` is not an ARN pattern"),
                            "nothing can be proved with it",
                        )
                        .help("six parts and no policy variables: arn:aws:s3:::bucket/prefix/*"),
                );
                return None;
            }
        }
        Some(Prove {
            action,
            by,
            within,
            span: node.span,
        })
    }
}

/// Files as seen from one place of the scenario.
struct Here<'a> {
    loader: &'a Loader,
    span: Span,
}

impl Files for Here<'_> {
    fn document(&self, name: &str) -> Result<Document, Box<Diagnostic>> {
        self.loader
            .document(name, self.span, &Replace::default(), DuplicateKeys::Refuse)
    }

    fn text(&self, name: &str) -> Result<String, Box<Diagnostic>> {
        Ok(self.loader.file(name, self.span)?.text.clone())
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
        self.loader.bytes(name, self.span)
    }
}
