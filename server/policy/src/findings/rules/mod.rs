//! The rules, one file for each family.

mod action;
mod arn;
mod elements;
mod empties;
mod federation;
mod keys;
mod organization;
mod own;
mod pass_role;
mod principal;
mod quotas;
mod redundant;
mod resource;
mod service_principal;
mod tags;
mod trust;
mod values;
mod variables;

use super::Found;
use super::document::Document;

/// Looks at a document and reports what it finds.
pub(crate) type Rule = fn(&Document<'_>, &mut Found<'_>);

/// Checks that AWS has too.
pub(crate) const AWS: &[Rule] = &[
    elements::policy,
    elements::statements,
    elements::sids,
    action::exists,
    action::wildcard_in_service,
    action::fits_policy,
    resource::arns,
    resource::fits_policy,
    principal::element,
    principal::values,
    keys::names,
    keys::repeated_with_other_case,
    keys::fits_actions,
    keys::irrelevant,
    keys::paired,
    keys::set_operators,
    values::operators,
    values::data_types,
    values::types,
    values::addresses,
    values::identifiers,
    variables::syntax,
    variables::allowed,
    redundant::actions,
    redundant::resources,
    redundant::numbers,
    redundant::statements,
    pass_role::too_wide,
    service_principal::source,
    service_principal::keys,
    trust::elements,
    trust::actions,
    federation::providers,
    federation::conditions,
    tags::unsupported,
    empties::elements,
    empties::conditions,
    quotas::size,
    organization::service_control,
    organization::resource_control,
];

/// Checks of rolecall's own.
pub(crate) const OWN: &[Rule] = &[
    own::placeholders,
    own::no_sid,
    own::folder_without_slash,
    redundant::shadowed,
];
