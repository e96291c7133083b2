"""A password and a mail go only to the server whose certificate is good."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.jobs.conftest import OnFreePort, at, put_mail, use_mail_server
from tracker import outbox
from tracker.models import db
from tracker.models.mail import OutgoingMail


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that vouches for itself; the file holds its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def encrypting(office, sink, certificate):
    """The office's mail server, which wants STARTTLS and then a password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked = []

    def check(_server, _session, _envelope, mechanism, data):
        from aiosmtpd.smtp import AuthResult

        asked.append((data.login, data.password))
        return AuthResult(success=True)

    controller = OnFreePort(
        sink, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, authenticator=check,
        auth_required=True,
    )  # fmt: skip
    controller.start()
    use_mail_server(office, controller.port)
    state = office.extensions["mail"]
    state.use_tls, state.username, state.password = True, "dondoc", "mật-khẩu".encode().hex()
    yield asked
    controller.stop()


def deliver():
    return outbox.deliver_pending(now=lambda: at("2026-03-20 07:00"), worker="test")


def test_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_mail(encrypting, sink):
    put_mail()

    done = deliver()

    assert (done.retrying, sink.got, encrypting) == (1, [], [])
    assert "CERTIFICATE_VERIFY_FAILED" in db.session.query(OutgoingMail).one().last_error


def test_a_certificate_of_a_trusted_authority_is_served(encrypting, sink, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    put_mail()

    done = deliver()

    assert done.sent == 1
    assert [login for login, _ in encrypting] == [b"dondoc"]
