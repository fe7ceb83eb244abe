//! What a SAML provider says about itself. Source: OASIS, "Metadata for the SAML V2.0".

use super::faults;
use crate::wire::Fault;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use quick_xml::{Reader, events::Event, name::QName};

/// What is kept of a metadata document, besides its text.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Metadata {
    /// The end of the document.
    pub(crate) valid_until: Option<Timestamp>,
    /// Whom it describes: the issuer of assertions. Empty in states from before it was kept, which no issuer is.
    #[serde(default)]
    pub(crate) entity: String,
    /// The certificates of the keys it signs with, in base 64.
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
}

fn unreadable() -> Fault {
    faults::invalid_input("Could not parse metadata")
}

impl Metadata {
    /// Reads a document. It must describe one provider that signs; entities are not expanded.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader::from_str(text);
        let (mut entity, mut valid_until) = (None::<String>, None);
        let (mut depth, mut provider, mut signing) = (0_usize, false, false);
        // Other roles of the entity have keys too, which sign no assertions.
        let mut in_provider = false;
        let mut certificate: Option<String> = None;
        let mut certificates = Vec::new();
        loop {
            match reader.read_event().map_err(|_| unreadable())? {
                Event::Eof => break,
                Event::DocType(_) => return Err(unreadable()),
                Event::Start(start) => {
                    depth += 1;
                    let attribute = |name: &str| {
                        let found = start.try_get_attribute(name).ok().flatten()?;
                        Some(quick_xml::escape::unescape(&found.value).ok()?.into_owned())
                    };
                    match local(start.name()) {
                        "EntityDescriptor" if depth == 1 => {
                            entity = attribute("entityID");
                            valid_until = attribute("validUntil").and_then(|at| at.parse().ok());
                        }
                        "IDPSSODescriptor" if depth == 2 => {
                            (provider, in_provider) = (true, true);
                        }
                        // A key without a use is for everything.
                        "KeyDescriptor" => {
                            signing =
                                in_provider && attribute("use").is_none_or(|it| it == "signing");
                        }
                        "X509Certificate" if signing => certificate = Some(String::new()),
                        _ => {}
                    }
                }
                Event::Text(text) => {
                    if let Some(certificate) = &mut certificate {
                        certificate.extend(text.chars().filter(|c| !c.is_whitespace()));
                    }
                }
                Event::End(end) => {
                    depth = depth.checked_sub(1).ok_or_else(unreadable)?;
                    match local(end.name()) {
                        "IDPSSODescriptor" if depth == 1 => in_provider = false,
                        "KeyDescriptor" => signing = false,
                        "X509Certificate" => {
                            if let Some(text) = certificate.take() {
                                STANDARD.decode(&text).map_err(|_| unreadable())?;
                                certificates.push(text);
                            }
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        match entity {
            // AWS takes a provider without a certificate, and believes nothing that it signs.
            Some(entity) if depth == 0 && provider => Ok(Self {
                valid_until,
                entity,
                certificates,
            }),
            _ => Err(unreadable()),
        }
    }
}

/// A name without its prefix.
fn local(name: QName<'_>) -> &str {
    name.local_name().into_inner()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_to_its_end() {
        let key = |usage: &str, text: &str| {
            format!(
                "<md:KeyDescriptor {usage}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        };
        let text = format!(
            "<?xml version=\"1.0\"?><md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"https://idp.example.com\" validUntil=\"2030-01-02T03:04:05Z\"><md:IDPSSODescriptor>{}{}{}<ds:X509Certificate>ZQ==</ds:X509Certificate></md:IDPSSODescriptor><md:SPSSODescriptor>{}</md:SPSSODescriptor></md:EntityDescriptor>",
            key("use=\"signing\"", " YQ==\n"),
            key("", "Yg=="),
            key("use=\"encryption\"", "Yw=="),
            key("", "ZA==")
        );
        let read = Metadata::read(&text).unwrap();
        assert_eq!(read.valid_until, "2030-01-02T03:04:05Z".parse().ok());
        assert_eq!(read.entity, "https://idp.example.com");
        assert_eq!(read.certificates, ["YQ==", "Yg=="]);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "aaaa",
            "<a/>",
            "<EntityDescriptor entityID=\"x\"></EntityDescriptor>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><EntityDescriptor entityID=\"x\"><IDPSSODescriptor></IDPSSODescriptor></EntityDescriptor>",
            "<EntityDescriptor entityID=\"x\"><IDPSSODescriptor>",
        ] {
            let fault = Metadata::read(bad).unwrap_err();
            assert_eq!(fault.to_string(), "InvalidInput: Could not parse metadata");
        }
    }
}
