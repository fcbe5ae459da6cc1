"""The structure that reviewers would otherwise have to watch: sizes, commits, clocks, templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"

LONGEST_FILE = 500
LONGEST_FUNCTION = 60

# One place commits: after a successful POST. Jobs and the command line commit for themselves.
# Refused look-ups are logged over a connection of their own, which outlives the refused request.
MAY_COMMIT = (
    "planner/requests.py",
    "planner/worker.py",
    "planner/noticing.py",
    "planner/telling.py",
    "planner/cli.py",
    "planner/cli/",
    "planner/services/events.py",
)
# Everybody else takes `now` as an argument.
MAY_READ_THE_CLOCK = (
    "planner/app.py", "planner/clock.py", "planner/worker.py", "planner/cli.py", "planner/cli/",
    "planner/views/",
)  # fmt: skip
# Nothing is deleted quietly: withdrawn stays visible (RELIABILITY, P7). Forgotten after 30 days are
# only the answers kept for a form that is sent twice.
MAY_DELETE = ("planner/services/writing.py",)

ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
DATA_BLOCK = re.compile(r"""type=["']?application/json""")


def source_files() -> list[Path]:
    found = [*(ROOT / "optimizer").rglob("*.py"), *(ROOT / "planner").rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def template_files() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Return what is called, as written: `session.commit`."""
    return ast.unparse(call.func)


def test_no_file_is_long():
    long = {
        short(path): lines
        for path in source_files()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST_FILE
    }

    assert long == {}


def test_no_function_is_long():
    long = {
        f"{short(path)}:{node.name}": lines
        for path in source_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert long == {}


def test_only_few_modules_commit():
    guilty = {
        f"{short(path)}:{call.lineno}"
        for path in source_files()
        for call in calls(path)
        if called(call).endswith(".commit") and not short(path).startswith(MAY_COMMIT)
    }

    assert guilty == set()


def test_only_the_edge_reads_the_clock():
    clock = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))$")
    guilty = {
        f"{short(path)}:{call.lineno}: {called(call)}"
        for path in source_files()
        for call in calls(path)
        if clock.search(called(call)) and not short(path).startswith(MAY_READ_THE_CLOCK)
    }

    assert guilty == set()


def is_deletion(node: ast.AST) -> bool:
    """Tell whether a node deletes rows: `delete(...)`, `session.delete(...)` or SQL text."""
    if isinstance(node, ast.Call):
        return called(node) == "delete" or bool(
            re.search(r"(session|db|sa)\.delete$", called(node))
        )
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and bool(re.search(r"\b(DELETE\s+FROM|TRUNCATE\s+\w)", node.value))


def test_nothing_is_deleted_quietly():
    guilty = {
        f"{short(path)}:{node.lineno}"
        for path in source_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if is_deletion(node) and not short(path).startswith(MAY_DELETE)
    }

    assert guilty == set()


@pytest.mark.parametrize(
    "code", ["session.delete(x)", "delete(Case)", "db.session.delete(x)", "t('DELETE FROM a')"]
)
def test_a_deletion_is_seen(code):
    assert any(is_deletion(node) for node in ast.walk(ast.parse(code)))


def arithmetic_in(source: str) -> list[int]:
    """Return the lines of a template that calculate; joining texts or lists is none."""
    tree = jinja2.Environment(extensions=EXTENSIONS, autoescape=True).parse(source)
    sums = tree.find_all(ARITHMETIC)
    return [node.lineno for node in sums if not isinstance(node.right, nodes.List)]


@pytest.mark.parametrize("path", template_files(), ids=short)
def test_templates_do_not_calculate(path):
    assert arithmetic_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("sum_", ["a + 1", "a - b", "a * 2", "a / b", "a // b", "a % b", "a ** 2"])
def test_a_calculation_is_seen(sum_):
    assert arithmetic_in("{% if a %}{{ " + sum_ + " }}{% endif %}") == [1]


def unsafe_in(source: str) -> list[str]:
    """Return what the Content-Security-Policy would refuse: inline styles, handlers, scripts."""
    bare = JINJA.sub(" ", source)
    found = re.findall(r"<[^<>]*\s(?:style|on[a-z]+)\s*=[^<>]*>", bare, re.IGNORECASE)
    found += re.findall(r"<style\b[^>]*>", bare, re.IGNORECASE)
    found += re.findall(r"""(?:href|src|action)\s*=\s*["']?javascript:""", bare, re.IGNORECASE)
    for script in re.finditer(r"<script\b([^>]*)>", source, re.IGNORECASE):
        if not re.search(r"\bsrc\s*=", script[1]) and not DATA_BLOCK.search(script[1]):
            found.append(script[0])
    return found


@pytest.mark.parametrize("path", template_files(), ids=short)
def test_templates_carry_no_inline_script_or_style(path):
    assert unsafe_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p style='color: red'>",
        '<button type="button"\n onclick="go()">',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<script type="module">go()</script>',
        '<a href="javascript:go()">',
    ],
)
def test_an_inline_script_or_style_is_seen(source):
    assert unsafe_in(source)


@pytest.mark.parametrize("path", template_files(), ids=short)
def test_templates_name_no_foreign_address(path):
    found = re.findall(
        r"""(?:href|src|action)\s*=\s*["']?(?:https?:)?//""", path.read_text("utf-8")
    )

    assert found == []
