"""What is said of a calculation: what it is doing, and how far it is."""

from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from planner import formats
from planner.formats import reader_language as language
from planner.model import JobRecord
from planner.model.states import JobStatus
from planner.views.following import JobLine, parts_done, place


def job_line(job: JobRecord) -> JobLine:
    """Return what is said of a calculation under way."""
    return JobLine(
        url=url_for("allocations.job", scenario_id=job.scenario_id),
        headline=job_headline(job),
        detail=job_detail(job),
        share=_share(job),
        plan=plan_so_far(job),
        seen=url_for("notices.seen", job_id=job.id),
    )


def explaining_line(job: JobRecord) -> JobLine:
    """Return what is said of an explanation under way."""
    return JobLine(
        url=url_for("allocations.explaining", scenario_id=job.scenario_id),
        headline=explaining_headline(job),
        detail=explaining_detail(job),
        share=explaining_share(job),
    )


def explaining_headline(job: JobRecord) -> str:
    """Return what the work on an explanation is doing."""
    if job.status is JobStatus.QUEUED:
        return _("Every why is worked out soon")
    if job.status is JobStatus.DONE:
        return _("Every why is worked out")
    if job.is_over:
        return _("The explanation was not finished")
    return _("Working out why each is funded or not")


def explaining_detail(job: JobRecord) -> str:
    """Return how far the work on an explanation is."""
    if job.status is not JobStatus.RUNNING:
        return place(job)
    return {
        "interventions": _("%(done)s of %(total)s interventions", **parts_done(job)),
        "limits": _("%(done)s of %(total)s limits", **parts_done(job)),
        "conflict": _("Looking for the limits that cannot be kept together"),
    }.get(job.phase or "", _("Proving the best plan"))


def explaining_share(job: JobRecord) -> float | None:
    """Return how far the present part of an explanation is, from 0 to 1."""
    if job.status is not JobStatus.RUNNING or not job.total or job.phase == "best":
        return None
    return (job.done or 0) / job.total


def job_headline(job: JobRecord) -> str:
    """Return what a calculation is doing."""
    return {
        JobStatus.QUEUED: _("Waiting for its turn"),
        JobStatus.RUNNING: _("Looking for the best plan"),
        JobStatus.DONE: _("Done"),
        JobStatus.FAILED: _("The calculation failed"),
        JobStatus.CANCELLED: _("The calculation was cancelled"),
    }[job.status]


def job_detail(job: JobRecord) -> str:
    """Return how far it is: the best so far, how far it can be from the best, the time."""
    if job.status is not JobStatus.RUNNING:
        return place(job)
    parts = []
    if job.best is not None:
        parts.append(_("best so far: %(best)s", best=_objective(job)))
    if job.best is not None and job.gap is not None:
        gap = formats.percent(Decimal(job.gap), decimals=1, language=language())
        parts.append(_("at most %(gap)s from the best possible", gap=gap))
    seconds = formats.number(Decimal(job.seconds or "0"), language=language())
    parts.append(
        _("%(seconds)s of at most %(limit)s seconds", seconds=seconds, limit=job.time_limit)
    )
    return "; ".join(parts)


def plan_so_far(job: JobRecord) -> str:
    """Return what the best plan so far funds; nothing before there is one."""
    if job.status is not JobStatus.RUNNING or not job.so_far:
        return ""
    found = job.so_far
    invested = formats.say_million(Decimal(str(found["invested"])), language=language())
    said = _(
        "The best plan so far funds %(funded)s of %(of)s interventions for %(invested)s:",
        funded=found["funded"],
        of=found["of"],
        invested=invested,
    )
    more = found["funded"] - len(found["titles"])
    titles = ", ".join(found["titles"])
    if more > 0:
        titles = _("%(titles)s and %(more)s more", titles=titles, more=more)
    return f"{said} {titles}."


def _objective(job: JobRecord) -> str:
    terms = job.plan["scenario"]["objective"]["terms"]
    value = Decimal(job.best or "0")
    if all(term["of"] in {"net_saving", "saving"} for term in terms):
        return formats.say_million_change(value, language=language())
    return formats.number(value, language=language())


def _share(job: JobRecord) -> float | None:
    if job.status is not JobStatus.RUNNING or job.seconds is None:
        return None
    return min(1.0, float(job.seconds) / max(1, job.time_limit))
