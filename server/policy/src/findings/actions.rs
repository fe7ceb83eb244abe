//! Whether the action of a question exists.

use std::fmt;

use super::catalog::Catalog;

/// An action that no service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAction {
    /// What is missing, as in "s3 has no action `PutObjct`".
    pub said: String,
    /// The action that was probably meant.
    pub meant: Option<String>,
}

impl fmt::Display for NoAction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.said)?;
        match &self.meant {
            Some(meant) => write!(out, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NoAction {}

/// Looks for an action, with `*` and `?` or without, in any letter case.
///
/// Names are known for the services in rolecall's tables; of all others only that they are services. What is not
/// known to be wrong passes.
///
/// # Errors
///
/// There is no such action, or no such service.
pub fn known_action(action: &str) -> Result<(), NoAction> {
    let Some((prefix, name)) = action.split_once(':') else {
        return Ok(());
    };
    if prefix.contains(['*', '?']) {
        return Ok(());
    }
    let catalog = Catalog::get();
    match catalog.service(prefix) {
        Some(service) if service.matching(name).next().is_some() => Ok(()),
        Some(service) => {
            let meant = service.nearest_action(name);
            Err(NoAction {
                said: format!("{prefix} has no action `{name}`"),
                meant: meant.map(|name| format!("{prefix}:{name}")),
            })
        }
        None if catalog.is_prefix(prefix) => Ok(()),
        None => {
            let meant = catalog.nearest_prefix(prefix);
            Err(NoAction {
                said: format!("no service has the prefix `{prefix}`"),
                meant: meant.map(|prefix| format!("{prefix}:{name}")),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_wrong_passes() {
        for fine in [
            "s3:PutObject",
            "S3:putobject",
            "s3:Put*",
            "*",
            "*:Get*",
            "s?:PutObjct",
            "ec2:NobodyKnows",
            "mobiletargeting:CreateExportJob",
            "sts:AssumeRole",
        ] {
            assert_eq!(known_action(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn the_nearest_known_action_is_named() {
        let said = |action| known_action(action).map_err(|it| it.to_string());
        let wrong = |words: &str| Err(words.to_owned());
        assert_eq!(
            said("s3:PutObjct"),
            wrong("s3 has no action `PutObjct`; did you mean s3:PutObject?")
        );
        assert_eq!(said("iam:*Rolle"), wrong("iam has no action `*Rolle`"));
        assert_eq!(
            said("mobiltargeting:GetApp"),
            wrong(
                "no service has the prefix `mobiltargeting`; did you mean mobiletargeting:GetApp?"
            )
        );
        assert_eq!(
            said("pinpont-nothing:X"),
            wrong("no service has the prefix `pinpont-nothing`")
        );
    }
}
