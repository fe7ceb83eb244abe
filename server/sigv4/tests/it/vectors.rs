//! AWS's own signing vectors. They are not part of this repository: `ROLECALL_CORPORA` names the
//! folder which holds `sigv4_vectors.jsonl`, and `ROLECALL_REQUIRE_CORPORA=1` makes it a must.

use rolecall_sigv4::{Refusal, Regions, Rules};

use crate::wire::Request;

#[derive(serde::Deserialize)]
struct Vector {
    id: String,
    context: Context,
    signed_request: String,
    canonical_request: String,
    string_to_sign: String,
}

#[derive(serde::Deserialize)]
struct Context {
    credentials: Secret,
    normalize: bool,
    region: String,
    service: String,
    timestamp: String,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(serde::Deserialize)]
struct Secret {
    secret_access_key: String,
}

#[test]
fn every_vector_of_aws_verifies() {
    let Some(folder) = std::env::var_os("ROLECALL_CORPORA") else {
        let required = std::env::var("ROLECALL_REQUIRE_CORPORA").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "ROLECALL_REQUIRE_CORPORA=1 but ROLECALL_CORPORA is not set"
        );
        eprintln!("SKIPPED: AWS's signing vectors; set ROLECALL_CORPORA to their folder");
        return;
    };
    let file = std::path::Path::new(&folder).join("sigv4_vectors.jsonl");
    let text = std::fs::read_to_string(&file).expect("the vectors");
    let vectors: Vec<Vector> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a vector on each line"))
        .collect();
    assert!(vectors.len() >= 76, "only {} vectors", vectors.len());
    for vector in &vectors {
        check(vector);
    }
}

fn check(vector: &Vector) {
    let Vector { id, context, .. } = vector;
    let rules = Rules {
        normalize_path: context.normalize,
        double_encode: context.normalize,
        token_unsigned: context.omit_session_token,
        ..Rules::standard(&context.service, Regions::Only(&context.region))
    };
    let request = Request::parse(&vector.signed_request);
    let now = context.timestamp.parse().expect("a time");
    let secret = &context.credentials.secret_access_key;
    let verified = request.verify_at(secret, &rules, now);
    assert!(verified.is_ok(), "{id}: {verified:#?}");

    // With another secret the refusal shows exactly the two texts that AWS gives.
    let Err(Refusal::Mismatch(shown)) = request.verify_at("another", &rules, now) else {
        panic!("{id}: verified with another secret");
    };
    assert_eq!(
        shown.canonical_request.as_deref(),
        Some(&*vector.canonical_request),
        "{id}"
    );
    assert_eq!(shown.string_to_sign, vector.string_to_sign, "{id}");
}
