//! Passwords of users: login profiles and ChangePassword. Nobody signs in to rolecall with one.

use super::{
    account::Kind,
    asking::{self, Whose},
    faults,
    names::{PASSWORD, SHORT_NAME},
    password_policy::PasswordPolicy,
    roles::SIGN_IN,
    says,
    users::User,
};
use crate::{
    gate::{Access, Facts, Granted, Who},
    wire::{Constraints, Fault, Operation, iam_time},
    world::World,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::VecDeque, fmt};
use subtle::ConstantTimeEq as _;

/// How many passwords a policy can make unusable again. Source: IAM API Reference, "UpdateAccountPasswordPolicy".
const REMEMBERED: usize = 24;

/// A user's password. Only a digest is kept, with the user's unique id as salt.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct LoginProfile {
    created: Timestamp,
    /// When the password was last set.
    pub(super) changed: Timestamp,
    reset_required: bool,
    /// How long a session of a sign-in may last, in seconds, where it was set.
    #[serde(default)]
    max_sign_in: Option<i64>,
    /// The present password first.
    digests: VecDeque<[u8; 32]>,
}

/// Shows everything but the digests.
impl fmt::Debug for LoginProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginProfile")
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

impl LoginProfile {
    fn is(&self, digest: &[u8; 32]) -> bool {
        self.digests
            .front()
            .is_some_and(|now| bool::from(now.ct_eq(digest)))
    }

    fn set(
        &mut self,
        digest: [u8; 32],
        policy: &PasswordPolicy,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let remembered = policy.reuse_prevention().min(self.digests.len());
        if self
            .digests
            .iter()
            .take(remembered)
            .any(|old| *old == digest)
        {
            return Err(violation());
        }
        self.digests.push_front(digest);
        self.digests.truncate(REMEMBERED);
        self.changed = now;
        Ok(())
    }
}

fn digest(user: &User, password: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(user.id.as_bytes())
        .chain_update(password.as_bytes())
        .finalize()
        .into()
}

/// AWS says which rule was broken in some places and only this in others; one sentence is rolecall's choice.
fn violation() -> Fault {
    let message = "Password does not conform to the account password policy.";
    Fault::service(400, "PasswordPolicyViolation", message)
}

fn no_profile(user: &str) -> Fault {
    faults::no_entity(format!("Login Profile for User {user} cannot be found."))
}

/// A login profile as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProfileShape {
    user_name: String,
    create_date: String,
    password_reset_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_signin_session_duration: Option<i64>,
}

impl ProfileShape {
    fn new(user: &str, profile: &LoginProfile) -> Self {
        Self {
            user_name: user.to_owned(),
            create_date: iam_time(profile.created),
            password_reset_required: profile.reset_required,
            max_signin_session_duration: profile.max_sign_in,
        }
    }
}

/// An answer that is one login profile.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneLoginProfile {
    login_profile: ProfileShape,
}

fn named(
    facts: &Facts<'_>,
    action: &'static str,
    user: Option<&str>,
    password: Option<&str>,
    sign_in: Option<i64>,
) -> Result<Access, Fault> {
    Constraints::iam()
        .text("userName", user, &SHORT_NAME)
        .text("password", password, &PASSWORD)
        .number("maxSigninSessionDuration", sign_in, SIGN_IN)
        .done()?;
    Ok(Whose::read(facts.caller(), user)?
        .demand(facts, action)
        .into())
}

/// The name of the user that is meant; the root user has no login profile here.
fn user_of<O>(cx: &Granted<'_, O>, name: Option<&str>) -> Result<String, Fault> {
    match Whose::read(cx.caller(), name)? {
        Whose::User(name) => Ok(name),
        Whose::Root => Err(no_profile("root")),
    }
}

/// `CreateLoginProfile`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateLoginProfile {
    user_name: Option<String>,
    password: Option<String>,
    #[serde(default)]
    password_reset_required: bool,
    max_signin_session_duration: Option<i64>,
}

