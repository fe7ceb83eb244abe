//! Virtual MFA devices: making, tying to a user, checking their codes.

use super::{
    Tags,
    account::{Account, Kind},
    asking::{self, Whose},
    faults, mfa_image,
    names::{self, LONG_NAME, PATH, SERIAL, SHORT_NAME},
    page::{self, Page, listing},
    says,
    tags::{self, Tag},
    totp,
    users::UserShape,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Form, Members, Operation, Rule, iam_time},
    world::Text,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// MFA devices of one user. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 8;
/// Characters of a seed, in base 32.
const SEED: usize = 64;
/// How many steps of 30 seconds a code may be away. AWS does not say; one is what RFC 6238 recommends.
const AWAY: i64 = 1;
/// How far a device's clock may be off when it is enabled or synchronized. rolecall's choice: ten minutes.
const DRIFT: i64 = 20;

const CODE: Rule = Rule {
    min: 6,
    max: 6,
    form: Form::Pattern(r"[\d]+"),
    fits: |text| text.bytes().all(|byte| byte.is_ascii_digit()),
};

/// A virtual MFA device.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct MfaDevice {
    /// Its ARN.
    pub serial: Text,
    /// The shared secret.
    seed: Vec<u8>,
    /// Tags.
    pub tags: Tags,
    /// The unique id of its user and when it was enabled.
    holder: Option<(Text, Timestamp)>,
    /// How many steps its clock is ahead of ours.
    drift: i64,
    /// The last step whose code was used: a code is good once.
    used: i64,
}

/// Shows everything but the seed.
impl fmt::Debug for MfaDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MfaDevice")
            .field("serial", &self.serial)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

impl MfaDevice {
    /// The step of a code that is good now.
    pub(crate) fn check(&self, code: &str, now: Timestamp) -> Option<i64> {
        let now = totp::step(now) + self.drift;
        let found = totp::find(&self.seed, code, now - AWAY..=now + AWAY)?;
        (found > self.used).then_some(found)
    }

    /// Uses up a code; says whether it was good.
    pub(crate) fn consume(&mut self, code: &str, now: Timestamp) -> bool {
        let step = self.check(code, now);
        self.used = step.unwrap_or(self.used);
        step.is_some()
    }

    /// Learns the device's clock from two codes that follow one another.
    fn synchronize(&mut self, first: &str, second: &str, now: Timestamp) -> Result<(), Fault> {
        let now = totp::step(now);
        let follows = |step: &i64| totp::code(&self.seed, step + 1).is_some_and(|it| it == second);
        let step = totp::find(&self.seed, first, now - DRIFT..=now + DRIFT).filter(follows);
        let step = step.ok_or_else(|| {
            let message = "Authentication code for device is not valid.";
            Fault::service(403, "InvalidAuthenticationCode", message)
        })?;
        let off = step + 1 - now;
        // The second code of an exact clock is the present one or the next.
        self.drift = if off.abs() <= AWAY { 0 } else { off };
        self.used = step + 1;
        Ok(())
    }

    /// Whether it is tied to a user.
    pub(super) fn is_held(&self) -> bool {
        self.holder.is_some()
    }

    /// Whether it is tied to the user with this unique id.
    pub(crate) fn is_of(&self, user: &str) -> bool {
        self.holder.as_ref().is_some_and(|(id, _)| **id == *user)
    }
}

/// A virtual device as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VirtualShape {
    serial_number: String,
    #[serde(rename = "Base32StringSeed", skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
    #[serde(rename = "QRCodePNG", skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

/// Shows everything but the seed.
impl fmt::Debug for VirtualShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualShape")
            .field("serial_number", &self.serial_number)
            .finish_non_exhaustive()
    }
}

impl VirtualShape {
    fn new(account: &Account, device: &MfaDevice) -> Self {
        let holder = device.holder.as_ref();
        let user = holder.and_then(|(id, _)| account.user_by_id(id));
        Self {
            serial_number: device.serial.to_string(),
            seed: None,
            image: None,
            user: user.map(|user| UserShape::short(user)),
            enable_date: holder.map(|(_, at)| iam_time(*at)),
            tags: (!device.tags.is_empty()).then(|| device.tags.iter().map(Tag::from).collect()),
        }
    }
}

/// `CreateVirtualMFADevice`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateVirtualMFADevice {
    path: Option<String>,
    #[serde(rename = "VirtualMFADeviceName")]
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The answer to `CreateVirtualMFADevice`.
#[derive(Debug, Serialize)]
pub(super) struct NewDevice {
    #[serde(rename = "VirtualMFADevice")]
    device: VirtualShape,
}

