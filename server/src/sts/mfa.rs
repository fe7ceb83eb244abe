//! MFA codes in AssumeRole and GetSessionToken.

use super::names::denied;
use crate::{
    gate::{Caller, Facts, Who},
    wire::{Constraints, Fault, Form, Rule, is_word},
    world::World,
};
use std::sync::Arc;

const SERIAL: Rule = Rule {
    min: 9,
    max: 256,
    form: Form::Pattern(r"[\w+=/:,.@-]*"),
    fits: |text| text.chars().all(|c| is_word(c) || "+=/:,.@-".contains(c)),
};

const CODE: Rule = Rule {
    min: 6,
    max: 6,
    form: Form::Pattern(r"[\d]*"),
    fits: |text| text.bytes().all(|byte| byte.is_ascii_digit()),
};

/// The bounds of the two members.
pub(super) fn bounds(
    constraints: Constraints,
    serial: Option<&str>,
    code: Option<&str>,
) -> Constraints {
    constraints
        .text("serialNumber", serial, &SERIAL)
        .text("tokenCode", code, &CODE)
}

/// The device and the code that came with a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof<'a> {
    serial: &'a str,
    code: &'a str,
}

fn not_the_users() -> Fault {
    denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    )
}

fn wrong_code() -> Fault {
    denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

impl<'a> Proof<'a> {
    /// Both members or none.
    pub(super) fn read(
        serial: Option<&'a str>,
        code: Option<&'a str>,
    ) -> Result<Option<Self>, Fault> {
        match (serial, code) {
            (None, None) => Ok(None),
            (Some(serial), Some(code)) => Ok(Some(Self { serial, code })),
            _ => Err(denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            )),
        }
    }

    /// The code is good now, and the device is the caller's. Only users have devices here.
    pub(super) fn check(&self, facts: &Facts<'_>) -> Result<(), Fault> {
        let id = user(facts.caller())?;
        let devices = facts.iam().map(|account| &account.mfa_devices);
        let device = devices.and_then(|devices| devices.get(self.serial));
        let device = device
            .filter(|device| device.is_of(id))
            .ok_or_else(not_the_users)?;
        match device.check(self.code, facts.meta().at) {
            Some(_) => Ok(()),
            None => Err(wrong_code()),
        }
    }

    /// Uses the code up, so that it is good once.
    pub(super) fn consume(
        &self,
        world: &mut World,
        caller: &Caller,
        now: jiff::Timestamp,
    ) -> Result<(), Fault> {
        let id = user(caller)?;
        let account = world
            .law
            .account_mut(&caller.account)
            .ok_or_else(not_the_users)?;
        let device = account.mfa_devices.get_mut(self.serial).map(Arc::make_mut);
        let device = device
            .filter(|device| device.is_of(id))
            .ok_or_else(not_the_users)?;
        device
            .consume(self.code, now)
            .then_some(())
            .ok_or_else(wrong_code)
    }
}

fn user(caller: &Caller) -> Result<&str, Fault> {
    match &caller.who {
        Who::User { id, .. } => Ok(id),
        _ => Err(not_the_users()),
    }
}
