"""The certificate that signs videos: the owner's, or a test certificate made at first use."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from media.documents.paths import given_path
from media.errors import SigningError
from studio.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

TEST_ISSUER = "JoyStudio test certificate (nobody checked who holds it)"
"""The issuer in every test certificate. It says nothing about the machine or its owner."""
TEST_FILE = "test-certificate.pem"
TEST_YEARS = 10
RENEWED_BEFORE = timedelta(days=30)
CURVES = {256: "es256", 384: "es384", 521: "es512"}
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----\s*", re.DOTALL)


@dataclass(frozen=True)
class Credentials:
    """The certificates and the private key for signing, both PEM, and C2PA's name of the algorithm."""

    chain: bytes
    key: bytes
    algorithm: str


def credentials(settings: Settings) -> Credentials:
    """The owner's certificate if the settings name one, else the test certificate.

    Raises SigningError for files that cannot be used.
    """
    if settings.certificate is None and settings.private_key is None:
        return load_test_credentials(given_path(settings.keys))
    if settings.certificate is None or settings.private_key is None:
        raise SigningError(
            "Your own certificate needs both JOYSTUDIO_CERTIFICATE and JOYSTUDIO_PRIVATE_KEY; only one "
            "is set."
        )
    chain, key = (_read(given_path(path)) for path in (settings.certificate, settings.private_key))
    return _checked(chain, key, str(settings.certificate))


def load_test_credentials(folder: Path) -> Credentials:
    """The test certificate of a folder, created if there is none or it is about to expire.

    Only the user who runs the program can read it. Raises SigningError if the folder cannot be used.
    """
    path = folder / TEST_FILE
    try:
        if path.exists():
            path.chmod(0o600)
            text = path.read_bytes()
            key = _KEY.search(text)
            # A damaged one can be replaced: it is our own.
            with contextlib.suppress(SigningError):
                return _checked(_KEY.sub(b"", text), key[0] if key else b"", str(path))
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = _make()
        _write_privately(path, made.key + made.chain)
    except OSError as error:
        raise SigningError(
            "The test certificate {path} cannot be stored: {reason}. Set JOYSTUDIO_KEYS to a writable "
            "folder.",
            path=path,
            reason=error.strerror or error,
        ) from error
    return made


def _write_privately(path: Path, data: bytes) -> None:
    """Write a file that others can never read, and that has its name only when complete."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(
            "{path} cannot be read: {reason}. Check its path.", path=path, reason=error.strerror
        ) from error


def _checked(chain: bytes, key: bytes, name: str) -> Credentials:
    """Certificates and key, if they match and are valid today. Raises SigningError."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(key, None)
        first = x509.load_pem_x509_certificates(chain)[0]
    except (ValueError, TypeError) as error:
        raise SigningError(
            "{name} or its key is not a PEM file without a password ({reason}).", name=name, reason=error
        ) from error
    if private.public_key() != first.public_key():
        raise SigningError("The private key does not belong to the first certificate of {name}.", name=name)
    ends = first.not_valid_after_utc
    soon = RENEWED_BEFORE if _is_test(first) else timedelta()
    if not first.not_valid_before_utc <= datetime.now(UTC) < ends - soon:
        raise SigningError(
            "{name} is valid until {ends:%Y-%m-%d} and cannot sign today; renew it.", name=name, ends=ends
        )
    return Credentials(chain, key, _algorithm(first.public_key()))


def _is_test(certificate: Certificate) -> bool:
    return TEST_ISSUER in certificate.issuer.rfc4514_string()


def _algorithm(key: PublicKeyTypes) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size in CURVES:
        return CURVES[key.key_size]
    if isinstance(key, rsa.RSAPublicKey):
        return "ps256"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519"
    raise SigningError("C2PA signs with elliptic curves (P-256 to P-521), RSA or Ed25519; use such a key.")


def _make() -> Credentials:
    """Make a new root and a certificate issued by it; C2PA accepts no self-signed certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID

    # The root's key is discarded at once, so that it can never sign anything else.
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        _builder("root", root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(root_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder("videos", key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        # C2PA requires one of a few purposes; this is the one that every library knows.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), False)
        .sign(root_key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    return Credentials(chain, secret, "es256")


def _builder(common_name: str, key: PublicKeyTypes) -> CertificateBuilder:
    from cryptography import x509

    yesterday = datetime.now(UTC) - timedelta(days=1)  # for clocks that are a little wrong
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(_name("root"))
        .public_key(key)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(yesterday)
        .not_valid_after(yesterday + timedelta(days=365 * TEST_YEARS))
    )


def _name(common_name: str) -> Name:
    from cryptography.x509 import Name, NameAttribute, NameOID

    return Name(
        [
            NameAttribute(NameOID.ORGANIZATION_NAME, TEST_ISSUER),
            NameAttribute(NameOID.COMMON_NAME, f"JoyStudio {common_name}"),
        ]
    )


def _usage(**granted: bool) -> KeyUsage:
    from cryptography.x509 import KeyUsage

    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return KeyUsage(**{name: granted.get(name, False) for name in names.split()})
