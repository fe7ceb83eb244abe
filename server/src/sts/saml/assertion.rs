//! The response of a provider: whether it holds, and what it says. Source: OASIS, "SAML 2.0 Core" and "Profiles",
//! section 4.1.4; IAM User Guide, "Configure SAML assertions for the authentication response".

use super::{
    attributes,
    document::{self, Element},
    invalid, places,
    signature::{self, DSIG, Key},
};
use crate::{gate::Fact, iam::Tag, wire::Fault};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// What AWS reads of the attributes.
const OURS: &str = "https://aws.amazon.com/SAML/Attributes/";

/// From its issue on. Source: STS API Reference, "AssumeRoleWithSAML", the error of assertions that are older.
const REDEEM_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Who checks, and when.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// The entity that the metadata describe.
    pub(super) entity: &'a str,
    pub(super) keys: &'a [Key],
    /// The provider's own id, which may end the address of the sign-in page.
    pub(super) provider: &'a str,
    pub(super) partition: &'a str,
    pub(super) now: Timestamp,
}

/// An assertion that a provider signed, and that is meant for us and for now.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) subject_type: String,
    /// Where it was to be sent; what `saml:aud` is made of.
    pub(super) recipient: String,
    /// The end of the provider's own session, the earliest that is named.
    pub(super) session_end: Option<Timestamp>,
    /// Names and values, in the order of the document.
    attributes: Vec<(String, Vec<String>)>,
}

fn expired(message: &str) -> Fault {
    Fault::service(400, "ExpiredTokenException", message)
}

fn unsound(what: &str) -> Fault {
    // The sentences about a response's form are rolecall's choice.
    invalid(format!("Invalid SAML response: {what}"))
}

