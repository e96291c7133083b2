"""An installation moves from SQLite to PostgreSQL by its history file and holds there what it held."""

from sqlalchemy import func, select

from tests.chaos.conftest import working_on
from tests.chaos.installation import FROZEN, LAST_DAY, questions
from tests.conftest import POSTGRESQL, SQLITE
from tracker.models import db
from tracker.models.report import Report
from tracker.models.units import Unit
from tracker.operations import history, recounting
from tracker.queries import b4
from tracker.rules.overdue_report import checksum


def everything(asked):
    """Return what an installation holds: rows of each table, frozen reports, B.4 tables, lines."""
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in db.metadata.sorted_tables
    }
    kept = db.session.scalars(select(Report).order_by(Report.id)).all()
    frozen = [(each.sha256, each.edition, each.made_at, each.first_on, each.on_day) for each in kept]
    assert all(checksum(each.data) == each.sha256 for each in kept)
    units = {unit.code: unit for unit in db.session.scalars(select(Unit))}
    shown = [b4.table(b4.Question(units[each.assigner], each.first, each.on, each.on)) for each in asked]
    return counts, frozen, shown, list(history.dump())


def test_counts_tables_and_frozen_reports_are_equal_after_the_move(installations, chance, size, note):
    asked = questions(chance, installations.lines, number=size.pick(10, 50))

    with working_on(installations.template(SQLITE)):
        before = everything(asked)
    with working_on(installations.template(POSTGRESQL)):
        after = everything(asked)
        outcome = recounting.check_now(today=LAST_DAY)

    for was, became in zip(before, after, strict=True):
        assert became == was
    counts, frozen, shown, lines = after
    assert len(frozen) == len(FROZEN)
    assert len(lines) == len(installations.lines) + len(FROZEN)
    assert outcome.differences == outcome.corrections == []
    note(rows=sum(counts.values()), frozen=len(frozen), tables=len(shown), lines=len(lines))
