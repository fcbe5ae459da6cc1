"""The door: Flask-Security's own sign-in, with a limit to failed tries and our words."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, current_app, g, make_response, request

from planner.config import Config
from planner.extensions import FailedTries, current_person, db, now
from planner.services.people import demo_people, folded_email

DEMO_PASSWORD = "bundlinje-demo"  # noqa: S105 - shown at the door of a demonstration


def register(app: Flask) -> None:
    """Put the limit around Flask-Security's door and give its page the demo accounts."""
    app.view_functions["security.login"] = _limited(app.view_functions["security.login"])
    security = app.extensions["security"]
    security.login_context_processor(_demo_accounts)


def _limited(sign_in: Callable[[], Any]) -> Callable[[], Response]:
    def login() -> Response:
        if request.method != "POST" or current_person() is not None:
            return make_response(sign_in())
        tries: FailedTries = current_app.extensions["bundlinje-failed-tries"]
        keys = _keys()
        if any(tries.too_many(key, now=now()) for key in keys):
            abort(429)
        response = make_response(sign_in())
        if current_person() is None:
            for key in keys:
                tries.count(key, now=now())
            response.status_code = 422
        return response

    return login


def _keys() -> tuple[str, str]:
    email = folded_email(request.form.get("email", ""))[:255]
    return f"email:{email}", f"address:{request.remote_addr}"


def _demo_accounts() -> dict[str, Any]:
    config: Config = current_app.config["BUNDLINJE"]
    people = demo_people(db.session) if config.is_loopback else []
    return {
        "demo_accounts": [(person.email, person.name) for person in people],
        "demo_password": DEMO_PASSWORD,
        "failed": request.method == "POST" and g.get("now") is not None,
    }
