//! A failure as a picture: the expectation, the decisions, the part of the policy that decided.

use std::fmt::Write as _;

use rolecall_policy::{Counterexample, Excerpt, Explanation, Layer, Part, PrincipalKind};

use super::hops_table;
use super::place::{self, one_line};
use super::remedy::remedy;
use crate::diagnostic::{Diagnostic, Span};
use crate::scenario::event::{Checked, Evidence, Troubled};
use crate::scenario::file::expect::Decision;
use crate::scenario::file::question::Question;
use crate::scenario::run::{Hop, Wrong};
use crate::scenario::vars::{Origin, Var};

/// Lines of prose are broken here.
const WIDEST: usize = 96;

/// The whole picture of a check that did not come out as expected.
#[must_use]
pub fn failure(checked: &Checked, colour: bool) -> String {
    let evidence = &checked.evidence;
    let mut text = expectation(evidence).render(colour);
    text.push_str("\n\n");
    let row: Vec<String> = checked
        .case
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    if !row.is_empty() {
        let _ = writeln!(text, "the row:  {}\n", row.join("  "));
    }
    let answer = &evidence.answer;
    if !answer.hops.is_empty() {
        text.push_str(&chain(evidence));
        text.push('\n');
    }
    if let Some(found) = answer.counterexample() {
        text.push_str(&counterexample(evidence, found, colour));
    }
    let about_verdict = evidence.wrong.iter().any(|wrong| wrong.verdict);
    let explanation = answer.decider().and_then(|hop| hop.explanation.as_ref());
    let excerpt = explanation
        .filter(|_| about_verdict)
        .and_then(Explanation::excerpt);
    if let Some(excerpt) = &excerpt {
        text.push_str(&place::picture(&evidence.source, excerpt).render(colour));
        text.push('\n');
        if let Some(rest) = &excerpt.rest {
            let _ = writeln!(text, "{rest}.");
        }
        text.push('\n');
    }
    if let Some(sentence) = answer.sentence() {
        let job = answer
            .failure
            .as_ref()
            .is_some_and(|said| said.code.is_none());
        let denied = answer.decision() == Some(Decision::Denied);
        text.push_str(&wrapped(
            if job && !denied {
                "the job says: "
            } else {
                "AWS says: "
            },
            sentence,
        ));
    }
    for help in helps(
        evidence,
        explanation.filter(|_| about_verdict),
        excerpt.as_ref(),
    ) {
        text.push_str(&wrapped("help: ", &help));
    }
    let wanted = evidence
        .case()
        .and_then(|case| case.expectation.decision.as_ref());
    if let Some(explanation) = explanation.filter(|_| about_verdict)
        && wanted.is_some_and(|wanted| wanted.value == Decision::Allowed)
        && let Some((sentence, lines)) = remedy(&evidence.source, explanation)
    {
        let heading = match explanation.remedy.as_ref().map(|it| it.changes.is_empty()) {
            Some(true) => "no small change: ",
            _ => "smallest change: ",
        };
        text.push_str(&wrapped(heading, &sentence));
        text.push_str(&lines);
    }
    // Not broken into lines: it is there to be pasted.
    let _ = writeln!(text, "more: {}", more(checked));
    text
}

/// The statement that lets something out, and what that depends on.
fn counterexample(evidence: &Evidence, found: &Counterexample, colour: bool) -> String {
    let mut text = String::new();
    if let Some(excerpt) = found.excerpt() {
        text.push_str(&place::picture(&evidence.source, &excerpt).render(colour));
        text.push_str("\n\n");
    }
    for requirement in &found.under {
        let _ = writeln!(text, "only when {requirement}");
    }
    if found.certain {
        text.push_str("whatever the context of the request\n");
    }
    if !found.confirmed {
        text.push_str(
            "no request was found that all policies allow: the conditions may exclude each other\n",
        );
    }
    text
}

/// Why a scenario's verdict is not known.
#[must_use]
pub fn trouble(troubled: &Troubled, colour: bool) -> String {
    let mut text = troubled.trouble.said.render(colour);
    text.push('\n');
    let denied = troubled.trouble.hops.iter().filter(|hop| !hop.allowed);
    for hop in denied {
        if let Some(excerpt) = hop.explanation.as_ref().and_then(Explanation::excerpt) {
            text.push_str(&place::picture(&troubled.source, &excerpt).render(colour));
            text.push('\n');
        }
    }
    text
}

