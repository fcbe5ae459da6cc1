"""The application factory."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import URL, make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from planner import requests
from planner.bell import bell_at
from planner.config import Config
from planner.extensions import FailedTries, babel, csrf, datastore, db, security
from planner.model.database import assert_settings, configure_engine, engine_options
from planner.views.frame import choose_language, remember_language

# modules of planner.views with a `blueprint` or a `register(app)`
VIEWS = (
    "assets",
    "health",
    "errors",
    "frame",
    "auth",
    "overview",
    "notices",
    "settings",
    "prices",
    "people",
    "log",
    "interventions",
    "rounds",
    "owners",
    "scenarios",
    "frontier",
    "stress",
    "alternatives",
    "cut_list",
    "robustness",
    "rule_costs",
    "compare",
    "difference",
    "exchange",
    "method",
    "library",
    "indicators",
)

_PACKAGE = Path(__file__).parent


def create_app(config: Config) -> Flask:
    """Return the application; its database must be migrated.

    Raises
    ------
    planner.config.ConfigError
        When a setting is unsafe.
    planner.model.database.DatabaseSettingError
        When the database does not keep data safe.
    """
    config.refuse_if_unsafe()
    app = Flask("planner", static_folder=str(_PACKAGE / "static"), template_folder=_templates())
    app.config.from_mapping(_flask_settings(config))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["bundlinje-failed-tries"] = FailedTries()
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    _bind_extensions(app)
    for name in VIEWS:
        _register_view(app, name)
    return app


def _templates() -> str:
    """Return the folder of templates: a wheel's own, else the one at the top of the checkout."""
    installed = _PACKAGE / "templates"
    return str(installed if installed.is_dir() else _PACKAGE.parent / "templates")


def _bind_extensions(app: Flask) -> None:
    csrf.init_app(app)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
        assert_settings(db.engine)
    babel.init_app(
        app, locale_selector=choose_language, default_translation_directories="translations"
    )
    # before anybody is sent to the door, which then speaks the language asked for
    app.before_request(remember_language)
    requests.register(app)
    security.init_app(app, datastore())


def _register_view(app: Flask, name: str) -> None:
    if find_spec(f"planner.views.{name}") is None:
        return
    module = import_module(f"planner.views.{name}")
    if hasattr(module, "register"):
        module.register(app)
    else:
        app.register_blueprint(module.blueprint)


def _flask_settings(config: Config) -> Mapping[str, Any]:
    url: URL = make_url(config.database_url)
    bell = bell_at(config.queue_url)
    cookie = "__Host-bundlinje" if config.is_https else "bundlinje"
    return {
        "BUNDLINJE": config,
        "CLOCK": config.clock,
        "DATA_FOLDER": config.data_folder,
        "TESTING": config.testing,
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_ENGINES": {
            "default": {"url": url, **engine_options(config.database_url, bell=bell.ring)}
        },
        "MAX_CONTENT_LENGTH": config.most_request_bytes,
        "MAX_FORM_MEMORY_SIZE": config.most_form_bytes,
        "MAX_FORM_PARTS": config.most_form_parts,
        "SESSION_COOKIE_NAME": cookie,
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 60 * 60,
        # pages renew it themselves, see planner.requests
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "da",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Copenhagen",
        "TRAP_HTTP_EXCEPTIONS": False,
        "PROPAGATE_EXCEPTIONS": False,
        **_security_settings(config),
    }


def _security_settings(config: Config) -> Mapping[str, Any]:
    cost = {f"argon2__{name}": value for name, value in config.password_cost.items()}
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_HASH_OPTIONS": {"argon2__type": "ID", **cost} if cost else {},
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_LOGIN_USER_TEMPLATE": "auth/login.html",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REDIRECT_ALLOW_SUBDOMAINS": False,
        "SECURITY_UNAUTHORIZED_VIEW": None,
    }
