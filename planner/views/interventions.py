"""The pages of candidates: list, one intervention, its form, and the steps of its case."""

from flask import Blueprint

from planner.views.attachments import attachment, attachments, remove_attachment
from planner.views.comments import comments, resolve_comment
from planner.views.intervention_actions import (
    accept,
    enter_round,
    move,
    new_draft,
    return_,
    submit,
    withdraw,
)
from planner.views.intervention_argument import figures
from planner.views.intervention_calculation import calculation
from planner.views.intervention_exchange import preview, store, template, upload, workbook
from planner.views.intervention_form import edit, new
from planner.views.intervention_list import export, index
from planner.views.intervention_margin import log_words
from planner.views.intervention_matrix import matrix
from planner.views.intervention_page import show
from planner.views.intervention_ranking import ranking
from planner.views.intervention_shelf import choose
from planner.views.intervention_versions import duplicate, versions
from planner.views.owners import owners
from planner.views.recalculation import recalculate
from planner.views.road import take_step

blueprint = Blueprint("interventions", __name__, url_prefix="/interventions")

BOTH = ("GET", "POST")
ONLY_POST = ("POST",)

blueprint.add_url_rule("", view_func=index)
blueprint.add_url_rule("/export/<ending>", view_func=export)
blueprint.add_url_rule("/import/workbook.xlsx", view_func=workbook)
blueprint.add_url_rule("/import/template.xlsx", view_func=template)
blueprint.add_url_rule("/import", view_func=upload)
blueprint.add_url_rule("/import", view_func=preview, methods=ONLY_POST)
blueprint.add_url_rule("/import/store", view_func=store, methods=ONLY_POST)
blueprint.add_url_rule("/matrix", view_func=matrix)
blueprint.add_url_rule("/ranking", view_func=ranking)
blueprint.add_url_rule("/new", view_func=new, methods=BOTH)
blueprint.add_url_rule("/<code>", view_func=show)
blueprint.add_url_rule("/<code>/edit/<step>", view_func=edit, methods=BOTH)
blueprint.add_url_rule("/<code>/edit/<step>/shelf", view_func=choose, methods=BOTH)
blueprint.add_url_rule("/<code>/figures/<step>", view_func=figures, methods=ONLY_POST)
blueprint.add_url_rule("/<code>/calculation", view_func=calculation)
blueprint.add_url_rule("/<code>/recalculate", view_func=recalculate, methods=BOTH)
blueprint.add_url_rule("/<code>/submit", view_func=submit, methods=ONLY_POST)
blueprint.add_url_rule("/<code>/accept", view_func=accept, methods=ONLY_POST)
blueprint.add_url_rule("/<code>/return", view_func=return_, methods=BOTH)
blueprint.add_url_rule("/<code>/withdraw", view_func=withdraw, methods=BOTH)
blueprint.add_url_rule("/<code>/department", view_func=move, methods=BOTH)
blueprint.add_url_rule("/<code>/road/<action>", view_func=take_step, methods=BOTH)
blueprint.add_url_rule("/<code>/comments", view_func=comments, methods=BOTH)
blueprint.add_url_rule(
    "/<code>/comments/<int:comment_id>/resolve", view_func=resolve_comment, methods=ONLY_POST
)
blueprint.add_url_rule("/<code>/versions", view_func=versions)
blueprint.add_url_rule("/<code>/duplicate", view_func=duplicate, methods=ONLY_POST)
blueprint.add_url_rule("/<code>/attachments", view_func=attachments, methods=BOTH)
blueprint.add_url_rule("/<code>/attachments/<int:attachment_id>", view_func=attachment)
blueprint.add_url_rule(
    "/<code>/attachments/<int:attachment_id>/remove",
    view_func=remove_attachment,
    methods=ONLY_POST,
)
blueprint.add_url_rule("/<code>/owners", view_func=owners, methods=BOTH)
blueprint.add_url_rule("/<code>/round", view_func=enter_round, methods=BOTH)
blueprint.add_url_rule("/<code>/new-draft", view_func=new_draft, methods=ONLY_POST)
blueprint.add_app_template_filter(log_words, "log_words")