impl Operation for CreateLoginProfile {
    says!(CreateLoginProfile -> OneLoginProfile);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (user, password) = (self.user_name.as_deref(), self.password.as_deref());
        let sign_in = self.max_signin_session_duration;
        named(facts, "iam:CreateLoginProfile", user, password, sign_in)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneLoginProfile, Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        let missing = || Fault::Malformed {
            path: "Password".to_owned(),
            why: "it is required".to_owned(),
            missing: true,
        };
        let password = self.password.ok_or_else(missing)?;
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let policy = account.password_policy.clone().unwrap_or_default();
            let user = account.user_mut(&name)?;
            if user.credentials.login.is_some() {
                let message = format!("Login Profile for user {name} already exists.");
                return Err(faults::exists(message));
            }
            if !policy.allows(&password, &name) {
                return Err(violation());
            }
            let profile = LoginProfile {
                created: cx.now(),
                changed: cx.now(),
                reset_required: self.password_reset_required,
                max_sign_in: self.max_signin_session_duration,
                digests: VecDeque::from([digest(user, &password)]),
            };
            let shape = ProfileShape::new(&name, &profile);
            user.credentials.login = Some(profile);
            Ok(OneLoginProfile {
                login_profile: shape,
            })
        })
    }
}

/// `GetLoginProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetLoginProfile {
    user_name: Option<String>,
}

impl Operation for GetLoginProfile {
    says!(GetLoginProfile -> OneLoginProfile);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        named(
            facts,
            "iam:GetLoginProfile",
            self.user_name.as_deref(),
            None,
            None,
        )
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneLoginProfile, Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        cx.read(|world| {
            let user = world.iam(cx.account())?.user(&name)?;
            let profile = user.credentials.login.as_ref();
            let profile = profile.ok_or_else(|| no_profile(&name))?;
            Ok(OneLoginProfile {
                login_profile: ProfileShape::new(&name, profile),
            })
        })
    }
}

/// Puts a new password in the place of the present one.
fn change(
    world: &mut World,
    account: &str,
    name: &str,
    now: Timestamp,
    new: Option<&str>,
    check: impl FnOnce(&User, &mut LoginProfile) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let account = world.iam_mut(account)?;
    let policy = account.password_policy.clone().unwrap_or_default();
    let user = account.user_mut(name)?;
    let mut profile = user
        .credentials
        .login
        .clone()
        .ok_or_else(|| no_profile(name))?;
    check(user, &mut profile)?;
    if let Some(new) = new {
        if !policy.allows(new, name) {
            return Err(violation());
        }
        profile.set(digest(user, new), &policy, now)?;
    }
    user.credentials.login = Some(profile);
    Ok(())
}

/// `UpdateLoginProfile`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateLoginProfile {
    user_name: String,
    password: Option<String>,
    password_reset_required: Option<bool>,
    max_signin_session_duration: Option<i64>,
}

impl Operation for UpdateLoginProfile {
    says!(UpdateLoginProfile -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (user, password) = (Some(&*self.user_name), self.password.as_deref());
        let sign_in = self.max_signin_session_duration;
        named(facts, "iam:UpdateLoginProfile", user, password, sign_in)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let new = self.password.as_deref();
            change(
                world,
                cx.account(),
                &self.user_name,
                cx.now(),
                new,
                |_, profile| {
                    let required = self.password_reset_required;
                    profile.reset_required = required.unwrap_or(profile.reset_required);
                    let sign_in = self.max_signin_session_duration;
                    profile.max_sign_in = sign_in.or(profile.max_sign_in);
                    Ok(())
                },
            )
        })
    }
}

/// `DeleteLoginProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteLoginProfile {
    user_name: Option<String>,
}

impl Operation for DeleteLoginProfile {
    says!(DeleteLoginProfile -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        named(
            facts,
            "iam:DeleteLoginProfile",
            self.user_name.as_deref(),
            None,
            None,
        )
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&name)?;
            let gone = user.credentials.login.take();
            gone.map(drop).ok_or_else(|| no_profile(&name))
        })
    }
}

/// `ChangePassword`: the caller's own.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangePassword {
    old_password: String,
    new_password: String,
}

impl Operation for ChangePassword {
    says!(ChangePassword -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("oldPassword", Some(&self.old_password), &PASSWORD)
            .text("newPassword", Some(&self.new_password), &PASSWORD)
            .done()?;
        match &facts.caller().who {
            Who::User { name, .. } => {
                Ok(asking::existing(facts, "iam:ChangePassword", Kind::User, name).into())
            }
            _ => Err(Fault::service(
                400,
                "InvalidUserType",
                "Only IAM Users can change their own password",
            )),
        }
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let name = cx.caller().user_name().unwrap_or_default();
        cx.write(|world| {
            let new = Some(&*self.new_password);
            change(world, cx.account(), name, cx.now(), new, |user, profile| {
                if !profile.is(&digest(user, &self.old_password)) {
                    let message = "The old password was incorrect.";
                    return Err(Fault::service(403, "AccessDenied", message));
                }
                profile.reset_required = false;
                Ok(())
            })
        })
    }
}
