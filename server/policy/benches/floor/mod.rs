//! The least that has to be done: the guide's policy matched by hand, for one request, explaining nothing.

/// Actions and one resource; a star only at the end.
pub(crate) struct Statement {
    actions: &'static [&'static str],
    resource: &'static str,
}

pub(crate) fn guide() -> Vec<Statement> {
    let statement = |actions, resource| Statement { actions, resource };
    vec![
        statement(
            &["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
            "arn:aws:s3:::*",
        ),
        statement(&["s3:ListBucket"], "arn:aws:s3:::example-bucket"),
        statement(&["s3:ListBucket"], "arn:aws:s3:::example-bucket"),
        statement(&["s3:*"], "arn:aws:s3:::example-bucket/Exports/*"),
    ]
}

pub(crate) fn decide(statements: &[Statement], action: &str, resource: &str) -> bool {
    statements.iter().any(|statement| {
        statement
            .actions
            .iter()
            .any(|pattern| matches(pattern, action, u8::eq_ignore_ascii_case))
            && matches(statement.resource, resource, u8::eq)
    })
}

fn matches(pattern: &str, text: &str, same: impl Fn(&u8, &u8) -> bool) -> bool {
    let (start, open) = match pattern.strip_suffix('*') {
        Some(start) => (start, true),
        None => (pattern, false),
    };
    let fits = start.len() == text.len() || (open && start.len() < text.len());
    fits && start
        .bytes()
        .zip(text.bytes())
        .all(|(one, other)| same(&one, &other))
}
