"""Who is told what at once: news that do not wait, and deadlines with an hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tracker.clock import VIETNAM
from tracker.language import gettext as _
from tracker.models import end_reading, transaction
from tracker.operations.reminders import writing
from tracker.operations.reminders.addressees import Addressees
from tracker.operations.reminders.prompt import Prompt, PromptLine
from tracker.operations.reminders.writing import PEOPLE_AT_A_TIME, Written
from tracker.outbox import address_of
from tracker.queries import prompts as facts
from tracker.queries.prompts import Happened
from tracker.queries.reminders import DECIDED, GIVEN, Person, TaskFacts, active_people, holders_on
from tracker.queries.settings import all_settings
from tracker.rules.ladder import Ladder
from tracker.rules.prompt import NEWS_OF, NORMAL_URGENCY, News, hour_rungs, may_prompt


def queue_prompts(*, today: date, at: datetime) -> int:
    """Queue what cannot wait for the daily mail, one mail a person; return how many were queued.

    What was told before, by whichever mail, is not told again. Whoever got a prompt less than the setting
    `prompt_gap_minutes` before `at` (aware) waits, and is then told all that has come meanwhile. The key of a
    prompt names the one before it, so that two schedulers at once queue one.
    """
    settings = all_settings()
    people, lines = _true_now(today=today, at=at, settings=settings)
    if not lines:
        return 0
    told = facts.told_lately(at=at, today=today)
    prompts = []
    for user_id, mine in sorted(lines.items()):
        untold = [
            _telling(line, [each for each in line.tells if not told.holds(line.task.id, *each, user_id)])
            for line in mine
        ]
        prompts += _prompt(people[user_id], today, untold)
    latest = facts.latest_prompts([prompt.person.id for prompt in prompts])
    gap, queued = timedelta(minutes=settings["prompt_gap_minutes"]), 0
    due = []
    for prompt in prompts:
        last = latest.get(prompt.person.id)
        if may_prompt(last_at=last and last.queued_at, now=at, gap=gap):
            due.append((f"prompt:{prompt.person.id}:{last.mail_id if last else 0}", prompt))
    for start in range(0, len(due), PEOPLE_AT_A_TIME):
        end_reading()
        batch = [Written.of(key, prompt) for key, prompt in due[start : start + PEOPLE_AT_A_TIME]]
        with transaction():
            # Whom a daily mail told meanwhile is asked anew in the next minute.
            count, _overtaken = writing.queue(batch, at=at)
        queued += count
    return queued


def freshen_prompts(*, today: date, at: datetime) -> None:
    """Bring the prompts that wait to what is true now; one with nothing left to say is cancelled.

    Nothing is added to them: what is new goes by the next one, what has grown old by the daily mail.
    """
    waiting = facts.prompts_that_wait(at)
    if not waiting:
        return
    told_by = facts.told_by_waiting(at)
    people, lines = _true_now(today=today, at=at, settings=all_settings())
    empty, changed = [], []
    end_reading()
    for mail in waiting:
        told = told_by.get(mail.id, set())
        still = [
            _telling(line, [each for each in line.tells if (line.task.id, *each) in told])
            for line in lines.get(mail.user_id, ())
        ]
        prompts = _prompt(people.get(mail.user_id), today, still)
        if not prompts:
            empty.append(mail.id)
        elif prompts[0].fingerprint != mail.fingerprint:
            changed.append((mail.id, prompts[0], prompts[0].render()))
    if empty or changed:
        with transaction():
            writing.call_back(empty, reason=_("Không còn việc để báo."), at=at)
            for mail_id, prompt, rendered in changed:
                writing.rewrite(mail_id, prompt, rendered, at=at)


def _prompt(person: Person | None, today: date, lines: Iterable[PromptLine]) -> list[Prompt]:
    """Return the prompt that says these lines, none where nobody could get it or there is nothing to say."""
    said = [line for line in lines if line.tells]
    if person is None or not said or address_of(person.email) is None:
        return []
    return [Prompt(person=person, day=today, lines=said)]


def _telling(line: PromptLine, rungs: list[tuple[str, date | None]]) -> PromptLine:
    return line if len(rungs) == len(line.tells) else replace(line, tells=tuple(rungs))


def _true_now(
    *, today: date, at: datetime, settings: Mapping[str, Any]
) -> tuple[Mapping[int, Person], dict[int, list[PromptLine]]]:
    """Return the people, and by person what is true at `at` and does not wait, whether told or not."""
    tasks = facts.tasks_in_question(at=at, today=today)
    if not tasks:
        return {}, {}
    happened = _latest_of_each(facts.happened_lately(at))
    given_at = facts.given_at(today) if any(task.due_time for task in tasks) else {}
    people = active_people()
    addressees = Addressees(people, holders_on(today))
    lines: dict[int, list[PromptLine]] = {}
    for task in tasks:
        concerned = addressees.unit_people(task)
        for line, by_id in _lines_of(task, happened, given_at, today=today, at=at, settings=settings):
            for user_id in concerned - {by_id}:
                lines.setdefault(user_id, []).append(line)
    return people, lines


def _latest_of_each(happened: Iterable[Happened]) -> dict[tuple[int, News], Happened]:
    """Return the latest of each news of each task; what was decided before it moved concerns nobody now."""
    latest: dict[tuple[int, News], Happened] = {}
    for each in happened:
        news = NEWS_OF[each.do]
        if news is News.GIVEN:
            for other in News:
                latest.pop((each.task_id, other), None)
        latest[each.task_id, news] = each
    return latest


def _lines_of(
    task: TaskFacts, happened: Mapping[tuple[int, News], Happened], given_at: Mapping[int, datetime | None],
    *, today: date, at: datetime, settings: Mapping[str, Any],
) -> Iterator[tuple[PromptLine, int | None]]:  # fmt: skip
    """Give each news of a task, and who brought it about and knows."""
    for news in News:
        each = happened.get((task.id, news))
        if each is None or (news is News.GIVEN and each.urgency == NORMAL_URGENCY):
            continue
        rung = f"{GIVEN if news is News.GIVEN else DECIDED}:{each.id}"
        reason = "" if news is News.GIVEN else each.note or ""
        yield PromptLine(task, news, each.do, reason, today, ((rung, task.due_on),)), each.by_id
    if task.due_on is not None and task.due_time is not None:
        rungs = hour_rungs(
            due_on=task.due_on, due_time=task.due_time, given_on=task.given_on,
            given_at=given_at.get(task.id), now=at, zone=VIETNAM,
            hours_before=settings["reminder_hours_before"],
            reminder_time=time.fromisoformat(settings["reminder_time"]),
            ladder=Ladder.from_settings(settings),
        )  # fmt: skip
        if rungs:
            tells = tuple((rung, task.due_on) for rung in rungs)
            yield PromptLine(task, News.DEADLINE, "", "", today, tells), None
