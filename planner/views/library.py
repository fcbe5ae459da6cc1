"""The knowledge shelf at `/library`: its pages, and its workbook in and out."""

from planner.views import library_exchange
from planner.views.library_pages import blueprint

__all__ = ["blueprint"]

blueprint.add_url_rule("/export.xlsx", "export", library_exchange.export)
blueprint.add_url_rule("/import", "upload", library_exchange.upload)
blueprint.add_url_rule("/import", "preview", library_exchange.preview, methods=["POST"])
blueprint.add_url_rule("/import/store", "store", library_exchange.store, methods=["POST"])