/// The expectation, and the parts of the question that the scenario's text does not spell out.
fn expectation(evidence: &Evidence) -> Diagnostic {
    let file = &evidence.source.file;
    let mut wrong = evidence.wrong.iter();
    let mut said = match wrong.next() {
        Some(Wrong {
            title, span, label, ..
        }) => Diagnostic::error(title.as_str()).at(file, one_line(file, *span), label.as_str()),
        None => Diagnostic::error("not as expected"),
    };
    for Wrong { title, span, .. } in wrong {
        said = said.also(file, one_line(file, *span), title.as_str());
    }
    for (span, value) in spelled(evidence) {
        let written = file.slice(span);
        if written.contains('$') {
            said = said.also(file, span, format!("{value}{}", origins(evidence, written)));
        }
    }
    said
}

/// The places of the question and what they came to.
fn spelled(evidence: &Evidence) -> Vec<(Span, String)> {
    let Some(case) = evidence.case() else {
        return Vec::new();
    };
    let mut all = match &case.question {
        Question::Job(job) => vec![
            (job.place.span, job.place.value.to_string()),
            (job.app.span, job.app.value.clone()),
            (job.role.span, job.role.value.clone()),
        ],
        Question::Check(check) => {
            let resource = evidence
                .answer
                .decider()
                .and_then(|hop| hop.resource.clone());
            vec![
                (check.action.span, check.action.value.clone()),
                (check.resource.span, resource.unwrap_or_default()),
            ]
        }
        Question::Aws(lines) => lines
            .iter()
            .map(|line| (line.span, line.text.clone()))
            .collect(),
        Question::Prove(prove) => {
            let mut all = vec![
                (prove.action.span, prove.action.value.clone()),
                (prove.by.span, prove.by.value.to_string()),
            ];
            all.extend(prove.within.iter().map(|it| (it.span, it.value.clone())));
            all
        }
        Question::Call(_) => Vec::new(),
    };
    // An actor that nobody wrote stands where the whole case stands.
    if case.actor.span != case.span {
        all.push((case.actor.span, case.actor.value.to_string()));
    }
    all.extend(
        case.context
            .iter()
            .map(|(_, value)| (value.span, value.value.clone())),
    );
    all
}

/// `  ($folder = exports, from --var)` for the variables that came from outside.
fn origins(evidence: &Evidence, written: &str) -> String {
    let outside: Vec<String> = named(evidence, written)
        .filter(|var| var.origin != Origin::Scenario && var.origin != Origin::Row)
        .map(|var| {
            format!(
                "${} = {}, {}",
                var.name,
                var.text().unwrap_or("~"),
                var.origin.words()
            )
        })
        .collect();
    if outside.is_empty() {
        return String::new();
    }
    format!("   ({})", outside.join("; "))
}

/// The variables that a text names.
fn named<'e>(evidence: &'e Evidence, written: &'e str) -> impl Iterator<Item = &'e Var> {
    written.split('$').skip(1).filter_map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        evidence.source.vars.get(rest.get(..end)?)
    })
}

/// The table of hops, and a sentence over it when there are several.
fn chain(evidence: &Evidence) -> String {
    let answer = &evidence.answer;
    let hops = &answer.hops;
    let mut text = String::new();
    if hops.len() > 1 {
        let what = match evidence.case().map(|case| &case.question) {
            Some(Question::Job(_)) => "the job",
            Some(Question::Aws(_)) => "the lines",
            _ => "the call",
        };
        let took = format!("{what} took {} decisions", number(hops.len()));
        let last = match answer.decision() {
            Some(Decision::Denied) if hops.last().is_some_and(|hop| !hop.allowed) => {
                "; the last one said no"
            }
            Some(Decision::Denied) => "; one of them said no",
            _ => "; all of them said yes",
        };
        let _ = writeln!(text, "{took}{last}.");
    }
    text.push_str(&hops_table(hops, &|hop| evidence.what(hop), &|hop| {
        note(evidence, hop)
    }));
    text
}

