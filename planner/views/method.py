"""The method page: every rule with its formula, for whoever checks what is computed."""

from flask import Blueprint, render_template

from planner.formats import reader_language as language
from planner.reports.method import method_chapters
from planner.views.frame import knowledge_tabs

blueprint = Blueprint("method", __name__)


@blueprint.get("/method")
def show() -> str:
    """Show every rule as the registered classes say it."""
    return render_template(
        "method/show.html",
        tabs=knowledge_tabs("/method"),
        chapters=method_chapters(language=language()),
    )
