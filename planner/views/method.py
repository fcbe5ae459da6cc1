"""The method page: every rule with its formula, for whoever checks what is computed."""

from flask import Blueprint, render_template

from planner.formats import reader_language as language
from planner.reports.method import method_chapters

blueprint = Blueprint("method", __name__)


@blueprint.get("/method")
def show() -> str:
    """Show every rule as the registered classes say it."""
    return render_template("method/show.html", chapters=method_chapters(language=language()))
