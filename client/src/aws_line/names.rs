//! Names as the AWS CLI spells them.

/// `CreatePolicy` as `create-policy`, `ContentMD5` as `content-md5`, `ListObjectsV2` as
/// `list-objects-v2`.
pub(super) fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut chars = name.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        if let Some(before) = before
            && c.is_ascii_uppercase()
        {
            let word_begins = chars.peek().is_some_and(char::is_ascii_lowercase);
            if !before.is_ascii_uppercase() || word_begins {
                out.push('-');
            }
        }
        out.push(c.to_ascii_lowercase());
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn names_are_those_of_the_cli() {
        for (wire, cli) in [
            ("CreatePolicy", "create-policy"),
            ("AssumeRolePolicyDocument", "assume-role-policy-document"),
            ("ListObjectsV2", "list-objects-v2"),
            ("ContentMD5", "content-md5"),
            ("SSEKMSKeyId", "ssekms-key-id"),
            ("ACL", "acl"),
        ] {
            assert_eq!(kebab(wire), cli);
        }
    }
}
