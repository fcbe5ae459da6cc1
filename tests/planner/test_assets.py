"""The drawing library: made once, kept, packed, and never an old edition."""

import gzip

import pytest
from flask import Flask
from flask_babel import Babel

from planner.views import assets


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(assets.vl_convert, "javascript_bundle", lambda entry: f"library; {entry}")
    assets._library.cache_clear()
    app = Flask("planner", root_path=str(tmp_path))
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "page.js").write_text("let a = 1;")
    app.config["DATA_FOLDER"] = tmp_path / "data"
    Babel(app)
    app.register_blueprint(assets.blueprint)
    yield app
    assets._library.cache_clear()


def address(app):
    with app.test_request_context():
        return assets.charts_bundle_url()


def test_the_library_comes_packed_and_may_be_kept_for_ever(app):
    answer = app.test_client().get(address(app), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    assert gzip.decompress(answer.data).decode() == "library; window.vegaEmbed = vegaEmbed;"


def test_a_browser_that_cannot_unpack_gets_it_plain(app):
    answer = app.test_client().get(address(app), headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"library")


def test_another_edition_is_not_here(app):
    assert app.test_client().get("/assets/charts-0.0.js").status_code == 404


def test_it_is_made_once_and_kept_in_the_data_folder(app, tmp_path, monkeypatch):
    first = app.test_client().get(address(app)).data
    monkeypatch.delattr(assets.vl_convert, "javascript_bundle")
    assets._library.cache_clear()
    assert app.test_client().get(address(app)).data == first
    kept = list((tmp_path / "data" / "assets").iterdir())
    assert [path.suffix for path in kept] == [".gz"]


def test_a_changed_file_gets_another_address(app, tmp_path):
    with app.test_request_context():
        before = assets.asset_url("page.js")
        (tmp_path / "static" / "page.js").write_text("let a = 2; // longer")
        after = assets.asset_url("page.js")
    assert before.startswith("/static/page.js?v=")
    assert before != after


def test_a_static_file_is_kept_only_under_its_fingerprint(app):
    with app.test_request_context():
        named = assets.asset_url("page.js")
    client = app.test_client()
    with client.get(named) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with client.get("/static/page.js") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
