//! The same statements in Cedar: actions in the group of their service, resources by their ARN.

use std::fmt::Write as _;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};

use crate::worlds::Says;

pub(crate) struct World {
    policies: PolicySet,
    entities: Entities,
    request: Request,
    authorizer: Authorizer,
}

impl World {
    pub(crate) fn new(policies: &[Vec<Says>], resource: &str) -> Self {
        let mut text = String::new();
        for statement in policies.iter().flatten() {
            let actions = statement
                .actions
                .iter()
                .map(|action| format!("Action::{action:?}"));
            let resources = statement
                .resources
                .iter()
                .map(|pattern| match pattern.contains('*') {
                    true => format!("resource.arn like {pattern:?}"),
                    false => format!("resource.arn == {pattern:?}"),
                });
            writeln!(
                text,
                "permit(principal, action in [{}], resource) when {{ {} }};",
                actions.collect::<Vec<_>>().join(", "),
                resources.collect::<Vec<_>>().join(" || ")
            )
            .unwrap();
        }
        let entities = serde_json::json!([
            {"uid": {"type": "Action", "id": "s3:PutObject"}, "attrs": {}, "parents": [{"type": "Action", "id": "s3:*"}]},
            {"uid": {"type": "Action", "id": "s3:*"}, "attrs": {}, "parents": []},
            {"uid": {"type": "Role", "id": "s3ExportRole"}, "attrs": {}, "parents": []},
            {"uid": {"type": "Object", "id": "asked"}, "attrs": {"arn": resource}, "parents": []},
        ]);
        let uid = |text: &str| text.parse::<EntityUid>().unwrap();
        Self {
            policies: text.parse().unwrap(),
            entities: Entities::from_json_value(entities, None).unwrap(),
            request: Request::new(
                uid("Role::\"s3ExportRole\""),
                uid("Action::\"s3:PutObject\""),
                uid("Object::\"asked\""),
                Context::empty(),
                None,
            )
            .unwrap(),
            authorizer: Authorizer::new(),
        }
    }

    pub(crate) fn decide(&self) -> bool {
        let answer = self
            .authorizer
            .is_authorized(&self.request, &self.policies, &self.entities);
        answer.decision() == Decision::Allow
    }
}
