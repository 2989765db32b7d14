"""A local SAML identity provider that signs its answers with xmlsec; a test may break each."""

import base64
import datetime as dt
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import flask
import werkzeug.serving
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from lms_progress.sign_in.providers import Provider, from_environment

SUBJECT = "7f0c-lena"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
NAMES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
}
LENA = {
    "urn:oid:0.9.2342.19200300.100.1.3": "lena@example.org",
    "urn:oid:2.16.840.1.113730.3.1.241": "Lena Fischer",
}


def a_key() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Local provider")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


@dataclass(frozen=True)
class SamlAnswer:
    """What an answer says. None leaves a part out; times are seconds from now."""

    request_id: str | None
    acs: str
    audience: str | None
    issuer: str
    subject: str | None = SUBJECT
    name_format: str = PERSISTENT
    attributes: tuple[tuple[str, str], ...] = tuple(LENA.items())
    assertion_id: str = "_assertion"
    method: str = BEARER
    recipient: str | None = "the acs"
    destination: str | None = "the acs"
    confirms: str | None = "the request"
    confirmed_until: int | None = 300
    not_before: int = -10
    not_on_or_after: int = 300
    status: str = "Success"
    digest: str = "sha256"
    is_assertion_signed: bool = True
    is_response_signed: bool = False


def _moment(seconds: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _attribute(name: str, value: str | None) -> str:
    return "" if value is None else f' {name}="{value}"'


def document(answer: SamlAnswer) -> etree._Element:
    """The answer without signatures."""
    known = {"the acs": answer.acs, "the request": answer.request_id}
    recipient, destination, confirms = (
        known.get(value, value) if value else value
        for value in (answer.recipient, answer.destination, answer.confirms)
    )
    until = None if answer.confirmed_until is None else _moment(answer.confirmed_until)
    confirmation = (
        _attribute("Recipient", recipient)
        + _attribute("InResponseTo", confirms)
        + _attribute("NotOnOrAfter", until)
    )
    audience = (
        ""
        if answer.audience is None
        else "<saml:AudienceRestriction><saml:Audience>"
        f"{answer.audience}</saml:Audience></saml:AudienceRestriction>"
    )
    name = (
        ""
        if answer.subject is None
        else f'<saml:NameID Format="{answer.name_format}">{answer.subject}</saml:NameID>'
    )
    attributes = "".join(
        f'<saml:Attribute Name="{key}"><saml:AttributeValue>{value}</saml:AttributeValue>'
        "</saml:Attribute>"
        for key, value in answer.attributes
    )
    statement = f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"
    now = _moment(0)
    text = f"""<samlp:Response xmlns:samlp="{NAMES["samlp"]}" xmlns:saml="{NAMES["saml"]}"
 ID="_response" Version="2.0" IssueInstant="{now}"{_attribute("Destination", destination)}{
        _attribute("InResponseTo", answer.request_id)
    }><saml:Issuer>{answer.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode
 Value="urn:oasis:names:tc:SAML:2.0:status:{answer.status}"/></samlp:Status><saml:Assertion
 ID="{answer.assertion_id}" Version="2.0" IssueInstant="{now}"><saml:Issuer>{
        answer.issuer
    }</saml:Issuer>
<saml:Subject>{name}<saml:SubjectConfirmation Method="{
        answer.method
    }"><saml:SubjectConfirmationData{
        confirmation
    }/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{
        _moment(answer.not_before)
    }" NotOnOrAfter="{_moment(answer.not_on_or_after)}">{
        audience
    }</saml:Conditions><saml:AuthnStatement
 AuthnInstant="{
        now
    }"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>{
        statement if attributes else ""
    }</saml:Assertion></samlp:Response>"""
    return etree.fromstring(text)


class LocalProvider:
    def __init__(self) -> None:
        self.key, self.certificate = a_key()
        self.entity_id = "https://idp.hill.example/saml"
        self.url = ""
        self.answer: dict = {}

    def metadata(self) -> str:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 entityID="{self.entity_id}"><md:IDPSSODescriptor
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{
            base64.b64encode(der).decode()
        }</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService
 Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{self.url}/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""

    def asked(self, location: str, **changes) -> SamlAnswer:
        """The right answer to the request in this address, with the test's changes."""
        packed = parse_qs(urlsplit(location).query)["SAMLRequest"][0]
        request = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
        right = SamlAnswer(
            request_id=request.get("ID"),
            acs=request.get("AssertionConsumerServiceURL"),
            audience=request.findtext("saml:Issuer", namespaces=NAMES),
            issuer=self.entity_id,
            assertion_id=f"_{request.get('ID')}",
        )
        return replace(right, **(self.answer | changes))

    def signed(self, answer: SamlAnswer, key: rsa.RSAPrivateKey | None = None) -> bytes:
        response = document(answer)
        if answer.is_assertion_signed:
            self._sign(response.find("saml:Assertion", NAMES), answer.digest, key)
        if answer.is_response_signed:
            self._sign(response, answer.digest, key)
        return etree.tostring(response)

    def _sign(self, element, digest: str, key) -> None:
        transforms = xmlsec.constants
        method, hashed = {
            "sha256": (transforms.TransformRsaSha256, transforms.TransformSha256),
            "sha1": (transforms.TransformRsaSha1, transforms.TransformSha1),
        }[digest]
        signature = xmlsec.template.create(element, transforms.TransformExclC14N, method, ns="ds")
        element.insert(1, signature)  # after the issuer
        xmlsec.tree.add_ids(element, ["ID"])
        reference = xmlsec.template.add_reference(signature, hashed, uri=f"#{element.get('ID')}")
        xmlsec.template.add_transform(reference, transforms.TransformEnveloped)
        xmlsec.template.add_transform(reference, transforms.TransformExclC14N)
        pem = (key or self.key).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
        context.sign(signature)

    def app(self) -> flask.Flask:
        app = flask.Flask("idp")
        app.add_url_rule("/metadata", "metadata", self.metadata)

        @app.get("/sso")
        def sso():
            answer = self.asked(flask.request.url)
            packed = base64.b64encode(self.signed(answer)).decode()
            return (
                '<!doctype html><html lang="en"><title>Hill School</title><link rel="icon" '
                f'href="data:,"><form method="post" action="{answer.acs}"><input type="hidden" '
                f'name="SAMLResponse" value="{packed}"><button>Continue as Lena</button></form>'
            )

        return app


def settings_of(place: str, entity_id: str, **more: str) -> dict[str, str]:
    values = {
        "KIND": "saml",
        "LABEL": "Hill School",
        "METADATA": place,
        "ENTITY_ID": entity_id,
        "EMAIL_IS_VERIFIED": "true",
    }
    return {"SIGN_IN_PROVIDERS": "school"} | {
        f"SIGN_IN_SCHOOL_{name}": value for name, value in (values | more).items()
    }


def configured(place: str, entity_id: str, **more: str) -> dict[str, Provider]:
    return from_environment(settings_of(place, entity_id, **more))


@contextmanager
def running() -> Iterator[LocalProvider]:
    provider = LocalProvider()
    server = werkzeug.serving.make_server("localhost", 0, provider.app(), threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
