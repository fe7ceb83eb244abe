//! Templates, by account and Region.

use super::{demand, handlebars, says};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, millis_time},
    world::{Map, Text, World, kept_as_row},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Templates of one account in one Region, and bytes of one.
/// Source: Amazon SES Developer Guide, "Using templates to send personalized email with the Amazon SES API".
const MOST: usize = 20_000;
const LARGEST: usize = 500 * 1024;

/// Templates on a page: unless asked, and at most. Source: API Reference, "ListTemplates".
const USUAL_PAGE: usize = 10;
const LARGEST_PAGE: usize = 100;

/// The templates of one account in one Region, by name.
pub(crate) type Templates = Map<Text, Arc<Template>>;

/// A template that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(super) content: Content,
    created: Timestamp,
}

kept_as_row!(Template);

/// `Template`, as it is sent and given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Content {
    pub(super) template_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject_part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text_part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) html_part: Option<String>,
}

impl Content {
    /// Every part, whether it is there or not.
    fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = [&self.subject_part, &self.text_part, &self.html_part];
        parts.into_iter().flatten().map(String::as_str)
    }

    /// The code and the sentence about the subject were recorded; what the name may be is what the console says, the
    /// sentences about name and size are rolecall's choice.
    fn check(&self) -> Result<(), Fault> {
        let wrong = |sentence: &str| Fault::service(400, "InvalidParameterValue", sentence);
        let name = &self.template_name;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(1..=64).contains(&name.len()) || !name.chars().all(fits) {
            return Err(wrong(
                "The template name must have from 1 to 64 letters, digits, hyphens and underscores.",
            ));
        }
        if self.subject_part.as_deref().unwrap_or_default().is_empty() {
            return Err(wrong("The subject must be specified."));
        }
        if self.parts().map(str::len).sum::<usize>() > LARGEST {
            return Err(wrong("The template is larger than 500 KB."));
        }
        for part in self.parts() {
            handlebars::parse(part).map_err(|why| invalid(name, &why.to_string()))?;
        }
        Ok(())
    }
}

/// `InvalidTemplate`. The sentence is rolecall's choice.
pub(super) fn invalid(name: &str, why: &str) -> Fault {
    let sentence = format!("Template {name} cannot be rendered: {why}");
    Fault::service(400, "InvalidTemplate", sentence)
}

/// The account and the Region that the caller speaks of.
fn place<O>(cx: &Granted<'_, O>) -> (Text, Text) {
    (cx.account().clone(), cx.meta().region.clone())
}

/// The template called `name`, where the caller is.
pub(super) fn find<'w, O>(
    world: &'w World,
    cx: &Granted<'_, O>,
    name: &str,
) -> Result<&'w Template, Fault> {
    let here = world.templates.get(&place(cx));
    let found = here.and_then(|here| here.get(name));
    found.map(|it| &**it).ok_or_else(|| missing(name))
}

/// The sentence was recorded by several clients.
fn missing(name: &str) -> Fault {
    let sentence = format!("Template {name} does not exist");
    Fault::service(400, "TemplateDoesNotExist", sentence)
}

/// An answer that says nothing but that it came.
#[derive(Debug, Serialize)]
pub(super) struct Empty {}

/// `CreateTemplate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateTemplate {
    template: Content,
}

impl Operation for CreateTemplate {
    says!(CreateTemplate -> Empty);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(demand("ses:CreateTemplate").into())
    }

    /// The sentences are rolecall's choice.
    async fn run(self, cx: Granted<'_, Self>) -> Result<Empty, Fault> {
        self.template.check()?;
        let name = Text::from(self.template.template_name.as_str());
        cx.write(|world| {
            let place = place(&cx);
            let mut here = world.templates.get(&place).cloned().unwrap_or_default();
            if here.contains_key(&name) {
                let sentence = format!("Template {name} already exists");
                return Err(Fault::service(400, "AlreadyExists", sentence));
            }
            if here.len() >= MOST {
                let sentence = format!("An account has at most {MOST} templates in a Region.");
                return Err(Fault::service(400, "LimitExceeded", sentence));
            }
            let template = Template {
                content: self.template,
                created: cx.now(),
            };
            Arc::make_mut(&mut here).insert(name, Arc::new(template));
            world.templates.insert(place, here);
            Ok(Empty {})
        })
    }
}

