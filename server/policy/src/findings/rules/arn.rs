//! What is wrong with one ARN.

use std::ops::Range;

use crate::findings::catalog::Catalog;
use crate::findings::codes::*;
use crate::findings::glob;

/// A code, a sentence and the part of the ARN that is meant.
pub(super) struct Fault {
    pub(super) code: &'static Code,
    pub(super) details: String,
    pub(super) part: Range<usize>,
}

const FIELDS: &str = "arn:partition:service:region:account:resource";

/// All faults of an ARN; wildcards and variables may stand for anything.
pub(super) fn faults(arn: &str) -> Vec<Fault> {
    let fault = |code, details: String, part| Fault {
        code,
        details,
        part,
    };
    let fields = fields(arn);
    let first = fields.first().map_or("", |(_, field)| field);
    if first != "arn" {
        return vec![fault(
            &INVALID_ARN_PREFIX,
            format!("Add the required prefix (arn) to the resource ARN: {FIELDS}."),
            0..arn.len(),
        )];
    }
    let [_, partition, vendor, region, account, resource] = fields.as_slice() else {
        return vec![fault(
            &MISSING_ARN_FIELD,
            format!(
                "Resource ARNs must include at least six fields in the following structure: {FIELDS}."
            ),
            0..arn.len(),
        )];
    };
    let part = |(at, field): &(usize, &str)| *at..*at + field.len();
    let catalog = Catalog::get();
    let mut faults = Vec::new();
    if !open(partition.1) && !catalog.is_partition(partition.1) {
        faults.push(fault(
            &INVALID_PARTITION,
            format!(
                "The partition `{}` does not exist. Use aws, aws-cn or aws-us-gov.",
                partition.1
            ),
            part(partition),
        ));
    }
    if vendor.1.contains(['*', '?']) {
        faults.push(fault(
            &WILDCARD_IN_SERVICE_NAME,
            "Avoid using wildcards (*, ?) in the service name: services with similar names, also future ones, would be meant as well.".to_owned(),
            part(vendor),
        ));
        return faults;
    }
    if open(vendor.1) {
        return faults;
    }
    if !catalog.is_vendor(vendor.1) {
        faults.push(fault(
            &INVALID_SERVICE,
            format!(
                "The service `{}` does not exist. Use a valid service name.",
                vendor.1
            ),
            part(vendor),
        ));
        return faults;
    }
    if vendor.1.chars().any(char::is_uppercase) {
        faults.push(fault(
            &INVALID_ARN_SERVICE_CASE,
            format!(
                "Update the service name in the resource ARN to use all lowercase letters: `{}`.",
                vendor.1.to_ascii_lowercase()
            ),
            part(vendor),
        ));
    }
    if !region.1.is_empty() && !open(region.1) {
        let known = catalog.is_partition(partition.1).then_some(partition.1);
        if !catalog.is_region(region.1, known) {
            let meant = catalog
                .nearest_region(region.1)
                .map_or_else(String::new, |known| format!(" Did you mean `{known}`?"));
            faults.push(fault(
                &INVALID_ARN_REGION,
                format!(
                    "The Region `{}` is not valid for this resource.{meant}",
                    region.1
                ),
                part(region),
            ));
        }
    }
    let named = matches!(account.1, "" | "aws") || open(account.1);
    if !named && !is_account(account.1) {
        faults.push(fault(
            &INVALID_ARN_ACCOUNT,
            format!(
                "The resource ARN account ID `{}` is not valid. Provide a 12-digit account ID.",
                account.1
            ),
            part(account),
        ));
    }
    faults.extend(format_of(
        &vendor.1.to_ascii_lowercase(),
        region,
        account,
        resource,
    ));
    faults
}

/// Holds the ARN against the formats that the service documents.
fn format_of(
    vendor: &str,
    region: &(usize, &str),
    account: &(usize, &str),
    resource: &(usize, &str),
) -> Option<Fault> {
    let formats = Catalog::get().types(vendor);
    let pattern = glob::without_variables(resource.1);
    let fitting: Vec<_> = formats
        .iter()
        .filter(|[.., known]| glob::overlap(&pattern, known))
        .collect();
    let place = |(at, field): &(usize, &str)| *at..*at + field.len().max(1);
    if formats.is_empty() {
        return None;
    }
    if fitting.is_empty() {
        return Some(Fault {
            code: &INVALID_ARN_RESOURCE,
            details: format!(
                "Resource ARN does not match the expected ARN format: {vendor} has no resource `{}`.{}",
                resource.1,
                match resource.1.strip_prefix('/') {
                    Some(rest) => format!(" Did you mean `{rest}`, without the slash?"),
                    None => String::new(),
                }
            ),
            part: place(resource),
        });
    }
    // A lone star may be any of them, whatever the other fields say.
    let without = |field: usize| {
        fitting
            .iter()
            .all(|format| format.get(field).is_some_and(|known| known.is_empty()))
    };
    let with_region = fitting
        .iter()
        .all(|format| format.get(3).is_some_and(|known| !known.is_empty()));
    if !region.1.is_empty() && without(3) {
        return Some(Fault {
            code: &ARN_REGION_NOT_ALLOWED,
            details: format!(
                "The service {vendor} does not support specifying a Region in this resource ARN."
            ),
            part: place(region),
        });
    }
    if !account.1.is_empty() && without(4) {
        return Some(Fault {
            code: &ARN_ACCOUNT_NOT_ALLOWED,
            details: format!(
                "The service {vendor} does not support specifying an account ID in this resource ARN."
            ),
            part: place(account),
        });
    }
    (region.1.is_empty() && with_region).then(|| Fault {
        code: &MISSING_ARN_REGION,
        details: "Add a Region to the resource ARN.".to_owned(),
        part: place(region),
    })
}

/// Whether a field leaves open what it is.
fn open(field: &str) -> bool {
    field.contains(['*', '?']) || field.contains("${")
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The fields of an ARN and where they begin; colons in variables do not part them.
pub(super) fn fields(arn: &str) -> Vec<(usize, &str)> {
    let (mut fields, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, character) in arn.char_indices() {
        match character {
            '{' if arn.get(..at).is_some_and(|before| before.ends_with('$')) => inside = true,
            '}' => inside = false,
            ':' if !inside && fields.len() < 5 => {
                fields.push((start, arn.get(start..at).unwrap_or_default()));
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push((start, arn.get(start..).unwrap_or_default()));
    fields
}
