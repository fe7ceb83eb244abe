"""Makes the fixtures beside it: metadata and responses of a provider, signed by signxml (pip install signxml lxml).

Run once; the results are checked in, so that what is verified was signed by somebody else's code.
"""

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import SignatureMethod, SignatureReference, XMLSigner

HERE = pathlib.Path(__file__).parent
KEYS = HERE.parent / "web_identity"
NOW = "2026-03-04T05:06:07Z"
ISSUER = "https://idp.example.com/saml"
ROLE = "arn:aws:iam::123456789012:role/deploy"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/corp"


def key(name):
    return serialization.load_der_private_key((KEYS / name).read_bytes(), None)


def certificate(private):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    # Ended long ago: AWS does not look at that.
    begin = datetime.datetime(2020, 1, 1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin.replace(year=2021))
    return builder.sign(private, hashes.SHA256())


def pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM).decode()


def body(cert):
    return "".join(pem(cert).splitlines()[1:-1])


RSA, EC, OTHER = key("rs256.der"), key("es256.der"), key("other.der")
CERTS = {private: certificate(private) for private in (RSA, EC, OTHER)}

METADATA = f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{ISSUER}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body(CERTS[RSA])}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body(CERTS[EC])}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body(CERTS[OTHER])}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""

RESPONSE = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_r1" Version="2.0" IssueInstant="{NOW}" Destination="https://signin.aws.amazon.com/saml">
  <saml:Issuer>{ISSUER}</saml:Issuer>
  <samlp:Status>
    <samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>
  </samlp:Status>
  <saml:Assertion xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_a1" Version="2.0" IssueInstant="{NOW}">
    <saml:Issuer>{ISSUER}</saml:Issuer>
    <!-- not a part of any canonical form without comments -->
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ana@example.com</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="2026-03-04T05:11:07Z" Recipient="https://signin.aws.amazon.com/saml"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="2026-03-04T05:05:07Z" NotOnOrAfter="2026-03-04T05:11:07Z">
      <saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <AttributeStatement xmlns="urn:oasis:names:tc:SAML:2.0:assertion">
      <Attribute NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue xsi:type="xs:string">{PROVIDER},{ROLE}</AttributeValue></Attribute>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue xsi:type="xs:string">ana</AttributeValue></Attribute>
      <Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.1"><AttributeValue>staff &amp; more</AttributeValue><AttributeValue>member</AttributeValue></Attribute>
    </AttributeStatement>
  </saml:Assertion>
</samlp:Response>
"""


class Signer(XMLSigner):
    """signxml digests with the prefixes of an enveloped signature and does not say so; this says so."""

    def _build_transforms_for_reference(self, *, transforms_node, reference, **rest):
        super()._build_transforms_for_reference(transforms_node=transforms_node, reference=reference, **rest)
        if reference.inclusive_ns_prefixes:
            exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
            name = etree.QName(exclusive, "InclusiveNamespaces")
            prefixes = " ".join(reference.inclusive_ns_prefixes)
            etree.SubElement(transforms_node[-1], name, PrefixList=prefixes)


def sign(element, private, method, prefixes=None):
    signer = Signer(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#", signature_algorithm=method)
    return signer.sign(
        element,
        key=private,
        cert=pem(CERTS[private]),
        reference_uri=[SignatureReference(URI="#" + element.get("ID"), inclusive_ns_prefixes=prefixes)],
        id_attribute="ID",
        inclusive_ns_prefixes=prefixes,
    )


def swap(private, method, prefixes=None):
    """The response with its assertion signed on its own, as a provider does it; put back as text, so that nothing
    of it is written anew."""
    start, end = RESPONSE.index("<saml:Assertion"), RESPONSE.index("</samlp:Response>")
    # What the envelope declares and the assertion uses is declared in the assertion then.
    declared = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    text = RESPONSE[start:end].replace("<saml:Assertion", "<saml:Assertion " + declared, 1)
    signed = etree.tostring(sign(etree.fromstring(text), private, method, prefixes)).decode()
    return RESPONSE[:start] + signed + "\n" + RESPONSE[end:]


def write(name, text):
    (HERE / name).write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + text)


def whole(text, private, method):
    return etree.tostring(sign(etree.fromstring(text), private, method)).decode()


(HERE / "metadata.xml").write_text(METADATA)
RSA256, EC256 = SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256
write("assertion_rsa.xml", swap(RSA, RSA256))
write("assertion_prefixes.xml", swap(RSA, SignatureMethod.RSA_SHA512, ["xs", "xsi"]))
write("response_ecdsa.xml", whole(RESPONSE, EC, EC256))
write("both.xml", whole(swap(EC, EC256), RSA, RSA256))
write("strange_key.xml", swap(OTHER, EC256))