impl Operation for CreateVirtualMFADevice {
    says!(CreateVirtualMFADevice -> NewDevice);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let path = self.path.as_deref();
        let constraints = Constraints::iam()
            .text("virtualMFADeviceName", Some(&self.name), &LONG_NAME)
            .text("path", path, &PATH);
        tags::bounds(constraints, &self.tags).done()?;
        let action = "iam:CreateVirtualMFADevice";
        let demand = asking::new(facts, action, Kind::Mfa, path, &self.name);
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<NewDevice, Fault> {
        let text = cx.ids().secret_base32(SEED);
        let seed = BASE32_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| Fault::Internal("make a seed".to_owned()))?;
        let image = mfa_image::png(&self.name, cx.account(), &text)?;
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let path = self.path.as_deref().unwrap_or("/");
            let serial = Text::from(account.arn(&names::arn_tail("mfa", path, &self.name)));
            if account.mfa_devices.contains_key(&*serial) {
                return Err(faults::already_exists(Kind::Mfa, &serial));
            }
            let device = MfaDevice {
                serial: serial.clone(),
                seed,
                tags: tags::first(&self.tags)?,
                holder: None,
                drift: 0,
                used: 0,
            };
            let shape = VirtualShape {
                // Blobs: base 64 of what is in base 32 already.
                seed: Some(STANDARD.encode(text)),
                image: Some(STANDARD.encode(image)),
                ..VirtualShape::new(account, &device)
            };
            account.mfa_devices.insert(serial, Arc::new(device));
            Ok(NewDevice { device: shape })
        })
    }
}

fn bounds(user: Option<&str>, serial: &str) -> Constraints {
    Constraints::iam().text("userName", user, &LONG_NAME).text(
        "serialNumber",
        Some(serial),
        &SERIAL,
    )
}

/// `EnableMFADevice`: ties a device to a user.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnableMFADevice {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

impl Operation for EnableMFADevice {
    says!(EnableMFADevice -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        bounds(Some(&self.user_name), &self.serial_number)
            .text(
                "authenticationCode1",
                Some(&self.authentication_code1),
                &CODE,
            )
            .text(
                "authenticationCode2",
                Some(&self.authentication_code2),
                &CODE,
            )
            .done()?;
        let action = "iam:EnableMFADevice";
        Ok(asking::existing(facts, action, Kind::User, &self.user_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let user = account.user(&self.user_name)?.clone();
            let device = account.mfa_device_mut(&self.serial_number)?;
            if device.holder.is_some() {
                let message = format!("MFA Device is already in use: {}", device.serial);
                return Err(faults::exists(message));
            }
            if user.credentials.mfa.len() >= MOST {
                return Err(faults::quota("MFADevicesPerUser", MOST));
            }
            let (first, second) = (&self.authentication_code1, &self.authentication_code2);
            device.synchronize(first, second, cx.now())?;
            device.holder = Some((user.id.clone(), cx.now()));
            let serial = device.serial.clone();
            account.user_mut(&user.name)?.credentials.mfa.push(serial);
            Ok(())
        })
    }
}

/// The user's device, or AWS's sentence about a device that is not the user's.
fn held<'a>(
    account: &'a mut Account,
    user: &str,
    serial: &str,
) -> Result<&'a mut MfaDevice, Fault> {
    let id = account.user(user)?.id.clone();
    let device = account.mfa_device_mut(serial)?;
    if !device.is_of(&id) {
        return Err(faults::no_entity(format!(
            "MFA Device invalid for user {user}: {serial}"
        )));
    }
    Ok(device)
}

/// `ResyncMFADevice`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResyncMFADevice {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

impl Operation for ResyncMFADevice {
    says!(ResyncMFADevice -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        bounds(Some(&self.user_name), &self.serial_number)
            .text(
                "authenticationCode1",
                Some(&self.authentication_code1),
                &CODE,
            )
            .text(
                "authenticationCode2",
                Some(&self.authentication_code2),
                &CODE,
            )
            .done()?;
        let action = "iam:ResyncMFADevice";
        Ok(asking::existing(facts, action, Kind::User, &self.user_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let (first, second) = (&self.authentication_code1, &self.authentication_code2);
            held(account, &self.user_name, &self.serial_number)?.synchronize(
                first,
                second,
                cx.now(),
            )
        })
    }
}

/// `DeactivateMFADevice`: unties a device from its user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeactivateMFADevice {
    user_name: Option<String>,
    serial_number: String,
}

