//! Trade-in tokens of AWS's partners. They come from requests for temporary delegation that a person approves in AWS's
//! console, of which there is no counterpart here: nobody has a token that holds, so every one is answered as one that
//! ended. rolecall's choice.

use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Form, Operation, Rule, anything},
};
use serde::Deserialize;
use std::fmt;

const TOKEN: Rule = Rule {
    min: 1,
    max: 20_000,
    form: Form::Pattern(""),
    fits: anything,
};

/// `GetDelegatedAccessToken`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetDelegatedAccessToken {
    trade_in_token: String,
}

/// Shows no token.
impl fmt::Debug for GetDelegatedAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetDelegatedAccessToken")
            .finish_non_exhaustive()
    }
}

/// There is no answer but the fault.
#[derive(Debug, serde::Serialize)]
pub(super) enum Never {}

impl Operation for GetDelegatedAccessToken {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetDelegatedAccessToken";
    type Output = Never;

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        // The bounds are rolecall's choice, and the token is not shown.
        Constraints::iam()
            .text("tradeInToken", Some(&self.trade_in_token), &TOKEN)
            .done()?;
        Ok(Demand::new("sts:GetDelegatedAccessToken", "*").into())
    }

    async fn run(self, _: Granted<'_, Self>) -> Result<Never, Fault> {
        let message = "The trade-in token provided in the request has expired and can no longer be exchanged for credentials. Request a new token and retry the operation.";
        Err(Fault::service(400, "ExpiredTradeInTokenException", message))
    }
}
