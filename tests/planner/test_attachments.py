"""Attachments: known by their content, kept once, given out safely, and in every backup."""

import shutil
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from planner.model import AttachmentRecord
from planner.model.states import FileKind, WrongStateError
from planner.services import attachments as service
from planner.services.attachments import (
    EmptyFileError,
    FullCaseError,
    TooLargeFileError,
    UnknownFileError,
    add_attachment,
    attachments_of,
    path_in,
    remove_attachment,
)
from planner.services.backup import BackupError, back_up, check, files_of, restore
from planner.services.case_checks import missing_in
from planner.services.file_kinds import kind_of, safe_name
from planner.services.interventions import accept_case, new_draft_from, submit_case
from planner.services.rounds import RoundData, create_round

PATH = "/interventions/housing-first"
PDF = b"%PDF-1.7 a small file"


def zipped(*names, mimetype=None):
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        if mimetype is not None:
            archive.writestr("mimetype", mimetype, ZIP_STORED)
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


TYPES = "[Content_Types].xml"


@pytest.fixture
def draft(build, add_draft):
    return add_draft(build.flow(2027, -3), build.flow(2028, 5, budget_line="5.38"))


@pytest.fixture
def add(session, person, clock, tmp_path):
    def keep(case, content=PDF, name="bilag.pdf"):
        return add_attachment(
            session,
            case,
            folder=tmp_path,
            name=name,
            content=content,
            by=person("social"),
            now=clock(),
        )

    return keep


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.PDF),
        (b"\x89PNG\r\n\x1a\n...", FileKind.PNG),
        (b"\xff\xd8\xff\xe0...", FileKind.JPEG),
        (zipped(TYPES, "word/document.xml"), FileKind.DOCX),
        (zipped(TYPES, "xl/workbook.xml"), FileKind.XLSX),
        (zipped(TYPES, "ppt/presentation.xml"), FileKind.PPTX),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), FileKind.ODT),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), FileKind.ODS),
        (zipped(TYPES, "word/document.xml", "word/vbaProject.bin"), None),
        (zipped("word/document.xml"), None),
        (zipped(mimetype="application/vnd.oasis.opendocument.graphics"), None),
        (zipped("anything.txt"), None),
        (b"PK\x03\x04 broken", None),
        (b"<html><script>alert(1)</script>", None),
        (b"MZ\x90", None),
        (b"\xd0\xcf\x11\xe0 old or encrypted office", None),
        (b"  %PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content, kind):
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("Oversigt æøå.PDF", FileKind.PDF, "Oversigt æøå.pdf"),
        ("../../etc/passwd", FileKind.PDF, "passwd.pdf"),
        ("C:\\mine filer\\ark.xlsx", FileKind.XLSX, "ark.xlsx"),
        ("billede.jpg", FileKind.JPEG, "billede.jpeg"),
        ("farlig.exe", FileKind.PNG, "farlig.exe.png"),
        ('a"\r\nb.pdf', FileKind.PDF, "ab.pdf"),
        ("...", FileKind.ODT, "bilag.odt"),
        ("", FileKind.PDF, "bilag.pdf"),
        ("x" * 400, FileKind.PDF, "x" * 150 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_and_says_the_kind(name, kind, safe):
    assert safe_name(name, kind) == safe


def test_a_file_is_kept_by_its_fingerprint(draft, add, tmp_path):
    made = add(draft)

    assert made.sha256 == sha256(PDF).hexdigest()
    path = path_in(tmp_path, made.sha256)
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o077 == 0
    assert add(draft, name="igen.pdf").sha256 == made.sha256


def test_what_is_not_taken_leaves_nothing(session, draft, add, monkeypatch):
    for content, error in (
        (b"", EmptyFileError),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), TooLargeFileError),
        (b"MZ", UnknownFileError),
    ):
        with pytest.raises(error):
            add(draft, content)
    add(draft, b"%PDF-" + b"0" * (10 * 1024 * 1024 - 5))  # ten mebibytes exactly
    monkeypatch.setattr(service, "MOST_BYTES_OF_CASE", 10 * 1024 * 1024 + len(PDF))
    add(draft)
    with pytest.raises(FullCaseError):
        add(draft, b"%PDF-")

    assert len(attachments_of(session, draft)) == 2


