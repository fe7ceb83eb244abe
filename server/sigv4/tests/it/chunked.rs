//! `aws-chunked` bodies: AWS's published ones, those of `aws-sigv4`, and broken ones.

use aws_sigv4::sign::v4::{sign_chunk, sign_trailer};
use aws_smithy_runtime_api::http::Headers;
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use rolecall_sigv4::{BodyKind, Chunked, Family, Refusal, Trailers, Verified, unsigned_body};

use crate::published;
use crate::wire::{Request, Signing};

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const CHECKSUM: (&str, &str) = ("x-amz-checksum-crc32", "AAAAAA==");

fn decode<'a>(
    verified: &Verified,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Vec<u8>, Trailers), Refusal> {
    let mut decoder = Chunked::new(verified).expect("an aws-chunked body");
    let mut decoded = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut |bytes| decoded.extend_from_slice(bytes))?;
    }
    assert_eq!(decoder.decoded(), u64::try_from(decoded.len()).unwrap());
    Ok((decoded, decoder.finish()?))
}

/// A request that announces chunks, verified, and its body.
fn signed_body(word: &'static str, chunks: &[Vec<u8>]) -> (Verified, Vec<u8>) {
    let signing = Signing::s3().body(word);
    let length: usize = chunks.iter().map(Vec::len).sum();
    let mut request = Request::parse("PUT /bucket/key HTTP/1.1\ncontent-encoding:aws-chunked\n");
    request.add("x-amz-decoded-content-length", &length.to_string());
    let with_trailer = word.ends_with("TRAILER");
    if with_trailer {
        request.add("x-amz-trailer", CHECKSUM.0);
    }
    let mut last = signing.sign(&mut request);
    let verified = request
        .verify(&signing.secret, &signing.rules())
        .expect("verifies");

    let identity = signing.identity();
    let params = signing.params(&identity);
    let mut body = Vec::new();
    for chunk in chunks.iter().chain([&Vec::new()]) {
        body.extend_from_slice(format!("{:x}", chunk.len()).as_bytes());
        if word != UNSIGNED_TRAILER {
            let bytes = Bytes::copy_from_slice(chunk);
            last = sign_chunk(&bytes, &last, &params).unwrap().into_parts().1;
            body.extend_from_slice(format!(";chunk-signature={last}").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        if !chunk.is_empty() {
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
    }
    if with_trailer {
        body.extend_from_slice(format!("{}:{}\r\n", CHECKSUM.0, CHECKSUM.1).as_bytes());
        if word == SIGNED_TRAILER {
            let mut headers = Headers::new();
            headers.insert(CHECKSUM.0, CHECKSUM.1);
            last = sign_trailer(&headers, &last, &params)
                .unwrap()
                .into_parts()
                .1;
            body.extend_from_slice(format!("x-amz-trailer-signature:{last}\r\n").as_bytes());
        }
    }
    body.extend_from_slice(b"\r\n");
    (verified, body)
}

fn words() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER])
}

