//! The whole evaluation as a tree of text.

use std::fmt::{self, Write as _};

use crate::{
    Effect, Explanation, Fit, Layer, LayerNode, Nearest, Outcome, Part, PartNode, PrincipalKind,
    Says, StatementNode,
};

impl fmt::Display for Explanation {
    /// The tree.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.outcome {
            Outcome::Allowed => "ALLOWED",
            Outcome::ImplicitDeny => "DENIED (implicit)",
            Outcome::ExplicitDeny => "DENIED (explicit)",
        };
        writeln!(
            out,
            "{}  {}    {verdict}",
            self.asked.action, self.asked.resource
        )?;
        writeln!(out)?;
        write!(out, "caller   {}", self.asked.principal)?;
        if let Some(behind) = &self.asked.behind {
            write!(
                out,
                "   (session of {})",
                behind.rsplit(':').next().unwrap_or(behind)
            )?;
        }
        writeln!(out)?;
        writeln!(out, "|")?;
        let looked_at = self.statements().count();
        let denies = self
            .statements()
            .any(|hit| hit.statement.applies && hit.statement.effect == Effect::Deny);
        let statements = if looked_at == 1 {
            "statement"
        } else {
            "statements"
        };
        line(
            out,
            "+- ",
            "explicit deny anywhere?",
            if denies { "YES" } else { "no" },
        )?;
        writeln!(out, "  ({looked_at} {statements} looked at)")?;
        if self.by == Layer::Root {
            line(
                out,
                "+- ",
                "the account's root user",
                "ALLOWED, needs no policy",
            )?;
            writeln!(out)?;
        }
        // The layer that decided comes last, where the eye ends up.
        let (deciding, others): (Vec<_>, Vec<_>) =
            self.layers.iter().partition(|layer| layer.layer == self.by);
        let count = others.len() + deciding.len();
        for (index, layer) in others.into_iter().chain(deciding).enumerate() {
            self.layer(out, layer, index + 1 == count)?;
        }
        writeln!(out)?;
        self.request_context(out)?;
        match &self.remedy {
            Some(remedy) => writeln!(out, "\ntry: {remedy}"),
            None => Ok(()),
        }
    }
}

impl Explanation {
    fn layer(&self, out: &mut fmt::Formatter<'_>, layer: &LayerNode, last: bool) -> fmt::Result {
        let (branch, stem) = if last { ("`- ", "   ") } else { ("+- ", "|  ") };
        // A task of the root user only takes away.
        let is_task = layer.layer == Layer::Session && self.by == Layer::Root;
        let said = match layer.says {
            Says::Nothing if is_task => "denies nothing",
            other => says(other),
        };
        line(out, branch, &self.layer_name(layer), said)?;
        writeln!(out)?;
        for (index, policy) in layer.policies.iter().enumerate() {
            let last = index + 1 == layer.policies.len();
            let (branch, inner) = if last { ("`- ", "   ") } else { ("+- ", "|  ") };
            write!(out, "{stem}{branch}{}", policy.name)?;
            writeln!(
                out,
                "{}",
                policy
                    .arn
                    .as_ref()
                    .map(|arn| format!("  {arn}"))
                    .unwrap_or_default()
            )?;
            let widest = policy
                .statements
                .iter()
                .map(|statement| statement.label.chars().count())
                .max()
                .unwrap_or(0);
            for (place, statement) in policy.statements.iter().enumerate() {
                let last = place + 1 == policy.statements.len();
                self.statement(out, &format!("{stem}{inner}"), statement, last, widest)?;
            }
        }
        Ok(())
    }

    fn layer_name(&self, layer: &LayerNode) -> String {
        let holder = layer
            .policies
            .iter()
            .find_map(|policy| policy.holder.as_deref());
        let of = holder
            .map(|holder| format!(" of {holder}"))
            .unwrap_or_default();
        let level = layer
            .level
            .map(|level| format!(", level {level}"))
            .unwrap_or_default();
        let name = match layer.layer {
            Layer::Root => "root user",
            Layer::Identity => "identity policies",
            Layer::Boundary => "permissions boundary",
            Layer::Session => "session policies",
            Layer::Trust => "trust policy",
            Layer::Bucket => "bucket policy",
            Layer::Resource => "resource policy",
            Layer::Acl => "access control list",
            Layer::Scp => "service control policies",
            Layer::Rcp => "resource control policies",
            Layer::Endpoint => "endpoint policy",
        };
        format!("{name}{of}{level}")
    }

