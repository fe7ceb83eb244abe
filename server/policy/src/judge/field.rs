//! Reading the fields of a case.

use crate::json::{Json, Node};

/// Why a line is no case.
pub(super) type Read<T> = Result<T, String>;

/// A field that is there and not `null`.
pub(super) fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let Json::Object(members) = &node.value else {
        return None;
    };
    let member = members.iter().find(|member| &*member.name == name)?;
    (!matches!(member.value.value, Json::Null)).then_some(&member.value)
}

/// A field that must be there.
pub(super) fn needed<'n>(node: &'n Node, name: &str) -> Read<&'n Node> {
    field(node, name).ok_or_else(|| format!("`{name}` is missing"))
}

/// A text that may be missing.
pub(super) fn text<'n>(node: &'n Node, name: &str) -> Read<Option<&'n str>> {
    match field(node, name).map(|node| &node.value) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(other) => Err(format!(
            "`{name}` is {}, expected a string",
            other.type_name()
        )),
    }
}

/// A text that must be there.
pub(super) fn needed_text<'n>(node: &'n Node, name: &str) -> Read<&'n str> {
    text(node, name)?.ok_or_else(|| format!("`{name}` is missing"))
}

/// `true`; anything else is not.
pub(super) fn flag(node: &Node, name: &str) -> bool {
    matches!(
        field(node, name).map(|node| &node.value),
        Some(Json::Bool(true))
    )
}

/// The elements of a list that may be missing.
pub(super) fn list<'n>(node: &'n Node, name: &str) -> Read<&'n [Node]> {
    match field(node, name).map(|node| &node.value) {
        None => Ok(&[]),
        Some(Json::List(list)) => Ok(list),
        Some(other) => Err(format!(
            "`{name}` is {}, expected a list",
            other.type_name()
        )),
    }
}
