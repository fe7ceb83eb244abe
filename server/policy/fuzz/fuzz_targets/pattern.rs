//! A pattern matches what it should, through the one door there is: the Resource of a policy.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rolecall_policy::{
    Attached, Context, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule, Source,
    decide, explain,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    pattern: &'a str,
    name: &'a str,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let pattern: String = input
        .pattern
        .chars()
        .filter(|character| !matches!(character, '"' | '\\') && *character >= ' ')
        .collect();
    let document = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::{pattern}"}}}}"#
    );
    let Ok(policy) = Policy::parse(&document, PolicyKind::Identity) else {
        return;
    };
    let resource = format!("arn:aws:s3:::{}", input.text);
    let mut context = Context::new();
    context.set("aws:username", input.name, Origin::Caller);
    let request = Request {
        principal: Principal::User {
            account: "123456789012",
            arn: "arn:aws:iam::123456789012:user/ana",
            id: "AIDA",
            name: "ana",
        },
        action: "s3:GetObject",
        resource: &resource,
        resource_account: None,
        rule: Rule::Plain,
        context: &context,
    };
    let source = Source {
        name: "p",
        arn: None,
        holder: None,
    };
    let identity = [Attached {
        source,
        policy: &policy,
    }];
    let layers = Layers {
        identity: &identity,
        ..Layers::default()
    };
    let allowed = decide(&request, &layers).allowed();
    let explanation = explain(&request, &layers);
    assert_eq!(allowed, explanation.allowed());
    let _ = explanation.to_string();
    let _ = explanation.excerpt().map(|excerpt| excerpt.to_string());
    // Short ones without variables are matched again, by the book.
    if pattern.len() <= 12 && input.text.len() <= 24 && !pattern.contains('$') {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(
            allowed,
            by_the_book(&characters(&pattern), &characters(input.text)),
            "{pattern:?} {:?}",
            input.text
        );
    }
});

/// Which beginnings of the text the pattern so far covers, sign by sign.
fn by_the_book(pattern: &[char], text: &[char]) -> bool {
    let mut covers: Vec<bool> = (0..=text.len()).map(|end| end == 0).collect();
    for sign in pattern {
        let covered = |end: usize| match sign {
            '*' => covers[..=end].contains(&true),
            '?' => end > 0 && covers[end - 1],
            character => end > 0 && covers[end - 1] && text[end - 1] == *character,
        };
        covers = (0..=text.len()).map(covered).collect();
    }
    covers[text.len()]
}
