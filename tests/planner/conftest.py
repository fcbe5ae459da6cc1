"""An application on a database of its own, people who sign in, and a demanding browser."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, make_url, select, text
from werkzeug.test import TestResponse

from planner.app import create_app
from planner.config import Config
from planner.extensions import db
from planner.migrations import upgrade
from planner.model import CaseRecord, DepartmentRecord, PersonRecord, StrategyRecord
from planner.model.database import PlannerSession, engine_for, reading, writing
from planner.model.states import Category, FlowKind, PayerLevel, Role
from planner.services.cases import case_data
from planner.services.interventions import (
    CaseData,
    FlowData,
    MeasureData,
    OptionData,
    create_draft,
)
from planner.services.people import create_person
from planner.services.strategies import (
    DepartmentData,
    PayerData,
    PoolData,
    StrategyData,
    create_strategy,
)

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef"
PASSWORD = "a-long-enough-password"
BEGINNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}

# name: role, department
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "administrator": (Role.ADMINISTRATOR, None),
    "finance": (Role.FINANCE, None),
    "social": (Role.DEPARTMENT_EDITOR, "social"),
    "social_reader": (Role.DEPARTMENT_READER, "social"),
    "employment": (Role.DEPARTMENT_EDITOR, "employment"),
    "politician": (Role.POLITICIAN, None),
    "auditor": (Role.AUDITOR, None),
}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **units: float) -> None:
        self.now += timedelta(**units)


# --- Builders -------------------------------------------------------------------------------------


def a_flow(year: int, amount: int, **changes: Any) -> FlowData:
    """A flow of the municipality; negative amounts are the investment, others a saving."""
    values: dict[str, Any] = {
        "year": year,
        "payer": "kommune",
        "category": Category.SERVICE,
        "kind": FlowKind.OUTLAY if amount < 0 else FlowKind.SAVING,
        "amount": amount,
        "line": "Investering" if amount < 0 else "Mindre forbrug",
    }
    if amount > 0 and changes.get("cashable", True):
        values["budget_line"] = "5.38"
    return FlowData(**(values | changes))


def an_option(key: str = "base", **changes: Any) -> OptionData:
    values: dict[str, Any] = {
        "key": key,
        "title": "Fuld skala",
        "pool": "pulje",
        "flows": (a_flow(2027, -3_000_000), a_flow(2028, 1_500_000), a_flow(2029, 2_500_000)),
        "measures": (MeasureData(name="citizens", value=Decimal(40)),),
    }
    return OptionData(**(values | changes))


def a_case(title: str = "Housing First", **changes: Any) -> CaseData:
    values: dict[str, Any] = {
        "title": title,
        "summary": "Hjælper 40 hjemløse i egen bolig.",
        "target_group": "Hjemløse",
        "evidence_stars": 2,
        "tags": ("forebyggelse",),
        "options": (an_option(),),
    }
    return CaseData(**(values | changes))


def a_strategy(
    session: PlannerSession, *, title: str = "Budget 2027", **changes: Any
) -> StrategyRecord:
    """A strategy with three purses, two departments and one pool."""
    values: dict[str, Any] = {
        "title": title,
        "municipality": "Prøveby Kommune",
        "price_year": 2027,
        "budget_year": 2027,
        "horizon_first": 2027,
        "horizon_last": 2036,
        "discount": [{"after_year": 0, "rate": 0.035}],
    }
    return create_strategy(
        session,
        StrategyData(**(values | changes)),
        payers=[
            PayerData("kommune", "Kommunen", PayerLevel.MUNICIPALITY),
            PayerData("region", "Regionen", PayerLevel.REGION),
            PayerData("stat", "Staten", PayerLevel.STATE),
        ],
        departments=[
            DepartmentData("social", "Sociale forhold"),
            DepartmentData("employment", "Beskæftigelse"),
        ],
        pools=[PoolData("pulje", "Investeringspuljen")],
        by=None,
        now=BEGINNING,
    )


@pytest.fixture
def build() -> SimpleNamespace:
    """The builders: `build.case("Title")`, `build.option()`, `build.flow(2027, -1)`."""
    return SimpleNamespace(case=a_case, option=an_option, flow=a_flow, strategy=a_strategy)


# --- The application ------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Databases:
    """Copies of databases, addressed as SQLAlchemy does."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder = folder
        self.server = None if server is None else create_engine(server)
        self.names: list[str] = []

    def make(self, path: Path | None = None, *, like: str | None = None) -> str:
        """Make an empty database, or a copy of another one; `path` is where SQLite puts it."""
        if self.server is not None:
            return self._make_on_server(like)
        path = path or self.folder / f"{uuid4().hex}.sqlite"
        if like is not None:
            shutil.copy(like.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def _make_on_server(self, like: str | None) -> str:
        assert self.server is not None
        name = f"test_{uuid4().hex}"
        template = "template0" if like is None else make_url(like).database
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.names.append(name)
        return self.server.url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        assert self.server is not None
        with self.server.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            connection.rollback()
            raw.autocommit = True
            raw.cursor().execute(statement)
            raw.autocommit = False

    def remove_all(self) -> None:
        """Leave the server as it was."""
        for name in reversed(self.names):
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if self.server is not None:
            self.server.dispose()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases: SQLite files, or on the PostgreSQL server that `TEST_POSTGRESQL` names."""
    made = Databases(tmp_path_factory.mktemp("databases"), os.environ.get("TEST_POSTGRESQL"))
    yield made
    made.remove_all()


@pytest.fixture(scope="session")
def empty_url(databases: Databases) -> str:
    """The address of a migrated database without content; tests get a copy each."""
    url = databases.make()
    engine = engine_for(url)
    upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def peopled_url(databases: Databases, empty_url: str) -> str:
    """A database with a strategy and one person of each kind, and no interventions."""
    url = databases.make(like=empty_url)
    app = create_app(config_for(url, databases.folder, clock=lambda: BEGINNING))
    engine = engine_for(url)
    with app.app_context(), writing(engine) as session:
        strategy = a_strategy(session)
        departments = {d.key: d for d in strategy.departments}
        for name, (role, department) in PEOPLE.items():
            create_person(
                session,
                email=f"{name}@proeveby.example",
                name=name.capitalize(),
                password=PASSWORD,
                roles=[role],
                departments=[departments[department]] if department else [],
                by=None,
                now=BEGINNING,
            )
        session.commit()
    engine.dispose()
    dispose(app)
    return url


def config_for(url: str, folder: Path, **changes: Any) -> Config:
    values: dict[str, Any] = {
        "database_url": url,
        "secret_key": SECRET,
        "data_folder": folder,
        "testing": True,
        "password_cost": CHEAP,
    }
    return Config(**(values | changes))


def dispose(app: Flask) -> None:
    """Close the connections, so that no file stays open."""
    from planner.extensions import db

    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def database_url(databases: Databases, peopled_url: str, tmp_path: Path) -> str:
    """The test's own database."""
    return databases.make(tmp_path / "bundlinje.sqlite", like=peopled_url)


def _file_of(url: str) -> Path:
    if not url.startswith("sqlite"):
        pytest.skip("about SQLite only")
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def empty_database(empty_url: str) -> Path:
    """The file of a migrated database without content, to be copied."""
    return _file_of(empty_url)


@pytest.fixture
def database(database_url: str) -> Path:
    """The file of the test's own database; PostgreSQL has none."""
    return _file_of(database_url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine of the test's own, beside the application's."""
    made = engine_for(database_url)
    yield made
    made.dispose()


@pytest.fixture
def config(database_url: str, tmp_path: Path, clock: Clock) -> Config:
    return config_for(database_url, tmp_path, clock=clock)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    made = create_app(config)
    yield made
    dispose(made)


@pytest.fixture
def session(app: Flask) -> Iterator[PlannerSession]:
    """A session that may write, in the application's context; commit to let clients see it.

    What it has only read is let go of by itself when a client asks for a page.
    """
    from planner.extensions import db

    with app.app_context(), writing(db.engine) as opened:
        app.extensions["test-session"] = opened
        yield opened


@pytest.fixture
def unguarded(session: PlannerSession) -> Callable[[str, str], None]:
    """Take a refusal out of the database, as somebody with its password could."""

    def drop(trigger: str, table: str) -> None:
        where = f" ON {table}" if session.get_bind().dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER {trigger}{where}"))

    return drop


@pytest.fixture
def strategy(session: PlannerSession) -> StrategyRecord:
    from planner.services.strategies import get_strategy

    return get_strategy(session)


@pytest.fixture
def person(session: PlannerSession) -> Callable[[str], PersonRecord]:
    """People of the test database, by the names in `PEOPLE`."""
    from planner.services.people import find_person

    def named(name: str) -> PersonRecord:
        found = find_person(session, f"{name}@proeveby.example")
        assert found is not None, f"there is no {name}"
        return found

    return named


@pytest.fixture
def department(strategy: StrategyRecord) -> Callable[[str], DepartmentRecord]:
    def named(key: str) -> DepartmentRecord:
        return next(d for d in strategy.departments if d.key == key)

    return named


# --- The demanding browser ------------------------------------------------------------------------

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
FOREIGN = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """Everything about one page that the tests ask for; `faults` is what no page may have."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.hidden: dict[str, str] = {}
        self.forms: list[dict[str, Any]] = []
        self.headings: list[str] = []
        self.title = ""
        self.text: list[str] = []
        self._open: list[str] = []
        self._select = self._textarea = ""
        self._first = False
        self.feed(html)
        self.close()
        self._judge(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if len(values) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self._open.append(tag)
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "html" and not values.get("lang"):
            self.faults.append("no language")
        self._check_addresses(tag, values)
        self._note_form(tag, values)
        if tag == "h1":
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def _check_addresses(self, tag: str, values: dict[str, str | None]) -> None:
        if "style" in values:
            self.faults.append(f"<{tag}> has an inline style")
        self.faults.extend(f"<{tag}> has {name}" for name in values if name.startswith("on"))
        for name in ("href", "src", "action", "formaction", "poster", "srcset"):
            address = values.get(name) or ""
            if FOREIGN.match(address) or address.startswith("javascript:"):
                self.faults.append(f"<{tag}> names a foreign address {address}")
        if tag == "script" and not values.get("src") and values.get("type") != "application/json":
            self.faults.append("an inline script")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag == "img" and "alt" not in values:
            self.faults.append("a picture without words")

    def _note_form(self, tag: str, values: dict[str, str | None]) -> None:
        if tag == "form":
            form = {"action": values.get("action") or "", "method": values.get("method")}
            self.forms.append(form | {"fields": {}})
        if tag == "label" and values.get("for"):
            self.labels.add(values["for"] or "")
        if tag in {"input", "select", "textarea"}:
            if values.get("type", "text") not in UNLABELLED:
                self.fields.append(values | {"in_label": "yes" if "label" in self._open else None})
            if values.get("type") == "hidden" and values.get("name"):
                self.hidden[values["name"] or ""] = values.get("value") or ""
        self._note_value(tag, values)

    def _note_value(self, tag: str, values: dict[str, str | None]) -> None:
        """Note what a browser would send."""
        name, value = values.get("name") or "", values.get("value") or ""
        if tag == "select":
            self._select, self._first = name, True
        elif tag == "textarea":
            self._textarea = name
            self._fill(name, "")
        elif tag == "option" and self._select:
            if "selected" in values or self._first:
                if self.forms and not self._first:
                    self.forms[-1]["fields"].pop(self._select, None)
                self._fill(self._select, value)
            self._first = False
        elif tag == "input" and name:
            kind = values.get("type", "text")
            if kind in {"checkbox", "radio"} and "checked" not in values:
                return
            if kind not in {"submit", "button", "file", "image"}:
                self._fill(name, "on" if kind == "checkbox" and not value else value)

    def _fill(self, name: str, value: str) -> None:
        if self.forms:
            fields = self.forms[-1]["fields"]
            fields[name] = [*fields[name], value] if name in fields else [value]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag in {"select", "textarea"}:
            self._select = self._textarea = ""
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'}")
            if tag in self._open:
                while self._open.pop() != tag:
                    pass
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            fields = self.forms[-1]["fields"]
            fields[self._textarea] = ["".join(fields[self._textarea]) + data.removeprefix("\r\n")]
        if self._open and self._open[-1] == "title":
            self.title += data
        if "h1" in self._open and self.headings:
            self.headings[-1] += data
        if not {"script", "style", "title"} & set(self._open):
            self.text.append(data)

    @property
    def words(self) -> str:
        """What a reader reads."""
        return re.sub(r"\s+", " ", " ".join(self.text)).strip()

    def _judge(self, html: str) -> None:
        if not html.lstrip().lower().startswith("<!doctype html>"):
            self.faults.append("no doctype")
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        if len(self.headings) != 1 or not self.headings[0].strip():
            self.faults.append(f"{len(self.headings)} h1")
        if not self.title.strip():
            self.faults.append("no title")
        doubled = {name for name in self.ids if self.ids.count(name) > 1}
        if doubled:
            self.faults.append(f"ids twice: {sorted(doubled)}")
        for field in self.fields:
            named = field.get("aria-label") or field.get("aria-labelledby") or field["in_label"]
            if not named and field.get("id") not in self.labels:
                self.faults.append(f"no label: {field.get('name')}")
            for attribute in ("aria-describedby", "aria-labelledby"):
                missing = set((field.get(attribute) or "").split()) - set(self.ids)
                if missing:
                    self.faults.append(f"{attribute} of {field.get('name')} names {missing}")


class DemandingClient(FlaskClient):
    """A browser that refuses a faulty page, and sends forms with what they must hold."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        self._let_go_of_the_lock()
        # a context of its own: the one of the `session` fixture would be shared by all requests
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        assert "Content-Security-Policy" in response.headers
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 308}:
            faults = Page(response.text).faults
            assert not faults, f"{response.request.path}: {faults}"
            for inside in ("Traceback", "sqlalchemy", "SELECT ", "INSERT INTO"):
                assert inside not in response.text, f"{response.request.path} shows {inside}"
        return response

    def _let_go_of_the_lock(self) -> None:
        """End what the `session` fixture has read, so that the application can write."""
        opened: PlannerSession | None = self.application.extensions.get("test-session")
        if opened is not None and opened.in_transaction():
            changed = opened.new or opened.dirty or opened.deleted or opened.info.get("changed")
            assert not changed, "commit the session before asking the application"
            opened.rollback()

    def page(self, path: str, *, status: int = 200) -> Page:
        """Fetch a page that answers ``status``."""
        response = self.get(path)
        assert response.status_code == status, (path, response.status_code, response.location)
        return Page(response.text)

    def read(self, response: TestResponse) -> Page:
        """Read a page that was fetched."""
        return Page(response.text)

    def token(self) -> str:
        """A fresh token against forged forms."""
        first = self.get("/")
        page = Page(first.text if first.status_code == 200 else self.get("/login").text)
        return page.hidden["csrf_token"]

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Post a form with a token."""
        return self.post(path, data={"csrf_token": self.token(), **(data or {})}, **kwargs)

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, to: str = ""
    ) -> TestResponse:
        """Fetch the page at ``path`` and send its form with hidden fields, changed by ``data``.

        ``to`` chooses the form by its action; default the first with a version or key, else any.
        """
        page = self.page(path)
        forms = [form for form in page.forms if (form["method"] or "").lower() == "post"]
        if to:
            forms = [form for form in forms if form["action"] == to]
        with_key = [form for form in forms if {"version", "_key"} & set(form["fields"])]
        assert forms, f"no form on {path}"
        form = (with_key or forms)[0]
        return self.post(form["action"] or path, data=form["fields"] | (data or {}))

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.post(
            "/login",
            data={
                "csrf_token": Page(self.get("/login").text).hidden["csrf_token"],
                "email": email,
                "password": password,
            },
        )


@pytest.fixture
def add_draft(
    session: PlannerSession,
    build: SimpleNamespace,
    department: Callable[[str], DepartmentRecord],
    person: Callable[[str], PersonRecord],
    clock: Clock,
) -> Callable[..., CaseRecord]:
    """Make a draft of the social department with one option that has these flows, or others."""

    def add(*flows: FlowData, options: tuple[OptionData, ...] = (), **changes: Any) -> CaseRecord:
        case = create_draft(
            session,
            build.case(options=options or (build.option(flows=flows),), **changes),
            department=department("social"),
            by=person("social"),
            now=clock(),
        )
        session.commit()
        return case

    return add


@pytest.fixture
def stored_case(app: Flask) -> Callable[[], CaseData]:
    """Read what is stored of the only case there is."""

    def read() -> CaseData:
        with app.app_context(), reading(db.engine) as session:
            return case_data(session.scalars(select(CaseRecord)).one())

    return read


@pytest.fixture
def client(app: Flask) -> DemandingClient:
    """A browser that nobody has signed in with."""
    app.test_client_class = DemandingClient
    made = app.test_client()
    assert isinstance(made, DemandingClient)
    return made


@pytest.fixture
def client_for(app: Flask) -> Callable[[str], DemandingClient]:
    """Browsers that the people in `PEOPLE` have signed in with, by name."""

    def signed_in(name: str) -> DemandingClient:
        app.test_client_class = DemandingClient
        made = app.test_client()
        assert isinstance(made, DemandingClient)
        response = made.sign_in(f"{name}@proeveby.example")
        assert response.status_code == 303, (name, response.status_code)
        return made

    return signed_in
