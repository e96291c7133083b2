"""The rules of the house, read from the source: who may import whom, who asks the clock, who sends mail."""

import ast
import re
from collections import Counter
from functools import wraps
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "tracker").rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
MOST_LINES = 450

SHELL = {"operations", "queries", "intake", "files", "rules", "models", "clock", "outbox", "demo"}
ARROWS = {
    "": {"web", "cli", "jobs", "start", "models", "outbox", "demo"},
    "web": SHELL - {"demo"} | {"jobs", "language"},
    "cli": SHELL | {"start", "language"}, "jobs": SHELL | {"forks"},
    "start": SHELL | {"jobs", "forks", "processes", "rehearsal"}, "processes": {"forks"},
    "forks": set(), "rehearsal": SHELL,
    "demo": {"operations", "queries", "rules", "models", "clock", "outbox"},
    "operations": {"queries", "intake", "files", "rules", "models", "outbox", "clock", "language"},
    "queries": {"rules", "models", "clock"},
    "intake": {"rules"},
    "files": {"rules", "language"},
    "outbox": {"models", "rules"},
    "models": {"rules"},
    "rules": set(),
    "clock": set(),
    "language": set(),
}  # fmt: skip
"""Each room, and the rooms it may import besides itself."""

OF_CLOCK = {"VIETNAM", "day_of"}
"""What operations and queries may take from the clock: the calendar of Vietnam, never the time."""


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    return [*module.split("."), ""][1]


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
MODULES = {module_of(path) for path in SOURCES}


def imports_of(tree):
    """Return (module, name) of all that a file imports; the name is empty for a plain import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an import within the house names its whole way"
            yield from ((node.module, alias.name) for alias in node.names)


def house_imports_of(tree):
    for module, name in imports_of(tree):
        if module == "tracker" or module.startswith("tracker."):
            whole = f"{module}.{name}"
            yield (whole, "") if whole in MODULES else (module, name)


def names(path):
    return str(path.relative_to(ROOT))


def each_of(paths):
    """Let all these files keep a rule, which is told one of them; those that break it are named."""

    def keep(rule):
        @wraps(rule)
        def test():
            broken = {}
            for path in paths:
                try:
                    rule(path)
                except AssertionError as error:
                    broken[names(path)] = str(error)

            assert broken == {}

        del test.__wrapped__
        return test

    return keep


@each_of(SOURCES)
def test_imports_follow_the_arrows(path):
    room = room_of(module_of(path))
    assert room in ARROWS, f"a new room {room!r} needs its arrows"

    for module, name in house_imports_of(TREES[path]):
        other = room_of(module)
        assert other == room or other in ARROWS[room], f"{room} imports {module}"
        if other == "clock" and room in ("operations", "queries"):
            assert name in OF_CLOCK, f"{room} is told the time by a keyword, it does not ask"
        if room == "models" and other == "rules":
            assert module == "tracker.rules.status"


def test_blueprints_do_not_import_each_other():
    doors = set()
    for path, tree in TREES.items():
        if room_of(module_of(path)) == "web" and module_of(path) != "tracker.web":
            noun = module_of(path).split(".")[2]
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
            if any(ast.unparse(call.func) == "Blueprint" for call in calls):
                doors.add(noun)

    for path, tree in TREES.items():
        module = module_of(path)
        if room_of(module) != "web" or module == "tracker.web" or module.split(".")[2] not in doors:
            continue
        for other, _ in house_imports_of(tree):
            if room_of(other) == "web" and other != "tracker.web":
                noun = other.split(".")[2]
                assert noun not in doors or noun == module.split(".")[2], f"{module} imports {other}"


ASKS_THE_CLOCK = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))\(|func\.(now|current_\w+)\("
)
MAY_ASK = {
    "tracker/clock.py",
    "tracker/jobs/scheduler.py",  # APScheduler lives in real time, also where TRACKER_NOW stands in for it
    "tracker/web/signin/__init__.py",  # one-time codes are of real time
}


@each_of(SOURCES)
def test_nobody_but_the_clock_asks_what_time_it_is(path):
    asked = ASKS_THE_CLOCK.search(path.read_text(encoding="utf-8"))

    assert asked is None or names(path) in MAY_ASK, asked


@each_of([p for p in SOURCES if room_of(module_of(p)) not in ("rules",)])
def test_only_the_rules_compare_a_deadline_with_a_day_for_status(path):
    for node in ast.walk(TREES[path]):
        if not isinstance(node, ast.Compare):
            continue
        for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            sides = [ast.unparse(left), ast.unparse(right)]
            if not isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
                continue
            due = [bool(re.search(r"\bdue(_on|_sql)?$", side)) for side in sides]
            day = [bool(re.search(r"\b(today|day|on|day_asked|reported_on|at|now)$", side)) for side in sides]
            if "reading." in ast.unparse(node):  # what a phrase means is not yet the deadline of a task
                continue
            assert not ((due[0] and day[1]) or (due[1] and day[0])), ast.unparse(node)


@each_of(SOURCES)
def test_only_the_outbox_sends_mail(path):
    if room_of(module_of(path)) == "outbox":
        return

    assert not {module.split(".")[0] for module, _ in imports_of(TREES[path])} & {"flask_mail", "smtplib"}


def test_only_one_room_knows_the_sqlite_library():
    beside = [path for folder in ("benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")]

    for path in [ROOT / "config.py", *SOURCES, *beside]:
        if path != ROOT / "tracker" / "models" / "sqlite.py":
            modules = {module for module, _ in imports_of(ast.parse(path.read_text(encoding="utf-8")))}
            assert not modules & {"sqlite3", "pysqlite3"}, names(path)


@each_of(SOURCES)
def test_only_one_room_asks_the_library_for_texts(path):
    if path.name != "language.py":
        assert "flask_babel" not in {module.split(".")[0] for module, _ in imports_of(TREES[path])}


@each_of(SOURCES)
def test_rules_are_pure(path):
    if room_of(module_of(path)) != "rules":
        return

    outside = {module.split(".")[0] for module, _ in imports_of(TREES[path])}

    assert not outside & {"flask", "flask_babel", "flask_sqlalchemy", "os", "time", "sqlite3", "psycopg"}


@each_of(SOURCES)
def test_a_file_has_one_subject_and_a_name(path):
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES, f"{lines} lines: a room that outgrows its file becomes a folder"
    assert path.stem not in ("utils", "util", "helpers", "misc", "common")


@each_of(SOURCES)
def test_public_functions_and_files_say_what_they_are(path):
    silent = [name for name, node in public_of(TREES[path]) if not ast.get_docstring(node)]

    assert ast.get_docstring(TREES[path]), "the file says what is in it"
    assert silent == []


def public_of(tree):
    """Yield public functions, classes and methods, but for properties, whose name is their sentence, methods
    that a base class describes, and views, whose route and page are their sentence."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            if not any(isinstance(mark, ast.Call) for mark in node.decorator_list) or not is_view(node):
                yield node.name, node
            for each in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                    marks = {ast.unparse(mark) for mark in each.decorator_list}
                    if not marks & {"property", "cached_property"} and not node.bases and (
                        each.name not in OF_A_FRAMEWORK
                    ):
                        yield f"{node.name}.{each.name}", each


