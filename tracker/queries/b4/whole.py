"""A whole B.4 with all its tasks, as of the end of its cut-off day: what is frozen, printed and compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.task import Task
from tracker.queries.b4.grouping import directives_corrected, leaders_of, tasks_corrected
from tracker.queries.b4.papers import paper_then
from tracker.queries.b4.population import Question, population
from tracker.queries.b4.units import read_units
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.status import Cell, State, days_overdue


def report(question: Question) -> B4Report:
    """Return a B.4 with all its tasks: six statements, whatever their number.

    What was corrected after the cut-off day is told as it stood; how the question is grouped does not matter.
    """
    rows = _read(question)
    units = read_units(question, {row.unit_id for row in rows})
    tasks_then, papers_then = tasks_corrected(question), directives_corrected(question)
    people = leaders_of(
        question, {row.leader_id for row in rows if row.leader_id is not None},
        {stood["leader"] for stood in tasks_then.values() if stood.get("leader")},
    )
    papers: dict[int, dict[str, Any]] = {}
    tasks = []
    for row in rows:
        then = tasks_then.get(row.task_id, {})
        paper = papers.get(row.directive_id)
        if paper is None:
            stood = papers_then.get(row.directive_id, {})
            paper = papers[row.directive_id] = paper_then(row, stood)
        leader = people.get(then.get("leader", row.leader_id))
        tasks.append(
            CountedTask(
                key=row.key, content=then.get("content", row.content), item=then.get("item", row.item),
                product=then.get("product", row.product), directive_key=row.directive_key,
                directive_kind=paper["kind"], directive_number=paper["number"],
                directive_issued_on=paper["issued_on"], directive_subject=paper["subject"],
                field=paper["field"] or None, unit=units.codes[row.unit_id],
                leader_login=leader.login if leader else None, leader_name=leader.name if leader else None,
                given_on=row.given_on, original_due_on=row.original_due_on, due_on=row.due_on,
                state=row.state, reported_on=row.reported_on,
                closed_on=row.valid_from if row.state is State.COMPLETED else None, cell=Cell(row.cell),
                days=days_overdue(row, day=question.on),
            )
        )  # fmt: skip
    tasks.sort(key=lambda task: (task.due_on or FAR_FUTURE, task.key))
    return B4Report(
        assigner_code=question.assigner.code, assigner_name=units.assigner_name, above=units.above_assigner,
        title_of_head=units.title_of_head, first=question.first, last=question.last, on=question.on,
        units=units.rows, tasks=tuple(tasks),
    )  # fmt: skip


def _read(question: Question) -> Sequence[Any]:
    counted = population(question).subquery("counted")
    query = (
        select(
            counted.c.task_id, counted.c.unit_id, counted.c.cell, counted.c.state, counted.c.due_on,
            counted.c.reported_on, counted.c.valid_from, Task.key, Task.content, Task.item, Task.product,
            Task.leader_id, Task.given_on, Task.original_due_on, Task.directive_id,
            Directive.key.label("directive_key"), Directive.kind, Directive.number, Directive.issued_on,
            Directive.subject, Directive.field,
        )
        .join(Task, Task.id == counted.c.task_id)
        .join(Directive, Directive.id == Task.directive_id)
    )  # fmt: skip
    return db.session.execute(query).all()
