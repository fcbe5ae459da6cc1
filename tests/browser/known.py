"""Cases whose answers are known beforehand, put into the served application by its services."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Flask
from sqlalchemy import select

from planner.clock import utc_now
from planner.extensions import db
from planner.model import PersonRecord, RoundRecord, StrategyRecord
from planner.model.database import PlannerSession, writing
from planner.model.states import Category, FlowKind, PayerLevel
from planner.services.cases import CaseData, FlowData, OptionData
from planner.services.interventions import create_accepted, create_draft
from planner.services.scenarios import ScenarioData, create_scenario
from planner.services.strategies import (
    DepartmentData,
    PayerData,
    PoolData,
    StrategyData,
    create_strategy,
    get_strategy,
)

MILLION = 1_000_000


@contextmanager
def _session(app: Flask) -> Iterator[PlannerSession]:
    with app.app_context(), writing(db.engine) as session:
        yield session
        session.commit()


def _person(session: PlannerSession, name: str) -> PersonRecord:
    email = f"{name}@nordby.example"
    return session.scalars(select(PersonRecord).where(PersonRecord.email == email)).one()


def _strategy(session: PlannerSession, title: str, first: int, last: int) -> StrategyRecord:
    return create_strategy(
        session,
        StrategyData(
            title=title,
            municipality="Prøveby Kommune",
            price_year=first,
            budget_year=first,
            horizon_first=first,
            horizon_last=last,
            discount=[{"after_year": 0, "rate": 0.035}],
            is_illustrative=True,
        ),
        payers=[PayerData("kommune", "Kommunen", PayerLevel.MUNICIPALITY)],
        departments=[DepartmentData("alle", "Alle forvaltninger")],
        pools=[PoolData("pulje", "Investeringspuljen")],
        by=_person(session, "okonomi"),
        now=utc_now(),
    )


def saving(
    amounts: dict[int, int], *, line: str = "Mindre forbrug", budget_line: str = "5.57.71"
) -> Iterator[FlowData]:
    """Yield one line of cashable savings, kroner by year."""
    for year, amount in amounts.items():
        yield FlowData(
            year=year,
            payer="kommune",
            category=Category.TRANSFERS,
            kind=FlowKind.SAVING,
            amount=amount,
            line=line,
            budget_line=budget_line,
        )


def outlay(year: int, amount: int) -> FlowData:
    """Return an investment, a positive number of kroner."""
    return FlowData(
        year=year,
        payer="kommune",
        category=Category.SERVICE,
        kind=FlowKind.OUTLAY,
        amount=-amount,
        line="Investering",
    )


def option(key: str, title: str, flows: Iterable[FlowData]) -> OptionData:
    """Return one way to do it, paid by the pool."""
    return OptionData(key=key, title=title, pool="pulje", flows=tuple(flows))


def _accepted(session: PlannerSession, strategy: StrategyRecord, key: str, data: CaseData) -> None:
    create_accepted(
        session,
        data,
        department=strategy.departments[0],
        by=_person(session, "okonomi"),
        now=utc_now(),
        key=key,
    )


# --- Jobs 2 and 3: the profile of one case --------------------------------------------------------

# what Hjørring's council was told in 2014, in kroner; the ministry reckoned with a larger outlay
HJOERRING = {2016: 7_300_000, 2017: 69 * MILLION, 2018: 92 * MILLION, 2019: 117 * MILLION}


def add_profile(app: Flask) -> str:
    """Store the case with an outlay of 125 and of 158 million; return the code of its page."""
    with _session(app) as session:
        strategy = _strategy(session, "Beskæftigelse 2015", 2015, 2019)
        options = (
            option("125", "125 mio.", (outlay(2015, 125 * MILLION), *saving(HJOERRING))),
            option("158", "158 mio.", (outlay(2015, 158 * MILLION), *saving(HJOERRING))),
        )
        data = CaseData(
            title="Flere medarbejdere i jobcentret",
            summary="37 flere medarbejdere i beskæftigelsesindsatsen.",
            target_group="Ledige",
            evidence_stars=2,
            options=options,
        )
        _accepted(session, strategy, "PROFIL", data)
    return "PROFIL"


# --- Job 4: a break-even beyond the view ----------------------------------------------------------


def add_long_view(app: Flask) -> tuple[str, int]:
    """Store a case that is paid back after 19 years; return its code and its strategy."""
    with _session(app) as session:
        strategy = _strategy(session, "Det lange syn", 2027, 2056)
        yearly = dict.fromkeys(range(2028, 2057), MILLION)
        flows = (outlay(2027, 19 * MILLION), *saving(yearly))
        data = CaseData(
            title="Boliger med støtte",
            summary="Tyve boliger til borgere, der ellers bor på botilbud.",
            target_group="Borgere på botilbud",
            evidence_stars=1,
            options=(option("base", "", flows),),
        )
        _accepted(session, strategy, "LANGSYN", data)
        return "LANGSYN", strategy.id


# --- Job 1: drafts of a department ----------------------------------------------------------------


def add_drafts(app: Flask) -> tuple[str, str]:
    """Store two drafts in the round Budget 2027 that want nothing but a budget owner."""
    with _session(app) as session:
        the_round = session.scalars(
            select(RoundRecord).where(RoundRecord.name == "Budget 2027")
        ).one()
        department = next(d for d in the_round.departments if d.key == "SOC")
        titles = {"AFTEN-1": "Aftenåbent værested", "AFTEN-2": "Bostøtte om aftenen"}
        for key, title in titles.items():
            flows = (outlay(2027, MILLION), *saving({2028: MILLION, 2029: MILLION}))
            create_draft(
                session,
                CaseData(
                    title=title,
                    summary="Tilbuddet er åbent om aftenen.",
                    target_group="Borgere med psykisk sygdom",
                    options=(option("base", "", flows),),
                ),
                department=department,
                by=_person(session, "social"),
                now=utc_now(),
                key=key,
                the_round=the_round,
            )
        first, second = titles
        return first, second


# --- Job 5: savings that must not be counted twice ------------------------------------------------

HERBERG, AKUT = "5.38.42 Herberg", "5.30.26 Akutteam"
SHARED = "Uden dobbelttælling"


def add_shared(app: Flask) -> int:
    """Store two candidates that share a budget line, and a part of one; return their scenario.

    In million kroner: the first costs 2 and saves 2 + 1 a year, the second costs 1 and saves 2,
    the part costs 0.5 and saves 0.9, each year for two years.
    """
    herberg = partial(saving, line="Færre døgn på herberg", budget_line=HERBERG)
    akut = partial(saving, line="Færre akutte besøg", budget_line=AKUT)
    two = {2028: 2 * MILLION, 2029: 2 * MILLION}
    one = {2028: MILLION, 2029: MILLION}
    part = {2028: 900_000, 2029: 900_000}
    candidates = (
        (
            "HELE",
            "SOC",
            "Bostøtte i hele byen",
            (outlay(2027, 2 * MILLION), *herberg(two), *akut(one)),
        ),
        ("JOB", "BES", "Bolig og job", (outlay(2027, MILLION), *herberg(two))),
        ("DEL", "SOC", "Bostøtte i midtbyen", (outlay(2027, MILLION // 2), *akut(part))),
    )
    with _session(app) as session:
        strategy = get_strategy(session)
        departments = {d.key: d for d in strategy.departments}
        cases = []
        for key, department, title, flows in candidates:
            data = CaseData(
                title=title,
                summary="Opdigtet eksempel.",
                target_group="Unge uden bolig",
                evidence_stars=2,
                options=(option("base", "", flows),),
            )
            cases.append(
                create_accepted(
                    session,
                    data,
                    department=departments[department],
                    by=None,
                    now=utc_now(),
                    key=key,
                )
            )
        made = create_scenario(
            session,
            strategy,
            ScenarioData(title=SHARED, cases=tuple(cases)),
            by=_person(session, "okonomi"),
            now=utc_now(),
        )
        session.flush()
        return made.id
