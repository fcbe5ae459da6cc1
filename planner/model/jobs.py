"""Calculations: what was asked for, how far it is, how it ended."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word, word_check
from planner.model.people import PersonRecord
from planner.model.scenarios import AllocationRecord, ScenarioRecord
from planner.model.states import JobKind, JobStatus


class JobRecord(Base):
    """One calculation; the row is the truth about it."""

    __tablename__ = "job"
    __table_args__ = (
        word_check("status", JobStatus),
        # the same is computed once at a time, whatever two workers see at the same moment
        Index(
            "uq_job_key_running",
            "key",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
    )
    KIND: ClassVar[str] = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default=JobKind.ALLOCATE)
    status: Mapped[JobStatus] = mapped_column(Word(JobStatus), default=JobStatus.QUEUED, index=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    scenario_version: Mapped[int]
    plan: Mapped[dict[str, Any]]
    # what is asked of the plan, where there is a choice
    question: Mapped[dict[str, Any] | None]
    # an explanation is of a stored result, so its plan stands there
    phase: Mapped[str | None] = mapped_column(String(20))
    done: Mapped[int | None]
    total: Mapped[int | None]
    # seconds the solver may use
    time_limit: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    # the worker that has it or had it last, and until when it is the worker's alone
    owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None]
    # of what is computed: the same key has the same answer
    key: Mapped[str | None] = mapped_column(String(64), index=True)
    # numbers as text, as the solver said them last
    best: Mapped[str | None] = mapped_column(String(40))
    bound: Mapped[str | None] = mapped_column(String(40))
    gap: Mapped[str | None] = mapped_column(String(40))
    seconds: Mapped[str | None] = mapped_column(String(40))
    # the best plan so far: {"funded": n, "of": n, "invested": kroner, "titles": [...]}
    so_far: Mapped[dict[str, Any] | None]
    cancel: Mapped[bool] = mapped_column(default=False)
    # one plain sentence: why it failed, or what to know about the result
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)

    scenario: Mapped[ScenarioRecord] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship()
    allocation: Mapped[AllocationRecord | None] = relationship()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}

    def end(self, now: datetime) -> bool:
        """Note that its work is done; return whether anybody still wants the answer."""
        if self.status is not JobStatus.RUNNING:
            return False
        self.finished_at, self.lease_until = now, None
        self.status = JobStatus.CANCELLED if self.cancel else JobStatus.DONE
        return not self.cancel
