//! The credential report: every user and how it can prove who it is.
//! Source: IAM User Guide, "Generate credential reports for your AWS account", the table of columns.

use super::{account::Account, says, users::User};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, iam_time},
    world::{Text, World},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// `2026-11-20T14:02:11+00:00`, as the report writes times.
fn time(at: Timestamp) -> String {
    iam_time(at).replace('Z', "+00:00")
}

fn switch(on: bool) -> String {
    on.to_string()
}

fn none() -> String {
    "N/A".to_owned()
}

/// The columns of two access keys.
fn keys(world: &World, ids: &[Text], row: &mut Vec<String>) {
    for place in 0..2 {
        let key = ids.get(place).and_then(|id| world.keys.get(id));
        row.push(switch(key.is_some_and(|key| key.active)));
        row.push(key.map_or_else(none, |key| time(key.created)));
        match key.and_then(|key| key.last_use.read()) {
            Some((at, service, region)) => {
                row.extend([time(at), region.to_string(), service.to_owned()]);
            }
            None => row.extend([none(), none(), none()]),
        }
    }
}

fn of_root(world: &World, account: &Account, now: Timestamp) -> Vec<String> {
    let created = account.root_keys.first().and_then(|id| world.keys.get(id));
    let created = created.map_or(now, |key| key.created);
    let mut row = vec![
        "<root_account>".to_owned(),
        account.arn("root"),
        time(created),
    ];
    row.extend(
        [
            "not_supported",
            "no_information",
            "not_supported",
            "not_supported",
        ]
        .map(str::to_owned),
    );
    row.push(switch(false));
    keys(world, &account.root_keys, &mut row);
    row.extend([switch(false), none(), switch(false), none()]);
    row
}

fn of_user(world: &World, account: &Account, user: &User) -> Vec<String> {
    let mut row = vec![user.name.to_string(), user.arn.clone(), time(user.created)];
    match &user.credentials.login {
        Some(login) => {
            let days = account.password_policy.as_ref().and_then(|it| it.max_age());
            let next = days.and_then(|days| login.changed.checked_add((days * 24).hours()).ok());
            // Nobody signs in to rolecall with a password, so none was ever used.
            row.extend([switch(true), "no_information".to_owned()]);
            row.extend([time(login.changed), next.map_or_else(none, time)]);
        }
        None => row.extend([switch(false), none(), none(), none()]),
    }
    row.push(switch(!user.credentials.mfa.is_empty()));
    keys(world, &user.keys, &mut row);
    for place in 0..2 {
        let certificate = user.credentials.signing.get(place);
        row.push(switch(certificate.is_some_and(|it| it.active)));
        row.push(certificate.map_or_else(none, |it| time(it.uploaded)));
    }
    row
}

fn written(world: &World, account: &Account, now: Timestamp) -> String {
    let mut lines = vec![COLUMNS.to_owned(), of_root(world, account, now).join(",")];
    // Names may hold commas; AWS puts such a field in quotes.
    let field = |text: &String| match text.contains(',') {
        true => format!("\"{text}\""),
        false => text.clone(),
    };
    for user in account.users.values() {
        let row = of_user(world, account, user);
        lines.push(row.iter().map(field).collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}

/// `GenerateCredentialReport`: AWS makes a new one every four hours at most, rolecall at every call.
#[derive(Debug, Deserialize)]
pub(super) struct GenerateCredentialReport {}

/// The answer to `GenerateCredentialReport`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
}

impl Operation for GenerateCredentialReport {
    says!(GenerateCredentialReport -> State);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GenerateCredentialReport", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<State, Fault> {
        cx.write(|world| {
            let text = written(world, world.iam(cx.account())?, cx.now());
            let reports = Arc::make_mut(&mut world.iam_mut(cx.account())?.reports);
            let known = reports.credentials.replace((cx.now(), text.into()));
            Ok(match known {
                None => State {
                    state: "STARTED",
                    description: Some("No report exists. Starting a new report generation task"),
                },
                Some(_) => State {
                    state: "COMPLETE",
                    description: None,
                },
            })
        })
    }
}

/// `GetCredentialReport`
#[derive(Debug, Deserialize)]
pub(super) struct GetCredentialReport {}

/// The answer to `GetCredentialReport`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Report {
    content: String,
    report_format: &'static str,
    generated_time: String,
}

impl Operation for GetCredentialReport {
    says!(GetCredentialReport -> Report);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GetCredentialReport", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Report, Fault> {
        cx.read(|world| {
            let report = world.iam(cx.account())?.reports.credentials.as_ref();
            let (at, text) = report.ok_or_else(|| {
                let message = "No report exists. Call GenerateCredentialReport first.";
                Fault::service(410, "ReportNotPresent", message)
            })?;
            let expired = cx.now().duration_since(*at) > jiff::SignedDuration::from_hours(4);
            if expired {
                let message =
                    "The credential report is more than four hours old; generate a new one.";
                return Err(Fault::service(410, "ReportExpired", message));
            }
            Ok(Report {
                content: STANDARD.encode(text.as_bytes()),
                report_format: "text/csv",
                generated_time: iam_time(*at),
            })
        })
    }
}
