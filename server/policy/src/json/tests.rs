#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

#[track_caller]
fn refused(text: &str, underlined: &str, why: &str) {
    let fault = read(text).unwrap_err();
    assert_eq!((&text[fault.span.clone()], &*fault.why), (underlined, why));
}

#[test]
fn strict_json_only() {
    refused(r#"{"a": [1, ]}"#, ",", "a comma before `]`");
    refused(r#"{"a": 1,}"#, ",", "a comma before `}`");
    refused(r#"{"a": 1 "b": 2}"#, "\"", "a comma is missing before this");
    refused("{\"a\": \"x\ny\"}", "\n", "a line break inside a string");
    refused(
        r#"{“a”: 1}"#,
        "“",
        "strings stand between straight double quotes",
    );
    refused(
        r#"{'a': 1}"#,
        "'",
        "strings stand between straight double quotes",
    );
    refused(
        "{} // note",
        "/",
        "there is more text after the end of the document",
    );
    refused("{ // note\n}", "/", "JSON has no comments");
    refused(r#"{"a": 012}"#, "0", "a number that begins with 0");
    refused(r#"{"a": .5}"#, ".", "`.` stands where a value should");
    refused(
        r#"{"a": True}"#,
        "True",
        "`True` stands where a value should",
    );
    refused(r#"{"a": "x"#, "\"x", "a string without its closing quote");
    refused(r#"{"a": 1"#, "", "the text ends before the closing `}`");
    refused(r#"{"a" 1}"#, "1", "a colon is missing after `a`");
    refused(r#"{"a": "\x"}"#, "\\", "not an escape that JSON knows");
    refused(r#"{"a": "\ud800"}"#, "\\", "not an escape that JSON knows");
    refused("", "", "the text ends where a policy document should stand");
    refused(&"[".repeat(100), "[", "more than 64 levels of brackets");
}

#[test]
fn repeated_keys_are_reported_and_the_last_is_kept() {
    let text = r#"{"a": 1, "b": 2, "a": 3}"#;
    let (node, repeated) = read(text).unwrap();
    let Json::Object(members) = node.value else {
        unreachable!()
    };
    assert_eq!(members.len(), 2);
    assert!(matches!(&members[0].value.value, Json::Number(number) if &**number == "3"));
    assert_eq!(
        (repeated[0].first.clone(), repeated[0].again.clone()),
        (1..4, 17..20)
    );
}

#[test]
fn escapes_are_decoded_and_found_again() {
    let text = r#""a\u00e9\ud83d\ude00\"z""#;
    let (node, _) = read(text).unwrap();
    let Json::Text(decoded) = &node.value else {
        unreachable!()
    };
    assert_eq!(&**decoded, "aé😀\"z");
    let raw = &text[node.inner_span()];
    let z = decoded.find('z').unwrap();
    assert_eq!(&raw[source_offset(raw, z)..], "z");
}

#[test]
fn quotas_do_not_count_blanks_between_tokens() {
    assert_eq!(
        size_without_blanks("{ \"a b\" : [ 1 ,\n 2 ] }"),
        "{\"a b\":[1,2]}".len()
    );
    assert_eq!(
        size_without_blanks(r#"{"a\" b": 1}"#),
        r#"{"a\" b":1}"#.len()
    );
}
