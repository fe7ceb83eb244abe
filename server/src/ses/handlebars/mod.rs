//! Handlebars, as the templates of SES have it: variables and nested paths, `if`, `unless`, `each`, `with`, sections,
//! inline partials, comments and white space control. Nothing is escaped.
//! Source: Amazon SES Developer Guide, "Advanced email personalization"; handlebarsjs.com, "Language Guide".
//!
//! Other helpers, arguments with names and subexpressions are refused when the template is stored (rolecall's choice).

mod parse;
mod write;

pub(super) use parse::parse;

use std::collections::BTreeMap;

/// A part of a template that can be rendered.
#[derive(Debug)]
pub(super) struct Part {
    nodes: Vec<Node>,
    /// Partials that the part itself brings, by name.
    inline: BTreeMap<String, Vec<Node>>,
}

#[derive(Debug)]
enum Node {
    Text(String),
    Value(Path),
    Block(Block),
    /// The name of a partial, and what it speaks of.
    Partial(String, Option<Path>),
}

#[derive(Debug)]
struct Block {
    kind: Kind,
    subject: Path,
    /// `as |item index|`
    names: Vec<String>,
    main: Vec<Node>,
    other: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    If,
    Unless,
    Each,
    With,
    /// `{{#name}}`: an `each`, a `with` or an `if`, whatever the value is.
    Section,
}

/// `../contact.firstName`
#[derive(Debug, Clone)]
struct Path {
    /// As it was written.
    text: String,
    /// How many contexts up.
    up: usize,
    start: Start,
    steps: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// The context, or a name that a block gave.
    Name,
    /// `this`, `.` or `..`: the context only.
    Context,
    /// `@root`
    Root,
    /// `@index`, `@key`, `@first`, `@last`
    Loop,
}

/// A template that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(String);