    fn statement(
        &self,
        out: &mut fmt::Formatter<'_>,
        stem: &str,
        statement: &StatementNode,
        last: bool,
        widest: usize,
    ) -> fmt::Result {
        let (branch, inner) = if last { ("`- ", "   ") } else { ("+- ", "|  ") };
        write!(out, "{stem}{branch}{}", statement.label)?;
        let action = statement
            .parts
            .iter()
            .find(|part| part.part == Part::Action);
        if let Some(action) = action.filter(|action| !action.holds) {
            let gap = widest.saturating_sub(statement.label.chars().count());
            return writeln!(out, "{}   action x  {}", " ".repeat(gap), patterns(action));
        }
        let same = |hit: &Nearest<'_>| std::ptr::eq(hit.statement, statement);
        if self.nearest().is_some_and(|hit| same(&hit)) {
            write!(out, "   <- nearest")?;
        } else if self.matched().any(|hit| same(&hit)) {
            write!(
                out,
                "   <- {}",
                if self.allowed() { "allows" } else { "denies" }
            )?;
        }
        writeln!(out)?;
        for part in &statement.parts {
            match part.part {
                Part::Effect => writeln!(
                    out,
                    "{stem}{inner}{:<10} ok  {:?}",
                    "effect", statement.effect
                )?,
                _ => self.part(out, &format!("{stem}{inner}"), part)?,
            }
        }
        Ok(())
    }

    fn part(&self, out: &mut fmt::Formatter<'_>, stem: &str, part: &PartNode) -> fmt::Result {
        let name = match part.part {
            Part::Sid => "sid",
            Part::Effect => "effect",
            Part::Principal if part.negated => "not princ.",
            Part::Principal => "principal",
            Part::Action if part.negated => "not action",
            Part::Action => "action",
            Part::Resource if part.negated => "not resrc.",
            Part::Resource => "resource",
            Part::Condition => "condition",
        };
        let mark = if part.holds { "ok" } else { "x " };
        write!(out, "{stem}{name:<10} {mark}  ")?;
        if let (Some(operator), Some(key)) = (&part.operator, &part.key) {
            write!(out, "{operator} {key}  ")?;
        }
        writeln!(out, "{}", patterns(part))?;
        let indent = format!("{stem}{:<10}     ", "");
        match (part.holds, part.fit) {
            (true, Fit::Fits) => Ok(()),
            (_, Fit::Missing) => writeln!(
                out,
                "{indent}the request has no {}",
                part.key.as_deref().unwrap_or("such key")
            ),
            (_, Fit::NotUnderstood) => {
                writeln!(out, "{indent}cannot be understood, so nothing is granted")
            }
            _ => difference(out, &indent, part),
        }
    }

    fn request_context(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = Vec::new();
        for given in &self.context {
            let mut word = format!("{}={}", given.key, given.values.join(","));
            if given.origin.from == "choice" {
                let because = given.origin.because.as_deref().unwrap_or_default();
                let _ = write!(word, " (rolecall's choice: {because})");
            }
            words.push(word);
        }
        if words.is_empty() {
            words.push("empty".to_owned());
        }
        writeln!(
            out,
            "request context   {}",
            words.join("\n                  ")
        )?;
        let absent: Vec<&str> = ["aws:SourceArn", "aws:SourceAccount"]
            .into_iter()
            .filter(|key| {
                !self
                    .context
                    .iter()
                    .any(|given| given.key.eq_ignore_ascii_case(key))
            })
            .collect();
        if self.asked.principal_kind != PrincipalKind::Anonymous && !absent.is_empty() {
            writeln!(out, "absent            {}", absent.join(", "))?;
        }
        Ok(())
    }
}

/// A branch with its answer in a column of its own.
fn line(out: &mut fmt::Formatter<'_>, branch: &str, name: &str, answer: &str) -> fmt::Result {
    write!(out, "{branch}{name:<56} {answer}")
}

fn says(says: Says) -> &'static str {
    match says {
        Says::Allow => "allows",
        Says::Deny => "DENIES",
        Says::Nothing => "NO ALLOW",
        Says::NoPolicy => "none",
    }
}

/// The patterns of an element, each once.
fn patterns(part: &PartNode) -> String {
    let mut known: Vec<&str> = Vec::new();
    for check in &part.checks {
        if !known.contains(&&*check.pattern) {
            known.push(&check.pattern);
        }
    }
    match known.as_slice() {
        [] => "(nothing)".to_owned(),
        many => {
            let shown = |text: &&str| {
                if text.is_empty() {
                    "\"\"".to_owned()
                } else {
                    (*text).to_owned()
                }
            };
            many.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The value below the pattern, with a caret where the two part.
fn difference(out: &mut fmt::Formatter<'_>, indent: &str, part: &PartNode) -> fmt::Result {
    let Some(check) = super::hint::telling(part) else {
        return Ok(());
    };
    let Some(actual) = &check.actual else {
        return Ok(());
    };
    if part.part == Part::Principal {
        return writeln!(out, "{indent}the caller is {actual}");
    }
    let near = check
        .near
        .filter(|_| part.part == Part::Resource && part.checks.len() == 1);
    match near {
        Some(near) => {
            let column = actual
                .get(..near.actual)
                .map_or(0, |before| before.chars().count());
            writeln!(out, "{indent}{actual}")?;
            writeln!(out, "{indent}{}^ here", " ".repeat(column))
        }
        None => writeln!(out, "{indent}the request says {actual:?}"),
    }
}