def test_a_submitted_version_keeps_its_files_and_the_next_begins_with_them(
    session, draft, add, person, clock
):
    made = add(draft)
    by = {"now": clock()}
    submit_case(session, draft, by=person("social"), seen_version=1, **by)
    with pytest.raises(WrongStateError):
        add(draft)
    with pytest.raises(WrongStateError):
        remove_attachment(session, made, by=person("social"), **by)
    accept_case(session, draft, by=person("finance"), seen_version=2, **by)
    second = new_draft_from(session, draft, by=person("social"), **by)
    (copy,) = attachments_of(session, second)
    remove_attachment(session, copy, by=person("social"), **by)
    session.commit()

    assert attachments_of(session, second) == []
    assert attachments_of(session, draft) == [made]
    for statement in (
        f"UPDATE attachment SET name = 'x' WHERE id = {made.id}",
        "DELETE FROM attachment",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()


def test_a_round_may_require_one(session, draft, add, strategy, person, clock):
    draft.intervention.round = create_round(
        session,
        strategy,
        RoundData(
            name="R",
            opens_at=datetime(2026, 11, 1, tzinfo=UTC),
            deadline=datetime(2026, 12, 1, tzinfo=UTC),
            departments=("social",),
            required={"submitted": ["attachment"]},
        ),
        by=person("finance"),
        now=clock(),
    )
    assert [str(one.gap) for one in missing_in(draft)] == ["attachment"]
    add(draft)
    assert missing_in(draft) == []


# ---- Pages ----


def upload(client, content, name):
    return client.submit(f"{PATH}/attachments", {"file": (BytesIO(content), name)})


def test_a_file_goes_in_and_comes_out_as_it_was(client_for, draft, session):
    social = client_for("social")
    assert upload(social, PDF, "Måling æ.pdf").status_code == 303
    assert "Måling æ.pdf" in social.page(PATH).words
    address = next(link for link in social.page(PATH).links if "/attachments/" in link)

    answer = social.get(address)

    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"M_ling _.pdf\"; filename*=UTF-8''M%C3%A5ling%20%C3%A6.pdf"
    )
    for stranger in ("finance", "employment", "politician"):  # a draft is its department's
        assert client_for(stranger).get(address).status_code == 404
        assert client_for(stranger).get(f"{PATH}/attachments").status_code == 404
    assert social.get(address.rsplit("/", 1)[0] + "/999").status_code == 404
    assert social.submit(f"{PATH}/attachments", to=f"{address}/remove").status_code == 303
    assert social.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "tom.pdf", "Filen er tom."),
        (b"<svg onload=alert(1)>", "billede.png", "Filen er ingen af de nævnte slags"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "stor.pdf", "mere end 10 MB"),
    ],
)
def test_a_file_that_is_not_taken_is_said_why(client_for, draft, session, content, name, words):
    answer = upload(client_for("social"), content, name)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#file"' in answer.text
    answer.request.environ["wsgi.input"].close()  # the client keeps a large form in a file
    assert session.scalar(select(AttachmentRecord)) is None
    session.rollback()


def test_no_file_is_a_fault_and_readers_add_none(client_for, draft):
    assert client_for("social").submit(f"{PATH}/attachments").status_code == 422
    assert client_for("social_reader").send(f"{PATH}/attachments").status_code == 403


# ---- Backup ----


@pytest.fixture
def stored(session, draft, add, database):
    made = add(draft)
    session.commit()
    return made


def test_a_backup_holds_the_files_and_finds_one_that_was_changed(engine, stored, tmp_path):
    report = back_up(engine, tmp_path / "copies" / "one.sqlite")
    assert report.files == 1
    file = files_of(report.path) / stored.sha256[:2] / stored.sha256
    assert file.read_bytes() == PDF

    file.write_bytes(b"%PDF-1.7 another file")
    with pytest.raises(BackupError, match="changed"):
        check(report.path)
    file.unlink()
    with pytest.raises(BackupError, match="missing"):
        check(report.path)


def test_a_missing_file_makes_no_backup(engine, stored, tmp_path):
    path_in(tmp_path, stored.sha256).unlink()

    with pytest.raises(BackupError, match="missing"):
        back_up(engine, tmp_path / "copies" / "one.sqlite")


def test_restoring_on_an_empty_machine_brings_the_files(engine, stored, tmp_path):
    copy = back_up(engine, tmp_path / "copies" / "one.sqlite").path
    shutil.rmtree(tmp_path / "attachments")

    report = restore(copy, tmp_path / "new" / "bundlinje.sqlite")

    assert report.files == 1
    assert path_in(tmp_path / "new", stored.sha256).read_bytes() == PDF