OF_A_FRAMEWORK = {"validate"}
"""Methods that a mixin takes over from a form library, where they are described."""


def is_view(node):
    return any(".get" in ast.unparse(m) or ".post" in ast.unparse(m) or ".route" in ast.unparse(m)
               for m in node.decorator_list)  # fmt: skip


ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
LETTERS = re.compile(r"[^\W\d_]", re.UNICODE)
TAG = re.compile(r"<[^>]*>|<!--.*?-->|&[#\w]+;", re.DOTALL)
NOT_WORDS = re.compile(r"<(style|title-less)\b.*?</\1>", re.DOTALL)


def texts_of(template):
    """Yield what a template prints of its own, outside of translations, with tags taken out."""
    tree = ENVIRONMENT.parse(template)
    for block in tree.find_all(nodes.Block):
        if block.name.endswith("class"):
            block.body = []
    pieces = [node.data for node in tree.find_all(nodes.TemplateData)]
    whole = NOT_WORDS.sub(" ", "\x00".join(pieces))
    yield from (piece.strip() for piece in re.split(r"[\x00\n]", TAG.sub("\n", cut_open_tags(whole))))


def cut_open_tags(text):
    """Take out tags whose attributes are partly printed by expressions."""
    return re.sub(r"<[a-zA-Z/!][^<>]*>", "\n", text)


NAMES = {"Đôn Đốc", "– Đôn Đốc", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"}
"""What is never translated: the name of the product, and what every official paper carries."""


@each_of(TEMPLATES)
def test_each_text_of_a_template_is_marked_for_translation(path):
    bare = [
        text for text in texts_of(path.read_text(encoding="utf-8"))
        if LETTERS.search(text) and text not in NAMES
    ]  # fmt: skip

    assert bare == []


@each_of(TEMPLATES)
def test_a_template_has_no_inline_style_no_script_and_trusts_nothing(path):
    text = path.read_text(encoding="utf-8")
    emails = "emails" in path.parts

    assert "|safe" not in re.sub(r"\s*\|\s*", "|", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+=\"", text)
    assert emails or not re.search(r"\sstyle=|<style", text)
    assert not re.search(r"(src|href)=\"(https?:)?//(?!www\.w3\.org)", text)


def test_no_two_test_files_define_one_name_twice():
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tests = Counter(
            node.name for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        )  # fmt: skip

        assert not [name for name, number in tests.items() if number > 1], path.name


@each_of(sorted((ROOT / "tests").rglob("*.py")))
def test_no_test_is_skipped(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"pytest\.(mark\.)?(skip|xfail|importorskip)|unittest\.skip", text) or path.name == (
        "test_house.py"
    )
