//! TestRenderTemplate: the message that a template and data would make.

use super::{
    demand, handlebars, message, says,
    templates::{Content, find, invalid},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Form, Operation, Rule, anything},
};
use handlebars::Unwritten;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Source: API Reference, "TestRenderTemplate".
const DATA: Rule = Rule {
    min: 0,
    max: 262_144,
    form: Form::Pattern(""),
    fits: anything,
};

/// `TestRenderTemplate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TestRenderTemplate {
    template_name: String,
    template_data: String,
}

/// The answer to `TestRenderTemplate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rendered {
    rendered_template: String,
}

impl Operation for TestRenderTemplate {
    says!(TestRenderTemplate -> Rendered);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("templateData", Some(&self.template_data), &DATA)
            .done()?;
        Ok(demand("ses:TestRenderTemplate").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Rendered, Fault> {
        let content = cx.read(|world| {
            find(world, &cx, &self.template_name).map(|template| template.content.clone())
        })?;
        let data: Value = match serde_json::from_str(&self.template_data) {
            Ok(data @ Value::Object(_)) => data,
            _ => return Err(unusable("TemplateData is not a JSON object.")),
        };
        let Content {
            template_name: name,
            subject_part,
            text_part,
            html_part,
        } = &content;
        let write = |part: &Option<String>| part.as_deref().map(|it| written(name, it, &data));
        let subject = write(subject_part).transpose()?.unwrap_or_default();
        let text = write(text_part).transpose()?;
        let html = write(html_part).transpose()?;
        let boundary = format!("=_{}", cx.ids().hex32());
        Ok(Rendered {
            rendered_template: message::written(
                cx.now(),
                &subject,
                text.as_deref(),
                html.as_deref(),
                &boundary,
            ),
        })
    }
}

fn written(name: &str, part: &str, data: &Value) -> Result<String, Fault> {
    let part = handlebars::parse(part).map_err(|why| invalid(name, &why.to_string()))?;
    part.write(data).map_err(|why| match why {
        Unwritten::Missing(_) => Fault::service(400, "MissingRenderingAttribute", why.to_string()),
        Unwritten::TooDeep => invalid(name, &why.to_string()),
        Unwritten::TooLarge => unusable("The message becomes too large."),
    })
}

/// `InvalidRenderingParameter`. The sentences are rolecall's choice.
fn unusable(sentence: &str) -> Fault {
    Fault::service(400, "InvalidRenderingParameter", sentence)
}
