from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from media.errors import SigningError
from studio.provenance import certificates
from studio.provenance.certificates import TEST_FILE, TEST_ISSUER, credentials
from studio.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(keys=tmp_path / "share" / "joystudio")


def test_the_test_certificate_is_made_once_and_for_its_user_only(settings: Settings) -> None:
    first = credentials(settings)
    assert credentials(settings) == first
    path = settings.keys / TEST_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.keys.stat().st_mode) == 0o700
    assert [file.name for file in settings.keys.iterdir()] == [TEST_FILE]
    path.chmod(0o644)
    assert credentials(settings) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_test_certificate_contains_no_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "someone")
    chain = x509.load_pem_x509_certificates(credentials(settings).chain)
    names = {attribute.value for cert in chain for attribute in cert.subject}
    assert names == {TEST_ISSUER, "JoyStudio videos", "JoyStudio root"}
    assert chain[0].issuer == chain[1].subject
    chain[0].verify_directly_issued_by(chain[1])


def test_a_damaged_or_old_test_certificate_is_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = credentials(settings)
    (settings.keys / TEST_FILE).write_bytes(first.key[:40])
    second = credentials(settings)
    assert second.chain != first.chain
    monkeypatch.setattr(certificates, "RENEWED_BEFORE", timedelta(days=365 * 11))
    third = credentials(settings)
    assert third.chain != second.chain


def test_two_users_of_one_folder_do_not_lose_a_key(settings: Settings) -> None:
    made = [certificates._make() for _ in range(2)]
    settings.keys.mkdir(parents=True)
    for each in made:
        certificates._write_privately(settings.keys / TEST_FILE, each.key + each.chain)
    assert credentials(settings) == made[1]


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SigningError, match="JOYSTUDIO_KEYS"):
        credentials(Settings(keys=tmp_path / "file" / "keys"))


def own(folder: Path, key: CertificateIssuerPrivateKeyTypes, *, days: int = 30) -> Settings:
    """Settings that name a certificate for a key; valid for so many days from yesterday on."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Studio Example")])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(yesterday)
        .not_valid_after(yesterday + timedelta(days=days))
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256())
    )
    (folder / "own.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "own.key").write_bytes(secret)
    return Settings(certificate=folder / "own.pem", private_key=folder / "own.key", keys=folder / "none")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "es256"),
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_own_certificate_is_used(
    tmp_path: Path, key: CertificateIssuerPrivateKeyTypes, algorithm: str
) -> None:
    found = credentials(own(tmp_path, key))
    assert found.algorithm == algorithm
    assert found.chain == (tmp_path / "own.pem").read_bytes()
    assert not (tmp_path / "none").exists()


def test_unusable_certificates_are_reported(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    settings = own(tmp_path, key)
    with pytest.raises(SigningError, match="only one is set"):
        credentials(settings.model_copy(update={"private_key": None}))
    with pytest.raises(SigningError, match="cannot be read"):
        credentials(settings.model_copy(update={"certificate": tmp_path / "nothing"}))
    with pytest.raises(SigningError, match="not a PEM file"):
        credentials(settings.model_copy(update={"private_key": tmp_path / "own.pem"}))
    with pytest.raises(SigningError, match="valid until"):
        credentials(own(tmp_path, key, days=1))
    other = tmp_path / "other"
    other.mkdir()
    stranger = own(other, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(SigningError, match="does not belong"):
        credentials(settings.model_copy(update={"private_key": stranger.private_key}))
    with pytest.raises(SigningError, match="elliptic curves"):
        credentials(own(tmp_path, ec.generate_private_key(ec.SECP192R1())))


def test_a_key_is_never_readable_by_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        certificates._write_privately(tmp_path / "key", b"secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
