"""A brought sheet as it reads now: rows, the tasks that some of them already are, names to be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tracker.intake.sheet import Sheet, sheet_of
from tracker.intake.sheet.rows import Known, Row, number_key, read_rows, unknown_names
from tracker.models import end_reading
from tracker.models.directive import Directive
from tracker.models.sheet import ImportBatch
from tracker.operations.aliases import known_units
from tracker.queries.giving import recipients
from tracker.queries.settings import all_settings
from tracker.queries.sheets import Given, directives_numbered, given_of, persons_of
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import State
from tracker.rules.text import fold


@dataclass(frozen=True)
class ReadBatch:
    """A sheet with its columns, read with what the house knows on a day."""

    sheet: Sheet
    rows: list[Row]
    known: Known
    directives: dict[str, str]
    """Keys of the directives of the register that rows name, by `number_key`."""
    there: dict[int, dict[str, int]]
    """Tasks that are in the register already, by row and by lead unit."""

    differs: dict[int, tuple[str, ...]]
    """Fields in which such a row says something else than the register; bringing it changes nothing there."""

    @cached_property
    def same(self) -> set[int]:
        """Numbers of the rows all of whose tasks are in the register already."""
        return {
            row.number
            for row in self.rows
            if (found := self.there.get(row.number)) and all(lead in found for lead in row.leads)
        }

    @property
    def bad(self) -> list[Row]:
        """Rows of which no task can be made, other than those that are there already."""
        return [row for row in self.rows if not row.is_good and row.number not in self.same]

    @property
    def good(self) -> list[Row]:
        """Rows that will become tasks."""
        return [row for row in self.rows if row.is_good and row.number not in self.same]

    @property
    def unknown(self) -> Counter[str]:
        """Names of units that nothing fits, and in how many rows."""
        return unknown_names(self.bad)


def read(batch: ImportBatch, *, today: date, calendar: WorkingCalendar) -> ReadBatch:
    """Read the rows of a sheet with its columns and its directive of today; a handful of statements.

    Reading thousands of rows takes seconds: the database is let go meanwhile, so that nobody waits for it.
    """
    sheet = sheet_of(batch.sheet)
    at = batch.columns.index("number") if "number" in batch.columns else None
    numbers = {" ".join(cells[at].split()) for _number, cells in sheet.rows} if at is not None else set()
    units = recipients(batch.unit, day=today)
    shared = batch.paper.get("number") or None
    directives: dict[str, Directive] = {}
    columns, issuer = list(batch.columns), batch.unit.code
    for each in directives_numbered(batch.unit, {*numbers, *([shared] if shared else [])} - {""}):
        directives[number_key(each.number or "")] = each
    day = batch.paper.get("issued_on")
    known = Known(
        units=known_units(units, batch.unit, owner=batch.unit), persons=persons_of(batch.unit),
        calendar=calendar, today=today, strict_before=all_settings()["strict_before"], paper_number=shared,
        paper_day=date.fromisoformat(day) if day else None,
        papers={key: (each.issued_on, each.registered_on) for key, each in directives.items()},
    )  # fmt: skip
    kept = {number: each.key for number, each in directives.items()}
    ids = [each.id for each in directives.values()]
    end_reading()
    rows = read_rows(sheet, columns, known)
    made = {
        (row.number, lead): row.task_key(issuer, lead)
        for row in rows if row.is_good for lead in row.leads
    }  # fmt: skip
    given = given_of(batch.unit, ids, made.values(), [row.key for row in rows if row.key])
    end_reading()
    there = _there(rows, made, given)
    differs = {row.number: differ for row in rows if (differ := _differences(row, there.get(row.number, {})))}
    return ReadBatch(sheet, rows, known, kept, _ids(there), differs)


def _ids(there: dict[int, dict[str, Given]]) -> dict[int, dict[str, int]]:
    return {number: {lead: each.id for lead, each in found.items()} for number, found in there.items()}


def _there(
    rows: list[Row], made: dict[tuple[int, str], str], tasks: list[Given]
) -> dict[int, dict[str, Given]]:
    """Return the tasks that rows are already, by row and lead: of one key, of equal facts, made of them."""
    of_key: dict[str, Given] = {}
    of_facts: dict[tuple[str, str, str, date | None], Given] = {}
    for given in tasks:
        of_key[given.key] = given
        for due_on in {given.due_on, given.original_due_on}:
            number = number_key(given.number) if given.number else ""
            of_facts.setdefault((number, fold(" ".join(given.content.split())), given.unit, due_on), given)
    found: dict[int, dict[str, Given]] = {}
    for row in rows:
        for lead in row.leads or ("",):
            known = of_key.get(row.key or "") or of_facts.get(row.facts(lead))
            known = known or of_key.get(made.get((row.number, lead), ""))
            if known is not None:
                found.setdefault(row.number, {})[lead] = known
    return found


def _differences(row: Row, there: dict[str, Given]) -> tuple[str, ...]:
    """Return the fields in which a row that can be read differs from its tasks, as they stand today."""
    wrong = {each.where for each in row.problems}
    found: dict[str, None] = {}
    for lead, given in there.items():
        said = {
            "content": fold(given.content) in (fold(row.content), fold(row.words)),
            "lead": lead in ("", given.unit),
            "due": row.due_on in (given.due_on, given.original_due_on),
            "state": row.state in (State.NOT_STARTED, given.state),
        }
        found |= {field: None for field, is_equal in said.items() if not is_equal and field not in wrong}
    return tuple(found)
