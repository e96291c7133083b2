"""A tracker of Roundup with the tasks of an installation of ours, for `benchmarks/roundup.py`.

It is made by Roundup's own commands from its template “classic”, with a class `unit` and the columns unit
and due beside. The rows are laid straight into the tables that its API writes, since the API takes them one
by one; the page of a task and the list, which read them through the API, are checked before anything is
measured. Where there was a choice it is the one that is quicker for Roundup.
"""

from __future__ import annotations

import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

from tracker.models.sqlite import sqlite
from tracker.rules.status import State

STATES = (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION, State.COMPLETED)
"""The statuses of the tracker, in the order of their ids."""
PASSWORD = "secret"
LOGIN = "p5"

EDITS = {
    "schema.py": [
        (
            'issue = IssueClass(db, "issue",',
            'unit = Class(db, "unit", name=String())\nunit.setkey("name")\n\n'
            'issue = IssueClass(db, "issue", unit=Link("unit"), due=Date(),',
        ),
        ("for cl in 'priority', 'status':", "for cl in 'priority', 'status', 'unit':"),
    ],
    "config.ini": [
        ("\n#web = NO DEFAULT", "\nweb = http://127.0.0.1/"),
        ("\n#domain = NO DEFAULT", "\ndomain = bench.example"),
        ("\n#host = NO DEFAULT", "\nhost = 127.0.0.1"),
        # Without it each page of a task writes a token into a database of its own.
        ("\nuse_tokenless_csrf_protection = no", "\nuse_tokenless_csrf_protection = yes"),
    ],
    "html/issue.index.html": [
        (
            '   <th tal:condition="request/show/status" ',
            '   <th tal:condition="request/show/unit">Unit</th>\n'
            '   <th tal:condition="request/show/due">Due</th>\n'
            '   <th tal:condition="request/show/status" ',
        ),
        (
            '   <td tal:condition="request/show/status"\n',
            '   <td tal:condition="request/show/unit" tal:content="python:i.unit.plain()"></td>\n'
            '   <td tal:condition="request/show/due" tal:content="python:i.due.plain()"></td>\n'
            '   <td tal:condition="request/show/status"\n',
        ),
    ],
    "html/issue.item.html": [
        (
            '<tr>\n <th i18n:translate="">Superseder</th>',
            '<tr>\n <th>Unit</th><td tal:content="structure context/unit/menu"></td>\n'
            ' <th>Due</th><td tal:content="structure context/due/field"></td>\n</tr>\n'
            '<tr>\n <th i18n:translate="">Superseder</th>',
        )
    ],
}
FILES = {
    "initial_data.py": """
for order, name in enumerate({states}, 1):
    db.getclass("status").create(name=name, order=order)
db.getclass("priority").create(name="normal", order=1)
db.user.create(username="admin", password=adminpw, address=admin_email, roles="Admin")
db.user.create(username="anonymous", roles="Anonymous")
db.user.create(username="{login}", password=adminpw, address="{login}@bench.example", roles="User")
""",
    "extensions/rollup.py": """
def rollup(request):
    db, by = request.client.db, request.form["by"].value
    units = [(int(id), db.unit.get(id, "name")) for id in db.unit.list()]
    statuses = range(1, 5)
    if by == "api":
        counted = {{(unit, status): len(db.issue.filter(None, {{"unit": str(unit), "status": str(status)}}))
                    for unit, _ in units for status in statuses}}
    else:
        year = "WHERE _status < 4 OR _activity >= '{first}'" if by == "year" else ""
        db.sql(f"SELECT _unit, _status, count(*) FROM _issue {{year}} GROUP BY _unit, _status")
        counted = {{(row[0], row[1]): row[2] for row in db.cursor.fetchall()}}
    rows = [[name, *(counted.get((unit, status), 0) for status in statuses)] for unit, name in units]
    rows.append(["All", *map(sum, list(zip(*rows))[1:])])
    return [[*row, sum(row[1:])] for row in rows]

def init(instance):
    instance.registerUtil("rollup", rollup)
""",
    "html/issue.rollup.html": """<tal:block metal:use-macro="templates/page/macros/icing">
<title metal:fill-slot="head_title">Roll-up</title>
<span metal:fill-slot="body_title" tal:omit-tag="true">Roll-up</span>
<td class="content" metal:fill-slot="content"><table class="list">
<tr tal:repeat="row python:utils.rollup(request)"><td tal:repeat="cell row" tal:content="cell"></td></tr>
</table></td></tal:block>
""",
    # Granian knows no write() of start_response, which Roundup writes its pages with.
    "wsgi.py": """
from pathlib import Path

from roundup.cgi.wsgi_handler import RequestDispatcher

tracker = RequestDispatcher(str(Path(__file__).parent))

def app(environ, start_response):
    page = []

    def start(*line_and_headers):
        start_response(*line_and_headers)
        return page.append

    tracker(environ, start)
    return page
""",
}
ROWS = """
ATTACH 'file:{ours}?mode=ro' AS ours;
INSERT INTO _user
    (id, _username, _address, _realname, _roles, _password, _creator, _actor, _creation, _activity)
    SELECT 3 + person.id, login, person.email, person.name, 'User', _password, 1, 1, _creation, _activity
      FROM ours.person JOIN _user ON _user.id = 3 WHERE login <> '{login}';
INSERT INTO _unit (id, _name, _creator, _actor, _creation, _activity)
    SELECT unit.id, name, 1, 1, _creation, _activity
      FROM ours.unit JOIN _user ON _user.id = 3 WHERE parent_id IS NOT NULL;
INSERT INTO _issue
    (id, _title, _unit, _due, _status, _priority, _assignedto, _creator, _actor, _creation, _activity)
    SELECT id, content, unit_id, strftime('%Y%m%d000000.000', due_on),
           CASE state WHEN 'not_started' THEN 1 WHEN 'in_progress' THEN 2 WHEN 'completed' THEN 4 ELSE 3 END,
           1, 4 + id % 200, 1, 1, strftime('%Y%m%d020000.000', given_on),
           strftime('%Y%m%d020000.000', last_event_on) FROM ours.task;
INSERT INTO issue__journal (nodeid, date, tag, action, params)
    SELECT task_id, strftime('%Y%m%d020000.000', on_day), 1,
           CASE do WHEN 'give' THEN 'create' ELSE 'set' END,
           CASE do WHEN 'give' THEN '{{}}' WHEN 'accept' THEN '{{''status'': ''1''}}'
                   WHEN 'report' THEN '{{''status'': ''2''}}' ELSE '{{''status'': ''3''}}' END
      FROM ours.history WHERE task_id IS NOT NULL ORDER BY id;
UPDATE ids SET num = 1 + (SELECT max(id) FROM _user) WHERE name = 'user';
UPDATE ids SET num = 1 + (SELECT max(id) FROM _unit) WHERE name = 'unit';
UPDATE ids SET num = 1 + (SELECT max(id) FROM _issue) WHERE name = 'issue';
"""


def make(venv: Path, home: Path, ours: Path, *, first: date) -> None:
    """Make a tracker in the folder `home` and fill it with the tasks of our database.

    Its roll-up of a year begins on the day `first`.
    """
    admin = [f"{venv}/bin/roundup-admin", "-i", str(home)]
    subprocess.run([*admin, "install", "classic", "sqlite"], check=True, stdout=subprocess.DEVNULL)
    for name, edits in EDITS.items():
        text = (home / name).read_text()
        for old, new in edits:
            if text.count(old) != 1:
                raise SystemExit(f"{name} of Roundup is not as expected: {old!r}")
            text = text.replace(old, new)
        (home / name).write_text(text)
    values = {"states": [str(state) for state in STATES], "login": LOGIN, "first": first.strftime("%Y%m%d")}
    for name, text in FILES.items():
        (home / name).write_text(text.format(**values) if name.endswith(".py") else text)
    subprocess.run([*admin, "initialise", PASSWORD], check=True)
    with closing(sqlite.connect(f"file:{home}/db/db", uri=True)) as tracker:
        tracker.executescript(ROWS.format(ours=ours, login=LOGIN))
    subprocess.run([*admin, "reindex", "issue"], check=True, stdout=subprocess.DEVNULL)
