"""What the browser loads beside the pages: addresses of static files, and the drawing library.

No script of others lies in the repository. The library that draws the charts comes out of the
installed vl-convert, is made once (it takes a second or two), kept under its version in the data
folder, and served packed; its address carries the version, so a browser may keep it for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import threading
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import vl_convert
from flask import Blueprint, Response, abort, current_app, request, url_for

blueprint = Blueprint("assets", __name__, url_prefix="/assets")

LIBRARY_VERSION: Final = version("vl-convert-python")
ENTRY: Final = "window.vegaEmbed = vegaEmbed;"
EDITION: Final = f"{LIBRARY_VERSION}-{hashlib.sha256(ENTRY.encode()).hexdigest()[:6]}"
FOR_EVER: Final = "public, max-age=31536000, immutable"
LEVEL: Final = 9
OK: Final = 200
_making = threading.Lock()


def packed_library(folder: Path) -> bytes:
    """Return the drawing library, gzipped, from `folder` or made now and left there."""
    kept = folder / f"charts-{EDITION}.js.gz"
    with _making:
        if not kept.is_file():
            script = vl_convert.javascript_bundle(ENTRY)
            _write_whole(kept, gzip.compress(script.encode(), LEVEL, mtime=0))
        return kept.read_bytes()


def _write_whole(path: Path, content: bytes) -> None:
    """Write so that another process finds the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)


@cache
def _library(folder: Path) -> bytes:
    return packed_library(folder)


@blueprint.get("/charts-<edition>.js")
def charts(edition: str) -> Response:
    """Serve the drawing library; another version than ours is not here."""
    if edition != EDITION:
        abort(404)
    packed = _library(Path(current_app.config["DATA_FOLDER"]) / "assets")
    answer = Response(mimetype="text/javascript")
    answer.headers["Cache-Control"] = FOR_EVER
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        answer.set_data(packed)
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer.set_data(gzip.decompress(packed))
    return answer


@cache
def _fingerprint(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@blueprint.after_app_request
def _keep_static(answer: Response) -> Response:
    """Let a browser keep a static file for ever when it was asked for by its fingerprint."""
    if request.endpoint == "static" and request.args.get("v") and answer.status_code == OK:
        answer.headers["Cache-Control"] = FOR_EVER
    return answer


def asset_url(name: str) -> str:
    """Return the address of a static file, with a fingerprint of its content."""
    path = Path(str(current_app.static_folder)) / name
    return url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime_ns))


def charts_bundle_url() -> str:
    """Return the address of the drawing library."""
    return url_for("assets.charts", edition=EDITION)


@blueprint.app_context_processor
def _addresses() -> dict[str, object]:
    return {"asset_url": asset_url, "charts_bundle_url": charts_bundle_url}
