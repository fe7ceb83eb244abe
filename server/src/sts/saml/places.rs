//! Where a response may be sent to, and for whom it may be meant. Source: IAM User Guide, "Configure SAML assertions for
//! the authentication response"; AWS Sign-In endpoints of the General Reference.

/// Partition, the name of its sign-in page without a Region, and the audiences besides that page.
const SIGN_IN: &[(&str, &str, &[&str])] = &[
    ("aws", "signin.aws.amazon.com", &["urn:amazon:webservices"]),
    (
        "aws-cn",
        "signin.amazonaws.cn",
        &["urn:amazon:webservices:cn-north-1"],
    ),
    (
        "aws-us-gov",
        "signin.amazonaws-us-gov.com",
        &["urn:amazon:webservices:govcloud"],
    ),
];

fn page(partition: &str) -> Option<(&'static str, &'static [&'static str])> {
    let row = SIGN_IN.iter().find(|(of, _, _)| *of == partition)?;
    Some((row.1, row.2))
}

/// Whether `place` is the sign-in page of `partition`, global or of a Region, or the one of the provider with this id.
pub(super) fn is_sign_in(partition: &str, provider: &str, place: &str) -> bool {
    let Some((page, _)) = page(partition) else {
        return false;
    };
    let rest = place.strip_prefix("https://");
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let region = |host: &str| {
        let region = host.strip_suffix(page).and_then(|it| it.strip_suffix('.'));
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        region.is_some_and(|region| !region.is_empty() && region.chars().all(word))
    };
    let own = path.strip_prefix("saml/acs/");
    (host == page || region(host)) && (path == "saml" || own == Some(provider))
}

/// Whether a response for `audience` is meant for AWS.
pub(super) fn is_audience(partition: &str, provider: &str, audience: &str) -> bool {
    let names = page(partition).map(|(_, names)| names).unwrap_or_default();
    names.contains(&audience) || is_sign_in(partition, provider, audience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sign_in_pages_are_sign_in_pages() {
        let is = |place| is_sign_in("aws", "SAMLSPX", place);
        for good in [
            "https://signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSPX",
        ] {
            assert!(is(good), "{good}");
            assert!(is_audience("aws", "SAMLSPX", good), "{good}");
        }
        for bad in [
            "",
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml/",
            "https://signin.aws.amazon.com/saml/acs/SAMLSPY",
            "https://signin.aws.amazon.com.example.com/saml",
            "https://example.com/signin.aws.amazon.com/saml",
            "https://evil@eu.signin.aws.amazon.com/saml",
            "https://xsignin.aws.amazon.com/saml",
            "https://signin.amazonaws.cn/saml",
            "urn:amazon:webservices",
        ] {
            assert!(!is(bad), "{bad}");
        }
        assert!(is_audience("aws", "", "urn:amazon:webservices"));
        assert!(is_audience(
            "aws-cn",
            "",
            "urn:amazon:webservices:cn-north-1"
        ));
        assert!(!is_audience("aws-cn", "", "urn:amazon:webservices"));
    }
}
