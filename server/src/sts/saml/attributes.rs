//! Attributes of an assertion that become condition keys of trust policies.
//! Source: IAM User Guide, "Configure SAML assertions for the authentication response", the tables of mappings.

use crate::gate::Fact;

/// How many values of an attribute a key has.
#[derive(Clone, Copy)]
enum Values {
    One,
    Many,
}

use Values::{Many, One};

/// `Name` of an attribute, the key, and how many values it has. The number of `givenName`, which is not X.500's, is the
/// guide's; X.500's own is taken too (rolecall's choice).
const KEYS: &[(&str, &str, Values)] = &[
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1",
        "saml:edupersonaffiliation",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.2",
        "saml:edupersonnickname",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.3",
        "saml:edupersonorgdn",
        One,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.4",
        "saml:edupersonorgunitdn",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.5",
        "saml:edupersonprimaryaffiliation",
        One,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "saml:edupersonprincipalname",
        One,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.7",
        "saml:edupersonentitlement",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.8",
        "saml:edupersonprimaryorgunitdn",
        One,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
        "saml:edupersonscopedaffiliation",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",
        "saml:edupersontargetedid",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.11",
        "saml:edupersonassurance",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.2",
        "saml:eduorghomepageuri",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.3",
        "saml:eduorgidentityauthnpolicyuri",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.4",
        "saml:eduorglegalname",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.5",
        "saml:eduorgsuperioruri",
        Many,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.6",
        "saml:eduorgwhitepagesuri",
        Many,
    ),
    ("urn:oid:2.5.4.3", "saml:cn", Many),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "saml:name",
        One,
    ),
    (
        "http://schemas.xmlsoap.org/claims/CommonName",
        "saml:commonName",
        One,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "saml:givenName",
        One,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "saml:surname",
        One,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "saml:mail",
        One,
    ),
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid",
        "saml:uid",
        One,
    ),
    ("2.5.4.3", "saml:commonName", One),
    ("2.5.4.4", "saml:surname", One),
    ("2.4.5.42", "saml:givenName", One),
    ("2.5.4.42", "saml:givenName", One),
    ("2.5.4.45", "saml:x500UniqueIdentifier", One),
    ("0.9.2342.19200300100.1.1", "saml:uid", One),
    ("0.9.2342.19200300100.1.3", "saml:mail", One),
    ("0.9.2342.19200300.100.1.45", "saml:organizationStatus", One),
];

/// The keys of `attributes`. Of two attributes for one key the first counts.
pub(super) fn keys(attributes: &[(String, Vec<String>)]) -> Vec<(String, Fact)> {
    let mut keys: Vec<(String, Fact)> = Vec::new();
    for (name, values) in attributes {
        let row = KEYS.iter().find(|(of, _, _)| of == name);
        let Some((_, key, count)) = row else { continue };
        if keys.iter().any(|(other, _)| other == key) {
            continue;
        }
        let fact = match count {
            Many => Some(Fact::from(values.clone())),
            One => values.first().map(|value| Fact::from(&**value)),
        };
        keys.extend(fact.map(|fact| ((*key).to_owned(), fact)));
    }
    keys
}