/// Why nothing was rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwritten {
    /// The data have no such attribute.
    #[error("Attribute '{0}' is not present in the rendering data.")]
    Missing(String),
    /// A partial speaks of itself.
    #[error("blocks and partials are nested too deeply")]
    TooDeep,
    /// It would become larger than any message.
    #[error("the message becomes too large")]
    TooLarge,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(template: &str, data: serde_json::Value) -> String {
        match parse(template) {
            Err(why) => format!("unreadable: {why}"),
            Ok(part) => match part.write(&data) {
                Err(why) => format!("unwritten: {why}"),
                Ok(text) => text,
            },
        }
    }

    #[test]
    fn every_form_is_rendered() {
        let data = json!({
            "name": "Ana & <b>", "zero": 0, "yes": true, "no": false, "nothing": null, "empty": [], "price": 1.5,
            "contact": { "city": "Lyon", "tags": ["a", "b"], "first name": "Ana" },
            "items": [{ "type": "dog", "name": "bobby", "best": true }, { "type": "cat", "name": "pedro", "best": false }],
        });
        for (template, text) in [
            ("plain { text } }}", "plain { text } }}"),
            (
                "{{name}} {{{name}}} {{&name}}",
                "Ana & <b> Ana & <b> Ana & <b>",
            ),
            (
                "{{ contact.city }}/{{contact/city}}/{{contact.tags.1}}/{{contact.tags.[0]}}",
                "Lyon/Lyon/b/a",
            ),
            (
                "{{contact.[first name]}} {{this.price}} {{./zero}} {{no}}",
                "Ana 1.5 0 false",
            ),
            (
                "{{missing}}",
                "unwritten: Attribute 'missing' is not present in the rendering data.",
            ),
            (
                "{{nothing}}",
                "unwritten: Attribute 'nothing' is not present in the rendering data.",
            ),
            (
                "{{contact.street.number}}",
                "unwritten: Attribute 'contact.street.number' is not present in the rendering data.",
            ),
            ("{{#if missing}}{{missing}}{{else}}none{{/if}}", "none"),
            (
                "{{#if zero}}a{{/if}}{{#if empty}}b{{/if}}{{#if no}}c{{/if}}{{#if nothing}}d{{/if}}{{#if yes}}e{{/if}}",
                "e",
            ),
            (
                "{{#if no}}a{{else if zero}}b{{else if yes}}c{{else}}d{{/if}}",
                "c",
            ),
            (
                "{{#unless no}}a{{else}}b{{/unless}}{{#unless yes}}a{{^}}b{{/unless}}",
                "ab",
            ),
            (
                "{{#each items}} {{name}} is {{#if best}}the best{{else}}a {{type}}{{/if}}, {{/each}}",
                " bobby is the best,  pedro is a cat, ",
            ),
            (
                "{{#each contact.tags}}{{@index}}{{this}}{{#unless @last}};{{/unless}}{{/each}}",
                "0a;1b",
            ),
            (
                "{{#each contact.tags}}{{.}}{{../price}}{{@root.price}} {{/each}}",
                "a1.51.5 b1.51.5 ",
            ),
            (
                "{{#each contact.tags as |tag n|}}{{n}}{{tag}}{{/each}}",
                "0a1b",
            ),
            (
                "{{#each items}}{{#if best}}{{../price}}{{/if}}{{/each}}",
                "1.5",
            ),
            (
                "{{#each empty}}a{{else}}none{{/each}}{{#each missing}}a{{/each}}",
                "none",
            ),
            (
                "{{#each contact}}{{@key}} {{/each}}",
                "city tags first name ",
            ),
            (
                "{{#with contact}}{{city}}{{/with}}{{#with missing}}a{{else}}b{{/with}}",
                "Lyonb",
            ),
            (
                "{{#contact}}{{city}}{{/contact}}{{#items}}{{name}}{{/items}}{{^no}}not{{/no}}",
                "Lyonbobbypedronot",
            ),
            (
                "{{#* inline \"full\"}}{{name}}{{#if zero}} {{zero}}{{/if}}{{/inline~}}\n Hello {{> full}}!",
                "Hello Ana & <b>!",
            ),
            (
                "{{#* inline \"pet\"}}{{type}} {{/inline}}{{#each items}}{{> pet}}{{/each}}{{> pet items.0}}",
                "dog cat dog ",
            ),
            (
                "a {{~! comment }} b {{!-- {{name}} - -- ---}}c {{~name~}} d",
                "a b cAna & <b>d",
            ),
            ("a{{! b ~}} c {{!-- --~}} d{{!}}e{{!----}}f", "ac def"),
            (r"\{{name}} \\{{zero}}", r"{{name}} \0"),
        ] {
            assert_eq!(shown(template, data.clone()), text, "{template}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (template, why) in [
            ("{{name", "the tag `{{name` is not closed"),
            ("{{}}", "the tag `{{}}` names nothing"),
            ("{{#if a}}b", "`{{#if a}}` is not closed"),
            ("{{#if a}}b{{/each}}", "`{{/each}}` closes `{{#if a}}`"),
            ("b{{/if}}", "`{{/if}}` closes nothing"),
            ("{{else}}", "`{{else}}` stands in no block"),
            (
                "{{#if a}}{{else}}{{else}}{{/if}}",
                "`{{else}}` stands in no block",
            ),
            ("{{#if a b}}{{/if}}", "`{{#if a b}}` takes one value"),
            ("{{#if}}{{/if}}", "`{{#if}}` takes one value"),
            (
                "{{upper name}}",
                "`upper` is not a helper that rolecall knows",
            ),
            (
                "{{#list items}}{{/list}}",
                "`list` is not a helper that rolecall knows",
            ),
            (
                "{{#if (eq a b)}}{{/if}}",
                "`(` is not understood in `{{#if (eq a b)}}`",
            ),
            (
                "{{#if a includeZero=true}}{{/if}}",
                "`=` is not understood in `{{#if a includeZero=true}}`",
            ),
            ("{{> other}}", "there is no partial `other`"),
            ("{{{name}}", "the tag `{{{name}}` is not closed"),
            ("{{{{raw}}}}", "the tag `{{{{raw}}}}` is not closed"),
        ] {
            assert_eq!(
                shown(template, json!({})),
                format!("unreadable: {why}"),
                "{template}"
            );
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let deep = "{{#if a}}".repeat(5000);
        assert_eq!(
            shown(&deep, json!({})),
            "unreadable: blocks are nested too deeply"
        );
        let own = "{{#* inline \"a\"}}{{> a}}{{/inline}}{{> a}}";
        assert_eq!(
            shown(own, json!({})),
            "unwritten: blocks and partials are nested too deeply"
        );
        let many: Vec<u32> = (0..2000).collect();
        let each = "{{#each @root.a}}{{#each @root.a}}{{#each @root.a}}{{/each}}{{/each}}{{/each}}";
        assert_eq!(
            shown(each, json!({ "a": many })),
            "unwritten: the message becomes too large"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_template_panics(template in r#"([{}#/^~!>&|. \[\]\\a"]|\{\{|\}\}|else|if |each |this|as |\.\./|@root|\* inline ){0,40}"#) {
            let _ = shown(&template, json!({ "a": [1, { "a": "b" }] }));
        }
    }
}