impl Operation for DeactivateMFADevice {
    says!(DeactivateMFADevice -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = self.user_name.as_deref();
        bounds(user, &self.serial_number).done()?;
        Ok(Whose::read(facts.caller(), user)?
            .demand(facts, "iam:DeactivateMFADevice")
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let Whose::User(name) = whose else {
                return Err(faults::no_such(Kind::Mfa, &self.serial_number));
            };
            let device = held(account, &name, &self.serial_number)?;
            device.holder = None;
            let mine = &mut account.user_mut(&name)?.credentials.mfa;
            mine.retain(|serial| **serial != *self.serial_number);
            Ok(())
        })
    }
}

/// `DeleteVirtualMFADevice`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteVirtualMFADevice {
    serial_number: String,
}

impl Operation for DeleteVirtualMFADevice {
    says!(DeleteVirtualMFADevice -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        bounds(None, &self.serial_number).done()?;
        let action = "iam:DeleteVirtualMFADevice";
        Ok(asking::existing(facts, action, Kind::Mfa, &self.serial_number).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.mfa_device(&self.serial_number)?.holder.is_some() {
                return Err(faults::conflict(
                    "MFA VirtualDevice in use. Must deactivate first.",
                ));
            }
            account.mfa_devices.remove(&*self.serial_number);
            Ok(())
        })
    }
}

/// `ListVirtualMFADevices`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListVirtualMFADevices {
    assignment_status: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListVirtualMFADevices`.
    VirtualList { devices as "VirtualMFADevices": VirtualShape }
}

impl Operation for ListVirtualMFADevices {
    says!(ListVirtualMFADevices -> VirtualList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        const STATUSES: &[&str] = &["Assigned", "Unassigned", "Any"];
        let status = self.assignment_status.as_deref();
        let constraints = Constraints::iam().one_of("assignmentStatus", status, STATUSES);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListVirtualMFADevices";
        Ok(asking::list(facts, action, Kind::Mfa, None).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<VirtualList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let wanted = |device: &MfaDevice| match self.assignment_status.as_deref() {
            Some("Assigned") => device.holder.is_some(),
            Some("Unassigned") => device.holder.is_none(),
            _ => true,
        };
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let devices = account.mfa_devices.after(after.as_deref());
            let devices = devices.filter(|(_, device)| wanted(device));
            let shapes = devices.map(|(key, device)| (key, VirtualShape::new(account, device)));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// A user's device as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HeldShape {
    user_name: String,
    serial_number: String,
    enable_date: String,
}

listing! {
    /// The answer to `ListMFADevices`.
    HeldList { mfa_devices as "MFADevices": HeldShape }
}

/// `ListMFADevices`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMFADevices {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl Operation for ListMFADevices {
    says!(ListMFADevices -> HeldList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = self.user_name.as_deref();
        let constraints = Constraints::iam().text("userName", user, &LONG_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(Whose::read(facts.caller(), user)?
            .demand(facts, "iam:ListMFADevices")
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<HeldList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let Whose::User(name) = &whose else {
                let none: [(&str, HeldShape); 0] = [];
                return Ok(Page::of(none, None).into());
            };
            let mut serials: Vec<&Text> = account.user(name)?.credentials.mfa.iter().collect();
            serials.sort();
            let rest = serials
                .into_iter()
                .filter(|serial| after.as_deref().is_none_or(|after| ***serial > *after));
            let found = rest.filter_map(|serial| account.mfa_devices.get(serial));
            let shapes = found.filter_map(|device| {
                let shape = HeldShape {
                    user_name: name.clone(),
                    serial_number: device.serial.to_string(),
                    enable_date: iam_time(device.holder.as_ref()?.1),
                };
                Some((&device.serial, shape))
            });
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// `GetMFADevice`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetMFADevice {
    serial_number: String,
    user_name: Option<String>,
}

/// The answer to `GetMFADevice`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneHeld {
    user_name: String,
    serial_number: String,
    enable_date: String,
}

impl Operation for GetMFADevice {
    says!(GetMFADevice -> OneHeld);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = self.user_name.as_deref();
        Constraints::iam()
            .text("userName", user, &SHORT_NAME)
            .text("serialNumber", Some(&self.serial_number), &SERIAL)
            .done()?;
        Ok(Whose::read(facts.caller(), user)?
            .demand(facts, "iam:GetMFADevice")
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneHeld, Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let unknown = || faults::no_such(Kind::Mfa, &self.serial_number);
            let Whose::User(name) = &whose else {
                return Err(unknown());
            };
            let user = account.user(name)?;
            let device = account.mfa_device(&self.serial_number)?;
            let held = device.holder.as_ref().filter(|(id, _)| *id == user.id);
            let (_, enabled) = held.ok_or_else(unknown)?;
            Ok(OneHeld {
                user_name: name.clone(),
                serial_number: device.serial.to_string(),
                enable_date: iam_time(*enabled),
            })
        })
    }
}
