//! Roles in an order in which IAM takes them: a trust policy is refused when it names a role that
//! does not exist.

use std::collections::BTreeSet;

use serde_json::Value;

use super::world::Plan;
use crate::diagnostic::Diagnostic;
use crate::scenario::file::given::{Given, Role};

impl Plan<'_> {
    /// Each role after the roles that its trust policy names.
    pub(super) fn roles_in_order<'g>(&mut self, given: &'g Given) -> Vec<&'g Role> {
        let mut waiting: Vec<(&Role, BTreeSet<String>)> = given
            .roles
            .iter()
            .map(|role| {
                let mut needs = named_roles(&role.trust.text);
                needs.retain(|need| {
                    given
                        .roles
                        .iter()
                        .any(|other| other.name.value == *need && *need != role.name.value)
                });
                (role, needs)
            })
            .collect();
        let mut done = Vec::new();
        while !waiting.is_empty() {
            let ready: Vec<&Role> = waiting
                .iter()
                .filter(|(_, needs)| needs.is_empty())
                .map(|(role, _)| *role)
                .collect();
            if ready.is_empty() {
                self.cycle(&waiting);
                return done;
            }
            waiting.retain(|(role, _)| !ready.iter().any(|done| done.name == role.name));
            for (_, needs) in &mut waiting {
                needs.retain(|need| !ready.iter().any(|done| done.name.value == *need));
            }
            done.extend(ready);
        }
        done
    }

    fn cycle(&mut self, waiting: &[(&Role, BTreeSet<String>)]) {
        let Some(((first, _), rest)) = waiting.split_first() else {
            return;
        };
        let names: Vec<String> = waiting
            .iter()
            .map(|(role, _)| format!("`{}`", role.name.value))
            .collect();
        let file = &self.scenario.file;
        let mut said = Diagnostic::error(format!("the trust policies of {} wait for each other", names.join(" and ")))
            .at(file, first.name.span, "names a role that names this one")
            .help("IAM takes a trust policy only when everyone it names exists: let one of them name the account, or set it later with `aws iam update-assume-role-policy`");
        for (role, _) in rest {
            said = said.also(file, role.name.span, "and this one");
        }
        self.said.push(said);
    }
}

/// The names of the roles that a trust policy names as principals.
fn named_roles(trust: &str) -> BTreeSet<String> {
    fn visit(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => {
                let role = text
                    .splitn(6, ':')
                    .nth(5)
                    .and_then(|rest| rest.strip_prefix("role/"));
                out.extend(
                    role.and_then(|path| path.rsplit('/').next())
                        .map(str::to_owned),
                );
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, out)),
            Value::Object(map) => map.values().for_each(|item| visit(item, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    if let Ok(document) = serde_json::from_str::<Value>(trust) {
        let statements = match document.get("Statement") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        for statement in &statements {
            for key in ["Principal", "NotPrincipal"] {
                if let Some(principal) = statement.get(key) {
                    visit(principal, &mut out);
                }
            }
        }
    }
    out
}
