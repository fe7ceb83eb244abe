//! Reading the Pinpoint apps of `given:`.

use serde_json::{Map, Value, json};

use super::{App, GivenReader};
use crate::diagnostic::{Diagnostic, Span, Spot};
use crate::scenario::file::node::{Kind, Node};
use crate::scenario::value;

const APP: [&str; 4] = ["id", "tags", "endpoints", "segments"];
/// A generous number for "made-up endpoints"; more would only slow the scenario down.
const MOST_ENDPOINTS: u64 = 10_000;

impl GivenReader<'_> {
    pub(super) fn app(&self, name: Spot<String>, node: &Node) -> Option<App> {
        let fields = self.reader.fields(node, "a Pinpoint app", &APP)?;
        let endpoints = fields.get("endpoints");
        let segments = fields.get("segments").map(|node| {
            let entries = self.reader.entries(node, "`segments`").iter();
            entries.filter_map(|entry| {
                let body = self.reader.resolved(&entry.value)?;
                self.reader.fields_are_a_map(&body, "a segment")?;
                Some((self.reader.key(&entry.key)?, value::typed(&body)))
            })
        });
        Some(App {
            endpoints_span: endpoints.map_or(name.span, |node| node.span),
            endpoints: endpoints
                .map(|node| self.endpoints(node))
                .unwrap_or_default(),
            id: fields
                .get("id")
                .and_then(|node| self.reader.text(node, "an app's id")),
            tags: self.tags(fields),
            segments: segments.into_iter().flatten().collect(),
            name,
        })
    }

    fn endpoints(&self, node: &Node) -> Vec<Value> {
        let Some(node) = self.reader.resolved(node) else {
            return Vec::new();
        };
        match &node.kind {
            Kind::Text { text, .. } => match text.strip_prefix("file://") {
                Some(name) => self.endpoint_lines(name, node.span),
                None => match text.parse::<u64>() {
                    Ok(count) if count <= MOST_ENDPOINTS => (1..=count).map(made_up).collect(),
                    _ => {
                        self.reader.say(
                            self.reader
                                .mistake(
                                    node.span,
                                    "`endpoints` is a number, a list, or a file of JSON lines",
                                    format!("`{text}` is none of these"),
                                )
                                .help(format!("a number may be at most {MOST_ENDPOINTS}")),
                        );
                        Vec::new()
                    }
                },
            },
            _ => {
                let items = self.reader.items(&node, "`endpoints`").iter();
                items
                    .filter_map(|item| {
                        self.reader.fields_are_a_map(item, "an endpoint")?;
                        if item.get("Id").is_none() {
                            self.reader
                                .error(item.span, "an endpoint needs an `Id`", "has none");
                        }
                        Some(value::typed(item))
                    })
                    .collect()
            }
        }
    }

    fn endpoint_lines(&self, name: &str, asked: Span) -> Vec<Value> {
        let file = match self.loader.file(name, asked) {
            Ok(file) => file,
            Err(said) => {
                self.reader.say(*said);
                return Vec::new();
            }
        };
        let mut start = 0;
        let mut out = Vec::new();
        for line in file.text.split_inclusive('\n') {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Map<String, Value>>(line) {
                Ok(endpoint) if endpoint.contains_key("Id") => out.push(Value::Object(endpoint)),
                Ok(_) => self.reader.say(
                    Diagnostic::error("an endpoint needs an `Id`")
                        .at(&file, span, "has none")
                        .also(self.reader.file, asked, "asked for here"),
                ),
                Err(_) => self.reader.say(
                    Diagnostic::error("this line is not a JSON object")
                        .at(&file, span, "one endpoint on each line")
                        .also(self.reader.file, asked, "asked for here"),
                ),
            }
        }
        out
    }
}

/// The made-up endpoint number `n`: always the same.
fn made_up(n: u64) -> Value {
    let (channel, address) = match n % 3 {
        1 => ("EMAIL", format!("person-{n}@example.com")),
        2 => ("SMS", format!("+1206555{n:04}")),
        _ => ("GCM", format!("token-{n}")),
    };
    json!({
        "Id": format!("endpoint-{n}"),
        "ChannelType": channel,
        "Address": address,
        "OptOut": "NONE",
        "User": { "UserId": format!("user-{n}") },
    })
}