impl Reader<'_> {
    /// Reads a response in base 64.
    pub(super) fn read(&self, text: &str) -> Result<Assertion, Fault> {
        let bytes: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(bytes);
        let bytes = bytes.map_err(|_| invalid("Invalid base64 SAMLResponse"))?;
        let text = str::from_utf8(&bytes).map_err(|_| invalid("Invalid base64 SAMLResponse"))?;
        let root = document::read(text.trim()).ok_or_else(|| unsound("not a document"))?;
        let assertion = self.signed_part(&root)?;
        self.response(&root)?;
        self.assertion(assertion)
    }

    /// The one assertion of the response, when the provider signed it or all of the response. What is read is what the
    /// signature was checked over; a second assertion, wherever it stands, and an id that comes twice are refused.
    fn signed_part<'e>(&self, root: &'e Element) -> Result<&'e Element, Fault> {
        if !root.is(PROTOCOL, "Response") {
            return Err(unsound("not a response"));
        }
        let all = root.descendants();
        if all.iter().any(|it| it.is(ASSERTION, "EncryptedAssertion")) {
            return Err(unsound("rolecall does not decrypt assertions"));
        }
        let count = |local: &str| all.iter().filter(|it| it.name.local == local).count();
        let assertion = root.only(ASSERTION, "Assertion");
        let assertion = assertion.filter(|_| count("Assertion") == 1 && count("Response") == 1);
        let assertion = assertion.ok_or_else(|| unsound("there must be one assertion"))?;
        let mut ids: Vec<&str> = all.iter().filter_map(|it| it.attribute("ID")).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(unsound("two elements have one ID"));
        }
        let signed: Vec<&Element> = [root, assertion]
            .into_iter()
            .filter(|element| signature::is_there(element))
            .collect();
        // Every signature that is there must hold, and stand where one may stand.
        let signatures = all.iter().filter(|it| it.is(DSIG, "Signature")).count();
        let held = signed
            .iter()
            .all(|element| signature::holds(element, self.keys));
        if signed.is_empty() || signatures != signed.len() || !held {
            return Err(invalid("Response signature invalid"));
        }
        Ok(assertion)
    }

    /// What the envelope says. It may be unsigned, so it can only refuse.
    fn response(&self, root: &Element) -> Result<(), Fault> {
        let status = root.only(PROTOCOL, "Status");
        let code = status.and_then(|status| status.only(PROTOCOL, "StatusCode"));
        let code = code.and_then(|code| code.attribute("Value"));
        if code != Some(SUCCESS) {
            return Err(Fault::service(
                403,
                "IDPRejectedClaim",
                "The identity provider (IdP) reported that authentication failed.",
            ));
        }
        let issuer = root.all(ASSERTION, "Issuer").next();
        if issuer.is_some_and(|issuer| issuer.text().as_deref() != Some(self.entity)) {
            return Err(invalid("Issuer not present in specified provider"));
        }
        let destination = root.attribute("Destination");
        if destination.is_some_and(|place| !self.is_sign_in(place)) {
            return Err(unsound("Destination is not the sign-in endpoint"));
        }
        Ok(())
    }

    fn is_sign_in(&self, place: &str) -> bool {
        places::is_sign_in(self.partition, self.provider, place)
    }

    fn assertion(&self, assertion: &Element) -> Result<Assertion, Fault> {
        let issuer = assertion.only(ASSERTION, "Issuer").and_then(Element::text);
        let issuer = issuer.filter(|issuer| issuer == self.entity);
        let issuer = issuer.ok_or_else(|| invalid("Issuer not present in specified provider"))?;
        self.issued(assertion)?;
        self.conditions(assertion)?;
        let subject = assertion.only(ASSERTION, "Subject");
        let subject = subject.ok_or_else(|| unsound("there must be one Subject"))?;
        let recipient = self.confirmed(subject)?;
        let name = subject.only(ASSERTION, "NameID");
        let name = name.ok_or_else(|| unsound("there must be one NameID"))?;
        let format = name.attribute("Format").unwrap_or(UNSPECIFIED);
        let text = name.text().filter(|text| !text.is_empty());
        Ok(Assertion {
            issuer,
            subject: text.ok_or_else(|| unsound("NameID is empty"))?,
            subject_type: format.strip_prefix(FORMAT).unwrap_or(format).to_owned(),
            recipient,
            session_end: self.session_end(assertion)?,
            attributes: attributes_of(assertion)?,
        })
    }

    fn issued(&self, assertion: &Element) -> Result<(), Fault> {
        let at = time(assertion, "IssueInstant")?;
        let at = at.ok_or_else(|| unsound("IssueInstant is missing"))?;
        let age = self.now.duration_since(at);
        if age > REDEEM_WITHIN {
            let message = "Token must be redeemed within 5 minutes of issuance";
            return Err(expired(message));
        }
        // Clocks differ; rolecall's choice: as far as the other way.
        if age < -REDEEM_WITHIN {
            return Err(unsound("it was issued in the future"));
        }
        Ok(())
    }

    /// The window of time, and that it is meant for us.
    fn conditions(&self, assertion: &Element) -> Result<(), Fault> {
        let audience = || invalid("Response does not contain the required audience.");
        let conditions = assertion
            .only(ASSERTION, "Conditions")
            .ok_or_else(audience)?;
        self.window(conditions)?;
        let mut meant = false;
        for condition in conditions.elements() {
            if condition.is(ASSERTION, "AudienceRestriction") {
                let mut audiences = condition.all(ASSERTION, "Audience");
                let ours = |text: String| places::is_audience(self.partition, self.provider, &text);
                if !audiences.any(|it| it.text().is_some_and(ours)) {
                    return Err(audience());
                }
                meant = true;
            } else if !condition.is(ASSERTION, "OneTimeUse")
                && !condition.is(ASSERTION, "ProxyRestriction")
            {
                return Err(unsound("a condition is not understood"));
            }
        }
        meant.then_some(()).ok_or_else(audience)
    }

    fn window(&self, element: &Element) -> Result<(), Fault> {
        if time(element, "NotOnOrAfter")?.is_some_and(|end| self.now >= end) {
            return Err(expired("The SAML assertion has expired"));
        }
        if time(element, "NotBefore")?.is_some_and(|begin| begin > self.now) {
            return Err(unsound("it is not valid yet"));
        }
        Ok(())
    }

    /// The one confirmation of the subject; where it was to be sent.
    fn confirmed(&self, subject: &Element) -> Result<String, Fault> {
        let confirmation = subject.only(ASSERTION, "SubjectConfirmation");
        let confirmation = confirmation.filter(|it| it.attribute("Method") == Some(BEARER));
        let data = confirmation.and_then(|it| it.only(ASSERTION, "SubjectConfirmationData"));
        let data = data.ok_or_else(|| unsound("there must be one bearer SubjectConfirmation"))?;
        if data.attribute("NotOnOrAfter").is_none() {
            return Err(unsound("SubjectConfirmationData has no NotOnOrAfter"));
        }
        self.window(data)?;
        let recipient = data.attribute("Recipient");
        let recipient = recipient.filter(|place| self.is_sign_in(place));
        let message = "Recipient is not the sign-in endpoint";
        Ok(recipient.ok_or_else(|| unsound(message))?.to_owned())
    }

    fn session_end(&self, assertion: &Element) -> Result<Option<Timestamp>, Fault> {
        let mut first = None;
        for statement in assertion.all(ASSERTION, "AuthnStatement") {
            let end = time(statement, "SessionNotOnOrAfter")?;
            if end.is_some_and(|end| self.now >= end) {
                return Err(expired("The session at the identity provider has ended"));
            }
            first = [first, end].into_iter().flatten().min();
        }
        Ok(first)
    }
}