/// Chunks as clients send them: all but the last of at least 8 KiB.
fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let full = (any::<u8>(), 8192_usize..20_000).prop_map(|(byte, size)| vec![byte; size]);
    (vec(full, 0..3), vec(any::<u8>(), 0..300)).prop_map(|(mut chunks, last)| {
        if !last.is_empty() {
            chunks.push(last);
        }
        chunks
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_signed_decodes_however_it_arrives(
        word in words(),
        chunks in chunks(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let (verified, body) = signed_body(word, &chunks);
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len())).collect();
        places.extend([0, body.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|pair| &body[pair[0]..pair[1]]);
        let (decoded, trailers) = decode(&verified, pieces).expect("decodes");
        prop_assert!(decoded == chunks.concat());
        let expected = (word != SIGNED).then(|| (CHECKSUM.0.to_owned(), CHECKSUM.1.to_owned()));
        prop_assert_eq!(trailers, expected.into_iter().collect::<Vec<_>>());
        // Byte by byte.
        prop_assert!(decode(&verified, body.chunks(1)).is_ok());
    }

    #[test]
    fn a_cut_body_is_refused(word in words(), chunks in chunks(), cut: Index) {
        let (verified, body) = signed_body(word, &chunks);
        let cut = &body[..cut.index(body.len())];
        prop_assert!(decode(&verified, [cut]).is_err());
    }

    #[test]
    fn a_changed_byte_of_a_signed_body_is_refused(
        word in prop::sample::select(vec![SIGNED, SIGNED_TRAILER]),
        chunks in chunks(),
        at: Index,
        bit in 0..8_u8,
    ) {
        let (verified, mut body) = signed_body(word, &chunks);
        let place = at.index(body.len());
        body[place] ^= 1 << bit;
        let outcome = decode(&verified, [&body[..]]);
        // The case of a size or of a trailing header's name means nothing, nor does space around
        // the value; what is decoded must be what was signed.
        if let Ok((decoded, trailers)) = outcome {
            prop_assert!(decoded == chunks.concat());
            prop_assert!(trailers.iter().all(|(name, value)| (&**name, &**value) == CHECKSUM));
        }
    }

    #[test]
    fn garbage_never_panics(word in words(), garbage in vec(any::<u8>(), 0..200)) {
        let (verified, _) = signed_body(word, &[vec![b'a'; 100]]);
        prop_assert!(decode(&verified, [&garbage[..]]).is_err());
    }

    #[test]
    fn framing_without_sense_never_panics(
        text in "([0-9a-fA-F]{0,17}|;chunk-signature=|\r\n|\r|\n|x-amz-checksum-crc32|:|[a-z]{1,5}){0,20}",
    ) {
        let (verified, _) = signed_body(UNSIGNED_TRAILER, &[vec![b'a'; 10]]);
        prop_assert!(decode(&verified, [text.as_bytes()]).is_err());
    }
}

// === AWS's published bodies: 66560 times `a`, in chunks of 64 KiB ===

fn published_body(signatures: [&str; 3], trailer: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (signature, size) in signatures.into_iter().zip([65536, 1024, 0]) {
        body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
        if size > 0 {
            body.extend_from_slice(&vec![b'a'; size]);
            body.extend_from_slice(b"\r\n");
        }
    }
    body.extend_from_slice(trailer.as_bytes());
    body
}

#[test]
fn published_chunks() {
    let request = published::signed(
        "PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\n\
         x-amz-storage-class: REDUCED_REDUNDANCY\n\
         x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\nContent-Encoding: aws-chunked\n\
         x-amz-decoded-content-length: 66560\nContent-Length: 66824\n",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let verified = request
        .verify_at(
            published::SECRET,
            &published::rules(),
            published::midnight(),
        )
        .expect("verifies");
    let body = published_body(
        [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ],
        "\r\n",
    );
    assert_eq!(body.len(), 66824);
    let (decoded, trailers) = decode(&verified, [&body[..]]).expect("decodes");
    assert_eq!((decoded.len(), trailers.len()), (66560, 0));
}

#[test]
fn published_trailing_headers() {
    let request = published::signed(
        "PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\n\
         x-amz-storage-class: REDUCED_REDUNDANCY\n\
         x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\n\
         Content-Encoding: aws-chunked\nx-amz-decoded-content-length: 66560\n\
         x-amz-trailer: x-amz-checksum-crc32c\n",
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class;x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    let verified = request
        .verify_at(
            published::SECRET,
            &published::rules(),
            published::midnight(),
        )
        .expect("verifies");
    for line_break in ["\r\n", "\n"] {
        let body = published_body(
            [
                "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            ],
            &format!(
                "x-amz-checksum-crc32c:sOO8/Q=={line_break}x-amz-trailer-signature:d81f82fc3505eda\
                 b99d459891051a732e8730629a2e4a59689829ca17fe2e435{line_break}\r\n"
            ),
        );
        let (decoded, trailers) = decode(&verified, [&body[..]]).expect("decodes");
        assert_eq!(decoded.len(), 66560);
        assert_eq!(
            trailers,
            [("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())]
        );
    }
}

// === what is refused, and how ===

#[track_caller]
fn refused(word: &'static str, chunks: &[Vec<u8>], body: &[u8], code: &str) -> Refusal {
    let (verified, _) = signed_body(word, chunks);
    let refusal = decode(&verified, [body]).expect_err("refused");
    assert_eq!(refusal.code(Family::S3).0, code, "{refusal:?}");
    refusal
}

fn ten() -> Vec<Vec<u8>> {
    vec![vec![b'a'; 10]]
}

#[test]
fn unsigned_bodies_that_break_the_rules() {
    let data = "a\r\naaaaaaaaaa\r\n0\r\n";
    let crc = "x-amz-checksum-crc32:AAAAAA==\r\n";
    for (body, code) in [
        (format!("{data}{crc}\r\nmore"), "InvalidRequest"),
        (format!("{data}{crc}"), "IncompleteBody"),
        (format!("{data}\r\n"), "MalformedTrailerError"),
        (format!("{data}{crc}{crc}\r\n"), "MalformedTrailerError"),
        (
            format!("{data}{crc}x-amz-meta-a:b\r\n\r\n"),
            "MalformedTrailerError",
        ),
        (
            format!("{data}{crc}x-amz-trailer-signature:00\r\n\r\n"),
            "MalformedTrailerError",
        ),
        (format!("{data}no colon\r\n\r\n"), "MalformedTrailerError"),
        (
            format!("{data}{}", "x".repeat(5000)),
            "MalformedTrailerError",
        ),
        ("9\r\naaaaaaaaa\r\n0\r\n".to_owned(), "IncompleteBody"),
        ("b\r\naaaaaaaaaaa\r\n0\r\n".to_owned(), "IncompleteBody"),
        ("ffffffffffffffff\r\na".to_owned(), "IncompleteBody"),
        ("10000000000000000\r\na".to_owned(), "InvalidRequest"),
        ("+a\r\naaaaaaaaaa\r\n".to_owned(), "InvalidRequest"),
        ("\r\n".to_owned(), "InvalidRequest"),
        ("a\naaaaaaaaaa\r\n".to_owned(), "InvalidRequest"),
        ("a;x=y\r\naaaaaaaaaa\r\n".to_owned(), "InvalidRequest"),
        ("a\r\naaaaaaaaaab\r\n".to_owned(), "InvalidRequest"),
        ("0".repeat(5000), "InvalidRequest"),
        (String::new(), "IncompleteBody"),
    ] {
        refused(UNSIGNED_TRAILER, &ten(), body.as_bytes(), code);
    }
}

#[test]
fn a_wrong_chunk_signature_shows_the_string_to_sign() {
    let body = format!("a;chunk-signature={}\r\naaaaaaaaaa\r\n", "0".repeat(64));
    let refusal = refused(SIGNED, &ten(), body.as_bytes(), "SignatureDoesNotMatch");
    let Refusal::Mismatch(mismatch) = refusal else {
        panic!("{refusal:?}")
    };
    let lines: Vec<&str> = mismatch.string_to_sign.lines().collect();
    assert_eq!(lines[0], "AWS4-HMAC-SHA256-PAYLOAD");
    assert_eq!(lines[2], "20150830/us-east-1/s3/aws4_request");
    assert_eq!(lines.len(), 6);
    assert_eq!(mismatch.access_key, "AKIDEXAMPLE");
}

#[test]
fn chunks_without_signature_do_not_pass_for_signed_ones() {
    refused(
        SIGNED,
        &ten(),
        b"a\r\naaaaaaaaaa\r\n0\r\n\r\n",
        "InvalidRequest",
    );
    let (verified, body) = signed_body(SIGNED_TRAILER, &ten());
    let text = String::from_utf8(body).unwrap();
    let start = text.find("x-amz-trailer-signature").unwrap();
    let cut = format!("{}\r\n", &text[..start]);
    let refusal = decode(&verified, [cut.as_bytes()]).expect_err("refused");
    assert_eq!(refusal.code(Family::S3), ("MalformedTrailerError", 400));
}

#[test]
fn trailing_headers_are_signed() {
    let (verified, body) = signed_body(SIGNED_TRAILER, &ten());
    let text = String::from_utf8(body).unwrap();
    let signature = text.find("x-amz-trailer-signature:").unwrap() + 24;
    let digit = if text[signature..].starts_with('0') {
        "1"
    } else {
        "0"
    };
    for changed in [
        text.replace(CHECKSUM.1, "AAAAAQ=="),
        format!("{}{digit}{}", &text[..signature], &text[signature + 1..]),
    ] {
        let refusal = decode(&verified, [changed.as_bytes()]).expect_err("refused");
        let Refusal::Mismatch(mismatch) = refusal else {
            panic!("{refusal:?}")
        };
        assert!(
            mismatch
                .string_to_sign
                .starts_with("AWS4-HMAC-SHA256-TRAILER\n20150830T123600Z")
        );
    }
}

#[test]
fn the_chunks_hold_what_was_announced() {
    let length = |got| Refusal::DecodedLength { expected: 10, got };
    for got in [9, 11] {
        let a = "a".repeat(got);
        let crc = "x-amz-checksum-crc32:AAAAAA==";
        let unsigned = format!("{got:x}\r\n{a}\r\n0\r\n{crc}\r\n\r\n");
        let (verified, _) = signed_body(UNSIGNED_TRAILER, &ten());
        let got = u64::try_from(got).unwrap();
        assert_eq!(decode(&verified, [unsigned.as_bytes()]), Err(length(got)));
    }
}

#[test]
fn only_the_last_signed_chunk_may_be_small() {
    let small = [vec![b'a'; 8191], vec![b'b'; 10]];
    let (verified, body) = signed_body(SIGNED, &small);
    let refusal = decode(&verified, [&body[..]]).expect_err("refused");
    assert_eq!(
        refusal,
        Refusal::ChunkTooSmall {
            number: 1,
            size: 8191
        }
    );
}

#[test]
fn a_length_must_be_announced() {
    let signing = Signing::s3().body(SIGNED);
    for length in [None, Some("-1"), Some("x"), Some("99999999999999999999999")] {
        let mut request = Request::parse("PUT /bucket/key HTTP/1.1\n");
        if let Some(length) = length {
            request.add("x-amz-decoded-content-length", length);
        }
        signing.sign(&mut request);
        let refusal = request
            .verify(&signing.secret, &signing.rules())
            .expect_err("refused");
        assert_eq!(refusal, Refusal::DecodedLengthMissing);
    }
}

#[test]
fn a_request_without_credentials_may_have_unsigned_chunks_only() {
    let mut request = Request::parse("PUT /bucket/key HTTP/1.1\nx-amz-decoded-content-length:3\n");
    assert_eq!(unsigned_body(&request.headers), Ok(BodyKind::Unsigned));
    request.set("x-amz-content-sha256", SIGNED);
    assert!(unsigned_body(&request.headers).is_err());
    request.set("x-amz-content-sha256", UNSIGNED_TRAILER);
    let body = unsigned_body(&request.headers).unwrap();
    let mut decoder = Chunked::unsigned(&body).unwrap();
    let mut decoded = Vec::new();
    decoder
        .push(b"3\r\nabc\r\n0\r\n\r\n", &mut |bytes| {
            decoded.extend_from_slice(bytes)
        })
        .unwrap();
    assert_eq!(decoder.finish(), Ok(Trailers::new()));
    assert_eq!(decoded, b"abc");
}
