//! IAM Access Analyzer, as far as it is about documents: validation of policies and custom policy checks.
//! Source: IAM Access Analyzer API Reference.
//!
//! Analyzers and their findings about resources are not served.

mod access;
mod input;
mod public;
mod validation;

use crate::wire::{RestJson, Row, operations};

/// What every operation of Access Analyzer says alike.
macro_rules! says {
    ($operation:ident -> $output:ty) => {
        const SERVICE: &'static str = "access-analyzer";
        const NAME: &'static str = stringify!($operation);
        type Output = $output;

        // Documents are not resources: every operation is about `*`.
        // Source: Service Authorization Reference, "AWS IAM Access Analyzer".
        fn access(
            &self,
            _: &crate::gate::Facts<'_>,
        ) -> Result<crate::gate::Access, crate::wire::Fault> {
            let action = concat!("access-analyzer:", stringify!($operation));
            Ok(crate::gate::Demand::new(action, "*").into())
        }
    };
}
use says;

/// Every operation of Access Analyzer that rolecall serves.
pub static OPERATIONS: &[Row] = operations![RestJson, "access-analyzer";
    POST "/policy/validation" 200 => validation::ValidatePolicy,
    POST "/policy/check-no-new-access" 200 => access::CheckNoNewAccess,
    POST "/policy/check-access-not-granted" 200 => access::CheckAccessNotGranted,
    POST "/policy/check-no-public-access" 200 => public::CheckNoPublicAccess,
];
