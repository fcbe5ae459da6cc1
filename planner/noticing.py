"""The worker's other task: telling of deadlines and of the shelf, and sending what is told."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from planner.model.database import reading, writing
from planner.outbox import Outbox, message_of
from planner.services import notices
from planner.services.shelf_notices import tell_flags

logger = logging.getLogger(__name__)


def tell(engine: Engine, outbox: Outbox, *, clock: Callable[[], datetime]) -> int:
    """Make the notices of deadlines and of the shelf, and send all that wait; return how many.

    What cannot be sent waits for the next time; no transaction is open while sending.
    """
    with writing(engine) as session:
        notices.tell_deadlines(session, now=clock())
        tell_flags(session, now=clock())
        session.commit()
    with reading(engine) as session:
        letters = notices.letters_to_send(session, now=clock())
    sent = []
    for letter in letters:
        try:
            outbox.send(f"notice-{letter.notice_id}", message_of(letter))
        except (OSError, smtplib.SMTPException):
            logger.exception("notice %s could not be sent", letter.notice_id)
            break  # the others would fare no better
        sent.append(letter.notice_id)
    if sent:
        with writing(engine) as session:
            notices.note_mailed(session, sent, now=clock())
            session.commit()
    return len(sent)
