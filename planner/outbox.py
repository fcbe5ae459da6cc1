"""Where e-mails go: a mail server, or files in a folder where none is set.

``BUNDLINJE_SMTP`` names the server, as ``smtp://name:word@host:587`` (STARTTLS where the server
has it) or ``smtps://host``; ``BUNDLINJE_MAIL_FROM`` the sender; ``BUNDLINJE_URL`` the address that
readers know the application by, for the links.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from planner.config import ConfigError
from planner.services.notices import Letter

FOLDER = "outbox"
TIMEOUT_SECONDS = 20


class Outbox(Protocol):
    """Takes one message at a time; an `OSError` says that it could not."""

    def send(self, name: str, message: EmailMessage) -> None:
        """Send ``message``; the same ``name`` is the same message."""


@dataclass(frozen=True, slots=True)
class FileOutbox:
    """Writes each message as a file; one that is there already is not written again."""

    folder: Path

    def send(self, name: str, message: EmailMessage) -> None:
        """Write the message whole, or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.folder / f"{name}.eml"
        if target.exists():
            return
        fresh = target.with_suffix(".part")
        fresh.write_bytes(message.as_bytes(policy=SMTP))
        fresh.chmod(0o600)
        fresh.replace(target)


@dataclass(frozen=True, slots=True)
class SmtpOutbox:
    """Hands each message to a mail server."""

    address: SplitResult

    def send(self, name: str, message: EmailMessage) -> None:  # noqa: ARG002 - files use it
        """Send over TLS wherever the server has it; a word is never sent without."""
        host, port = self.address.hostname or "", self.address.port or 0
        is_tls = self.address.scheme == "smtps"
        context = ssl.create_default_context()
        connect = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
            if is_tls
            else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        )
        with connect as server:
            if not is_tls:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                    is_tls = True
            if self.address.username and is_tls:
                server.login(unquote(self.address.username), unquote(self.address.password or ""))
            server.send_message(message)


def outbox_from(data: Path, environment: Mapping[str, str] | None = None) -> Outbox:
    """Return the mail server that is set, else the folder in the data folder.

    Raises
    ------
    ConfigError
        When the server's address cannot be read.
    """
    environment = os.environ if environment is None else environment
    url = environment.get("BUNDLINJE_SMTP", "")
    if not url:
        return FileOutbox(data / FOLDER)
    address = urlsplit(url)
    if address.scheme not in {"smtp", "smtps"} or not address.hostname:
        raise ConfigError("BUNDLINJE_SMTP is written smtp://host:587 or smtps://host")
    return SmtpOutbox(address)


def message_of(letter: Letter, environment: Mapping[str, str] | None = None) -> EmailMessage:
    """Return a letter as an e-mail; no header holds what somebody typed over several lines."""
    environment = os.environ if environment is None else environment
    message = EmailMessage()
    message["From"] = environment.get("BUNDLINJE_MAIL_FROM", "bundlinje@localhost")
    message["To"] = letter.email
    message["Subject"] = "Bundlinje: " + re.sub(r"\s+", " ", letter.text)[:150]
    message["Message-ID"] = f"<notice-{letter.notice_id}@bundlinje>"
    message["Auto-Submitted"] = "auto-generated"
    base = environment.get("BUNDLINJE_URL", "").rstrip("/")
    hello, see = ("Hello", "See it here") if letter.language == "en" else ("Hej", "Se det her")
    message.set_content(f"{hello} {letter.name}\n\n{letter.text}\n\n{see}: {base}{letter.path}\n")
    return message
