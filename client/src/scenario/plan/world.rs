//! What is under `given:` but Pinpoint, in order.

use serde_json::{Map, Value, json};

use super::{Action, Home, Planned, access_key};
use crate::diagnostic::{Diagnostic, Span, Spot, nearest};
use crate::endpoint::Call;
use crate::endpoint::operations::Service;
use crate::scenario::Scenario;
use crate::scenario::file::given::{Given, Grants, NamedText};

/// The calls so far, and what is wrong.
pub(super) struct Plan<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) home: &'a Home,
    pub(super) steps: Vec<Planned>,
    pub(super) said: Vec<Diagnostic>,
}

impl Plan<'_> {
    pub(super) fn everything(&mut self) {
        let given = &self.scenario.given;
        self.buckets(given);
        for (name, document) in &given.policies {
            let call = Call::with(
                Service::Iam,
                "CreatePolicy",
                [("PolicyName", json!(name.value))],
            );
            let planned = Planned::call(format!("create policy `{}`", name.value), name.span, call);
            self.steps
                .push(planned.with_document("PolicyDocument", document));
        }
        for group in &given.groups {
            self.iam("CreateGroup", "group", &group.name, "GroupName", Vec::new());
        }
        for user in &given.users {
            let extra = self.principal_extras(&user.grants);
            self.iam("CreateUser", "user", &user.name, "UserName", extra);
        }
        for role in self.roles_in_order(given) {
            let mut extra = self.principal_extras(&role.grants);
            extra.push(("AssumeRolePolicyDocument", json!(role.trust.text)));
            self.iam("CreateRole", "role", &role.name, "RoleName", extra);
            if let Some(last) = self.steps.last_mut() {
                last.document = Some(role.trust.clone());
            }
        }
        for group in &given.groups {
            self.grants("Group", &group.name, &group.grants);
        }
        for user in &given.users {
            self.grants("User", &user.name, &user.grants);
            for group in &user.groups {
                self.must_know("group", group, given.groups.iter().map(|group| &group.name));
                let call = Call::with(
                    Service::Iam,
                    "AddUserToGroup",
                    [
                        ("GroupName", json!(group.value)),
                        ("UserName", json!(user.name.value)),
                    ],
                );
                let title = format!("add user `{}` to group `{}`", user.name.value, group.value);
                self.steps.push(Planned::call(title, group.span, call));
            }
            self.steps
                .push(access_key(&user.name.value, user.name.span));
        }
        for role in &given.roles {
            self.grants("Role", &role.name, &role.grants);
        }
        self.bucket_policies(given);
        for app in &given.apps {
            self.app(app);
        }
        for (arn, document) in &given.resource_policies {
            self.steps.push(Planned {
                document: Some(document.clone()),
                ..admin(
                    format!("put a policy on `{}`", arn.value),
                    arn.span,
                    json!({ "resource-policies": { arn.value.as_str(): document.text } }),
                )
            });
        }
        // Last, so that it does not bound what makes the world.
        if let Some(organization) = &given.organization {
            let body = json!({ "organization": organization.body() });
            let title = "make the organization".to_owned();
            self.steps.push(admin(title, organization.span, body));
        }
    }

    fn buckets(&mut self, given: &Given) {
        for bucket in &given.buckets {
            let name = &bucket.name.value;
            self.steps.push(Planned::call(
                format!("create bucket `{name}`"),
                bucket.name.span,
                Call::with(Service::S3, "CreateBucket", [("Bucket", json!(name))]),
            ));
            for (key, text) in &bucket.objects {
                let params = [
                    ("Bucket", json!(name)),
                    ("Key", json!(key.value)),
                    ("Body", json!(text.value)),
                ];
                self.steps.push(Planned::call(
                    format!("put object `{}` into bucket `{name}`", key.value),
                    key.span,
                    Call::with(Service::S3, "PutObject", params),
                ));
            }
        }
    }

    /// After the principals that they may name.
    fn bucket_policies(&mut self, given: &Given) {
        for bucket in &given.buckets {
            let Some(policy) = &bucket.policy else {
                continue;
            };
            let name = &bucket.name;
            let call = Call::with(
                Service::S3,
                "PutBucketPolicy",
                [("Bucket", json!(name.value))],
            );
            let planned = Planned::call(
                format!("put the policy of bucket `{}`", name.value),
                name.span,
                call,
            );
            self.steps.push(planned.with_document("Policy", policy));
        }
    }

    fn iam(
        &mut self,
        operation: &str,
        kind: &str,
        name: &Spot<String>,
        parameter: &str,
        extra: Vec<(&str, Value)>,
    ) {
        let mut params = Map::from_iter([(parameter.to_owned(), json!(name.value))]);
        params.extend(
            extra
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        let call = Call::new(Service::Iam, operation, params);
        self.steps.push(Planned::call(
            format!("create {kind} `{}`", name.value),
            name.span,
            call,
        ));
    }

    /// Tags and boundary, which CreateUser and CreateRole take themselves.
    fn principal_extras(&mut self, grants: &Grants) -> Vec<(&'static str, Value)> {
        let mut extra = Vec::new();
        if let Some(boundary) = &grants.boundary {
            self.must_know_policy(boundary);
            extra.push((
                "PermissionsBoundary",
                json!(self.home.policy_arn(&boundary.value)),
            ));
        }
        if !grants.tags.is_empty() {
            extra.push(("Tags", tag_list(&grants.tags)));
        }
        extra
    }

    /// `AttachUserPolicy`, `PutUserPolicy` and their siblings.
    fn grants(&mut self, kind: &str, owner: &Spot<String>, grants: &Grants) {
        let parameter = format!("{kind}Name");
        let lower = kind.to_lowercase();
        for policy in &grants.attach {
            self.must_know_policy(policy);
            let call = Call::with(
                Service::Iam,
                &format!("Attach{kind}Policy"),
                [
                    (parameter.as_str(), json!(owner.value)),
                    ("PolicyArn", json!(self.home.policy_arn(&policy.value))),
                ],
            );
            let title = format!("attach `{}` to {lower} `{}`", policy.value, owner.value);
            self.steps.push(Planned::call(title, policy.span, call));
        }
        for (name, document) in &grants.inline {
            let call = Call::with(
                Service::Iam,
                &format!("Put{kind}Policy"),
                [
                    (parameter.as_str(), json!(owner.value)),
                    ("PolicyName", json!(name.value)),
                ],
            );
            let title = format!(
                "put inline policy `{}` into {lower} `{}`",
                name.value, owner.value
            );
            self.steps.push(
                Planned::call(title, name.span, call).with_document("PolicyDocument", document),
            );
        }
    }

    fn must_know_policy(&mut self, name: &Spot<String>) {
        if !name.value.starts_with("arn:") {
            let known = self.scenario.given.policies.iter().map(|(name, _)| name);
            self.must_know("policy", name, known);
        }
    }

    fn must_know<'n>(
        &mut self,
        kind: &str,
        name: &Spot<String>,
        known: impl Iterator<Item = &'n Spot<String>>,
    ) {
        let known: Vec<&str> = known.map(|name| name.value.as_str()).collect();
        if known.contains(&name.value.as_str()) {
            return;
        }
        let near = nearest(&name.value, known.iter().copied());
        self.said.push(
            Diagnostic::error(format!(
                "there is no {kind} `{}` under `given:`",
                name.value
            ))
            .at(&self.scenario.file, name.span, "not known here")
            .help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if kind == "policy" => "add it under `policies:`, or give its ARN".to_owned(),
                None => format!("add it under `{kind}s:`"),
            }),
        );
    }
}

pub(super) fn admin(title: String, span: Span, body: Value) -> Planned {
    Planned {
        title,
        span,
        action: Action::Admin {
            path: "given",
            body,
        },
        gives: None,
        takes: Vec::new(),
        document: None,
    }
}

fn tag_list(tags: &[NamedText]) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key.value, "Value": value.value }))
        .collect()
}
