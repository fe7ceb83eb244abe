//! Amazon Pinpoint. One file per resource; operations stand next to what they change.

mod apps;

pub use apps::App;

use crate::wire::{RestJson, Row, operations};

/// Every operation of Pinpoint that rolecall serves.
pub static OPERATIONS: &[Row] = operations![RestJson, "mobiletargeting";
    GET "/v1/apps/{application-id}" 200 => apps::GetApp,
];

/// What to call a request that no row serves: its method and path.
pub(crate) fn unserved_name(method: &http::Method, path: &str) -> String {
    format!("{method} {path}")
}