fn time(element: &Element, name: &str) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let at = text.parse().map_err(|_| unsound("a time cannot be read"))?;
    Ok(Some(at))
}

fn attributes_of(assertion: &Element) -> Result<Vec<(String, Vec<String>)>, Fault> {
    let statements = assertion.all(ASSERTION, "AttributeStatement");
    let all = statements.flat_map(|statement| statement.all(ASSERTION, "Attribute"));
    let read = |attribute: &Element| {
        let name = attribute.attribute("Name")?.to_owned();
        let values = attribute.all(ASSERTION, "AttributeValue");
        // A value that is XML itself is of no use to a condition.
        Some((name, values.filter_map(Element::text).collect()))
    };
    let read = |attribute| read(attribute).ok_or_else(|| unsound("an attribute has no Name"));
    all.map(read).collect()
}

impl Assertion {
    fn ours(&self, name: &str) -> Option<&[String]> {
        let named = |full: &str| full.strip_prefix(OURS) == Some(name);
        let mut all = self.attributes.iter().filter(|(full, _)| named(full));
        Some(all.next()?.1.as_slice())
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.ours(name)?.first().map(|value| &**value)
    }

    /// Whether the provider says that this person may have this role through it.
    pub(super) fn lists(&self, role: &str, provider: &str) -> bool {
        let pairs = self.ours("Role").unwrap_or_default();
        pairs.iter().any(|pair| {
            let pair = pair.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
            pair == Some((role, provider)) || pair == Some((provider, role))
        })
    }

    /// The name of the session.
    pub(super) fn session_name(&self) -> Result<&str, Fault> {
        let name = self.one("RoleSessionName").filter(|name| !name.is_empty());
        name.ok_or_else(|| invalid("RoleSessionName is required in AuthnResponse"))
    }

    pub(super) fn source_identity(&self) -> Option<&str> {
        self.one("SourceIdentity")
    }

    /// How long a session may last at most.
    pub(super) fn seconds(&self, now: Timestamp) -> Result<Option<i64>, Fault> {
        let read = |text: &str| {
            let seconds = text.parse().ok().filter(|n| (900..=43_200).contains(n));
            // rolecall's choice of words.
            seconds.ok_or_else(|| invalid("SessionDuration must be between 900 and 43200"))
        };
        let said = self.one("SessionDuration").map(read).transpose()?;
        let left = self
            .session_end
            .map(|end| end.duration_since(now).as_secs());
        Ok([said, left].into_iter().flatten().min())
    }

    /// Session tags, one attribute each.
    pub(super) fn tags(&self) -> Vec<Tag> {
        let tag = |(name, values): &(String, Vec<String>)| {
            let key = name.strip_prefix(OURS)?.strip_prefix("PrincipalTag:")?;
            Some(Tag {
                key: key.to_owned(),
                value: values.first()?.clone(),
            })
        };
        self.attributes.iter().filter_map(tag).collect()
    }

    pub(super) fn transitive_keys(&self) -> Vec<String> {
        self.ours("TransitiveTagKeys").unwrap_or_default().to_vec()
    }

    /// The keys that only a trust policy sees.
    pub(super) fn attribute_keys(&self) -> Vec<(String, Fact)> {
        attributes::keys(&self.attributes)
    }
}
