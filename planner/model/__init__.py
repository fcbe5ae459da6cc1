"""The tables, as SQLAlchemy classes ending in ``Record``."""

from planner.model.attachments import AttachmentRecord
from planner.model.base import Base
from planner.model.comments import CommentRecord
from planner.model.events import AccessEventRecord, EventRecord, IdempotencyRecord
from planner.model.indicators import IndicatorRecord, IndicatorVersionRecord
from planner.model.interventions import (
    CaseRecord,
    FlowRecord,
    InterventionRecord,
    MeasureRecord,
    OptionRecord,
)
from planner.model.jobs import JobRecord
from planner.model.notices import NoticeRecord
from planner.model.owners import AcceptanceRecord, SavingLineRecord
from planner.model.people import PersonRecord, RoleRecord
from planner.model.road import StageStepRecord
from planner.model.rounds import RoundRecord
from planner.model.scenarios import (
    AllocationRecord,
    ExplanationRecord,
    ScenarioCandidateRecord,
    ScenarioLimitRecord,
    ScenarioRecord,
)
from planner.model.shelf import (
    CaseShelfUseRecord,
    ShelfEntryRecord,
    ShelfSettingRecord,
    ShelfVersionRecord,
)
from planner.model.strategies import DepartmentRecord, PayerRecord, PoolRecord, StrategyRecord
from planner.model.studies import StudyRecord

__all__ = [
    "AcceptanceRecord",
    "AccessEventRecord",
    "AllocationRecord",
    "AttachmentRecord",
    "Base",
    "CaseRecord",
    "CaseShelfUseRecord",
    "CommentRecord",
    "DepartmentRecord",
    "EventRecord",
    "ExplanationRecord",
    "FlowRecord",
    "IdempotencyRecord",
    "IndicatorRecord",
    "IndicatorVersionRecord",
    "InterventionRecord",
    "JobRecord",
    "MeasureRecord",
    "NoticeRecord",
    "OptionRecord",
    "PayerRecord",
    "PersonRecord",
    "PoolRecord",
    "RoleRecord",
    "RoundRecord",
    "SavingLineRecord",
    "ScenarioCandidateRecord",
    "ScenarioLimitRecord",
    "ScenarioRecord",
    "ShelfEntryRecord",
    "ShelfSettingRecord",
    "ShelfVersionRecord",
    "StageStepRecord",
    "StrategyRecord",
    "StudyRecord",
]