fn number(count: usize) -> String {
    const WORDS: [&str; 10] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    WORDS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// What decided a hop, and where it stands.
fn note(evidence: &Evidence, hop: &Hop) -> String {
    if let Some(why) = &hop.open {
        return format!("needs no permission: {why}");
    }
    if let Some(code) = &hop.refused {
        return code.clone();
    }
    let Some(explanation) = &hop.explanation else {
        return String::new();
    };
    if explanation.by == Layer::Root {
        return "account root".to_owned();
    }
    let reasons = hop.reasons().join(", ");
    match explanation
        .matched()
        .next()
        .or_else(|| explanation.nearest())
    {
        Some(hit) if hop.allowed || explanation.nearest().is_none() => {
            let at = place::file_line(&evidence.source, hit.policy, &hit.statement.span);
            let place = at.unwrap_or_else(|| hit.policy.name.clone());
            format!("{place}  {}", hit.statement.label)
        }
        _ => reasons,
    }
}

/// What to do, most particular first.
fn helps(
    evidence: &Evidence,
    explanation: Option<&Explanation>,
    excerpt: Option<&Excerpt>,
) -> Vec<String> {
    let mut helps: Vec<String> = evidence
        .wrong
        .iter()
        .filter_map(|wrong| wrong.help.clone())
        .collect();
    if let (Some(explanation), Some(excerpt)) = (explanation, excerpt)
        && !explanation.allowed()
    {
        helps.extend(replacement(evidence, explanation, excerpt));
    }
    helps.extend(
        excerpt
            .iter()
            .filter(|_| explanation.is_some_and(|e| !e.allowed()))
            .flat_map(|excerpt| excerpt.help.clone()),
    );
    if let Some(explanation) = explanation {
        if explanation.allowed() {
            let unwanted = evidence
                .case()
                .and_then(|case| case.expectation.decision.as_ref());
            if unwanted.is_some_and(|wanted| wanted.value == Decision::Denied) {
                helps.extend(deputy(explanation));
            }
        } else if excerpt.is_none() {
            let asked = &explanation.asked;
            helps.push(format!(
                "attach a policy that allows {} on {}",
                asked.action, asked.resource
            ));
        }
    }
    helps.dedup();
    helps
}

/// The reader changed a word in one place only: the policy document is not templated.
fn replacement(
    evidence: &Evidence,
    explanation: &Explanation,
    excerpt: &Excerpt,
) -> Option<String> {
    let outside = |var: &&Var| !matches!(var.origin, Origin::Scenario | Origin::Row);
    let used = |var: &&Var| {
        let value = var.text().unwrap_or_default();
        !value.is_empty()
            && explanation
                .asked
                .resource
                .split(['/', ':'])
                .any(|part| part == value)
    };
    let var = evidence
        .source
        .vars
        .iter()
        .find(|var| outside(var) && used(var))?;
    let underlined = excerpt.underlined();
    let word = underlined.first()?;
    let whole = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !whole || var.text() == Some(word) {
        return None;
    }
    let file = place::decisive(&evidence.source, excerpt)
        .map_or_else(|| excerpt.policy.clone(), |(file, ..)| file);
    let name = &var.name;
    Some(format!(
        "${name} changes the scenario and not {file}; to replace {word} there as well, write at the top of the scenario:  replace: {{ {word}: ${name} }}"
    ))
}

/// A service may use this role for anybody.
fn deputy(explanation: &Explanation) -> Option<String> {
    let hit = explanation.matched().next()?;
    let conditions = hit
        .statement
        .parts
        .iter()
        .any(|part| part.part == Part::Condition);
    let service = explanation.asked.principal_kind == PrincipalKind::Service;
    (hit.layer == Layer::Trust && service && !conditions).then(|| {
        "there is no Condition: the service may use this role on behalf of any account; add aws:SourceAccount and aws:SourceArn (the newer AWS page has them)".to_owned()
    })
}

fn more(checked: &Checked) -> String {
    match &checked.decision {
        Some(id) if checked.evidence.lasting => {
            format!("rolecall explain {}", id.get(..8).unwrap_or(id))
        }
        _ => {
            let step = checked.step.replace('\'', "'\\''");
            format!("rolecall test {} -k '{step}' -vv", checked.file)
        }
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "~".to_owned(),
        serde_json::Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Prose under a heading, the following lines below its first word.
fn wrapped(heading: &str, prose: &str) -> String {
    let indent = " ".repeat(heading.len());
    let mut text = heading.to_owned();
    let mut width = heading.len();
    for (place, word) in prose.split_whitespace().enumerate() {
        let length = word.chars().count();
        if place > 0 && width + 1 + length > WIDEST {
            text.push('\n');
            text.push_str(&indent);
            width = indent.len();
        } else if place > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
    text
}
