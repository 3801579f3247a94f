"""The client over TLS, where a lost connection and a refused certificate look alike to requests."""

import base64
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from batches.clients.openai import ImageRequest, OpenAIClient
from batches.clients.openai_errors import Busy, Unknown
from batches.tests.scripted_server import Reply, Script, ScriptedServer, http

REQUEST = ImageRequest("gpt-image-2.5-flare", "a cat", "1024x1024", "low", "png", "a-hash")
ANSWER = {"data": [{"b64_json": base64.b64encode(b"picture").decode()}]}


def certificate() -> bytes:
    """A key and a certificate for the loopback address, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "upstream")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + signed.public_bytes(encoding)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    file = tmp_path / "upstream.pem"
    file.write_bytes(certificate())
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with ScriptedServer(tls) as server:
        yield server.script
        server.script.closed.set()
        server.shutdown()


def client_of(server: Script) -> OpenAIClient:
    return OpenAIClient(api_key="sk-test", base_url=f"{server.url}/v1", timeout=(60, 60))


def test_certificates_that_the_environment_trusts_are_trusted(server: Script) -> None:
    server.expect(http(ANSWER))
    assert client_of(server).generate(REQUEST).data == b"picture"


def test_a_folder_of_certificates_is_trusted_by_the_links_of_openssl_rehash(
    server: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    shutil.copy(tmp_path / "upstream.pem", folder)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    with pytest.raises(Busy):
        client_of(server).generate(REQUEST)
    subprocess.run(["openssl", "rehash", folder], check=True)
    server.expect(http(ANSWER))
    assert client_of(server).generate(REQUEST).data == b"picture"


def test_a_connection_lost_after_the_request_is_an_unknown_outcome(server: Script) -> None:
    server.expect(Reply(b"", close=True))
    with pytest.raises(Unknown):
        client_of(server).generate(REQUEST)
    assert len(server.requests) == 1


def test_a_refused_certificate_has_cost_nothing(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(Busy):
        client_of(server).generate(REQUEST)
    assert not server.requests
