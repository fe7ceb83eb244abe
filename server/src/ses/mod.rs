//! Amazon SES, as far as it is about templates: kept, listed and rendered. Nothing is ever sent.
//! Source: Amazon Simple Email Service API Reference (version 1).

mod handlebars;
mod message;
mod render;
mod templates;

pub(crate) use templates::Templates;

use crate::{
    gate::Demand,
    wire::{Query, Row, operations},
};

/// What every operation of SES says alike.
macro_rules! says {
    ($operation:ident -> $output:ty) => {
        const SERVICE: &'static str = "ses";
        const NAME: &'static str = stringify!($operation);
        type Output = $output;
    };
}
use says;

/// Every operation of SES that rolecall serves.
pub static OPERATIONS: &[Row] = operations![Query, "ses";
    POST "/" 200 => templates::CreateTemplate,
    POST "/" 200 => templates::GetTemplate,
    POST "/" 200 => templates::UpdateTemplate,
    POST "/" 200 => templates::DeleteTemplate,
    POST "/" 200 => templates::ListTemplates,
    POST "/" 200 => render::TestRenderTemplate,
];

/// Templates are no resources for the policies of version 1.
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SES".
fn demand(action: &'static str) -> Demand {
    Demand::new(action, "*").with("ses:ApiVersion", Some("1"))
}
