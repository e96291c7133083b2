"""A brought sheet as it reads now: rows, the tasks that some of them already are, names to be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tracker.intake.names import KnownUnit, KnownUnits
from tracker.intake.sheet import Sheet, sheet_of
from tracker.intake.sheet.rows import Known, Row, number_key, read_rows, unknown_names
from tracker.models.directive import Directive
from tracker.models.sheet import ImportBatch
from tracker.models.units import Unit
from tracker.queries.aliases import aliases_of
from tracker.queries.giving import recipients
from tracker.queries.settings import all_settings
from tracker.queries.sheets import directives_numbered, given_of, persons_of
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.text import fold


@dataclass(frozen=True)
class ReadBatch:
    """A sheet with its columns, read with what the house knows on a day."""

    sheet: Sheet
    rows: list[Row]
    known: Known
    directives: dict[str, Directive]
    """Directives of the register that rows name, by `number_key`."""
    same: dict[int, int]
    """Rows that are in the register already, and the id of their task."""

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


def known_units(issuer: Unit, *, day: date) -> KnownUnits:
    """Return the units to which `issuer` may give tasks on a day, itself among them, with learnt names."""
    units = [KnownUnit(each.code, each.name, each.group) for each in recipients(issuer, day=day)]
    return KnownUnits([*units, KnownUnit(issuer.code, issuer.name, "itself")], aliases_of(issuer.id))


def read(batch: ImportBatch, *, today: date, calendar: WorkingCalendar) -> ReadBatch:
    """Read the rows of a sheet with its columns and its directive of today; a handful of statements."""
    sheet = sheet_of(batch.sheet)
    at = batch.columns.index("number") if "number" in batch.columns else None
    numbers = {" ".join(cells[at].split()) for _number, cells in sheet.rows} if at is not None else set()
    shared = batch.paper.get("number") or None
    directives: dict[str, Directive] = {}
    for each in directives_numbered(batch.unit, {*numbers, *([shared] if shared else [])} - {""}):
        directives[number_key(each.number or "")] = each
    day = batch.paper.get("issued_on")
    known = Known(
        units=known_units(batch.unit, day=today), persons=persons_of(batch.unit), calendar=calendar,
        today=today, strict_before=all_settings()["strict_before"], paper_number=shared,
        paper_day=date.fromisoformat(day) if day else None,
        papers={key: (each.issued_on, each.registered_on) for key, each in directives.items()},
    )  # fmt: skip
    rows = read_rows(sheet, batch.columns, known)
    return ReadBatch(sheet, rows, known, directives, _same(batch, rows, directives))


def _same(batch: ImportBatch, rows: list[Row], directives: dict[str, Directive]) -> dict[int, int]:
    keys = {row.key for row in rows if row.key}
    keys |= {row.task_key(batch.unit.code, lead) for row in rows if row.is_good for lead in row.leads[:1]}
    of_key: dict[str, int] = {}
    of_facts: dict[tuple[str, str, str, date | None], int] = {}
    for given in given_of(batch.unit, [each.id for each in directives.values()], keys):
        of_key[given.key] = given.id
        for due_on in {given.due_on, given.original_due_on}:
            number = number_key(given.number) if given.number else ""
            of_facts.setdefault((number, fold(" ".join(given.content.split())), given.unit, due_on), given.id)
    found: dict[int, int] = {}
    for row in rows:
        lead = row.leads[0] if row.leads else ""
        known = of_key.get(row.key or "") or of_facts.get(row.facts(lead))
        if known is None and row.is_good:
            known = of_key.get(row.task_key(batch.unit.code, lead))
        if known is not None:
            found[row.number] = known
    return found