/// `GetTemplate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTemplate {
    template_name: String,
}

/// The answer to `GetTemplate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneTemplate {
    template: Content,
}

impl Operation for GetTemplate {
    says!(GetTemplate -> OneTemplate);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(demand("ses:GetTemplate").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneTemplate, Fault> {
        cx.read(|world| {
            let template = find(world, &cx, &self.template_name)?;
            Ok(OneTemplate {
                template: template.content.clone(),
            })
        })
    }
}

/// `UpdateTemplate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateTemplate {
    template: Content,
}

impl Operation for UpdateTemplate {
    says!(UpdateTemplate -> Empty);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(demand("ses:UpdateTemplate").into())
    }

    /// Parts that are not sent are gone: a template is replaced, not merged.
    async fn run(self, cx: Granted<'_, Self>) -> Result<Empty, Fault> {
        cx.write(|world| {
            let created = find(world, &cx, &self.template.template_name)?.created;
            self.template.check()?;
            let name = Text::from(self.template.template_name.as_str());
            let template = Template {
                content: self.template,
                created,
            };
            if let Some(here) = world.templates.get_mut(&place(&cx)) {
                Arc::make_mut(here).insert(name, Arc::new(template));
            }
            Ok(Empty {})
        })
    }
}

/// `DeleteTemplate`: one that is not there is as good as deleted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteTemplate {
    template_name: String,
}

impl Operation for DeleteTemplate {
    says!(DeleteTemplate -> Empty);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(demand("ses:DeleteTemplate").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Empty, Fault> {
        cx.write(|world| {
            if find(world, &cx, &self.template_name).is_ok()
                && let Some(here) = world.templates.get_mut(&place(&cx))
            {
                Arc::make_mut(here).remove(&*self.template_name);
            }
            Ok(Empty {})
        })
    }
}

/// `ListTemplates`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTemplates {
    next_token: Option<String>,
    max_items: Option<i64>,
}

/// The answer to `ListTemplates`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TemplateList {
    templates_metadata: Members<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    name: String,
    created_timestamp: String,
}

impl ListTemplates {
    /// More than a page has is a full page.
    fn most(&self) -> Result<usize, Fault> {
        match self.max_items {
            None => Ok(USUAL_PAGE),
            Some(number) => match usize::try_from(number) {
                Ok(number @ 1..) => Ok(number.min(LARGEST_PAGE)),
                _ => Err(Constraints::iam()
                    .number("maxItems", Some(number), 1..=i64::MAX)
                    .done()
                    .err()
                    .unwrap_or_else(|| Fault::malformed("MaxItems", "it must be at least 1"))),
            },
        }
    }

    /// The name after which the page begins. Code and sentence are rolecall's choice.
    fn after(&self) -> Result<Option<String>, Fault> {
        let read = |token: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok();
        let wrong = || Fault::service(400, "InvalidParameterValue", "The token is not valid.");
        let token = self.next_token.as_deref().filter(|it| !it.is_empty());
        token.map(|token| read(token).ok_or_else(wrong)).transpose()
    }
}

impl Operation for ListTemplates {
    says!(ListTemplates -> TemplateList);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(demand("ses:ListTemplates").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<TemplateList, Fault> {
        let (most, after) = (self.most()?, self.after()?);
        cx.read(|world| {
            let here = world.templates.get(&place(&cx));
            let mut left = here
                .into_iter()
                .flat_map(|here| here.after(after.as_deref()));
            let page: Vec<Metadata> = left
                .by_ref()
                .take(most)
                .map(|(name, template)| Metadata {
                    name: name.to_string(),
                    created_timestamp: millis_time(template.created),
                })
                .collect();
            let last = left.next().and(page.last());
            Ok(TemplateList {
                next_token: last.map(|last| URL_SAFE_NO_PAD.encode(&last.name)),
                templates_metadata: page.into_iter().collect(),
            })
        })
    }
}
