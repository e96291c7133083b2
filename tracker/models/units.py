"""Units: a tree of any depth, each with the days it exists and the unit that carries on after it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import FAR_FUTURE, Model, Word


class UnitKind(StrEnum):
    """What a unit is; levels come and go by law, so the kind is a word and the tree is data."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    DIVISION = "division"
    AGENCY = "agency"
    EXTERNAL = "external"


_HAS_SUCCESSOR = "successor_id IS NOT NULL"


class Unit(Model):
    """A body that gives or receives tasks. Its name is of its days: a renamed unit is a new unit."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[UnitKind] = mapped_column(Word(UnitKind), default=UnitKind.DIVISION)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    title_of_head: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(255))
    org_code: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int | None]
    """`order` of the history file: where the unit stands in B.4; units without one follow, as entered."""
    valid_from: Mapped[date]
    valid_to: Mapped[date] = mapped_column(default=FAR_FUTURE)
    """The first day on which the unit is no more."""
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    search_text: Mapped[str] = mapped_column(String(600), default="")
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped[Unit | None] = relationship(foreign_keys=parent_id, remote_side=id)
    successor: Mapped[Unit | None] = relationship(foreign_keys=successor_id, remote_side=id)

    __table_args__ = (
        Index("ix_unit_parent_id", "parent_id"),
        Index(
            "ix_unit_successor_id", "successor_id", sqlite_where=text(_HAS_SUCCESSOR),
            postgresql_where=text(_HAS_SUCCESSOR),
        ),
    )  # fmt: skip

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on a day: from its first day to the day before `valid_to`."""
        return self.valid_from <= day < self.valid_to


def subtree(roots: Select[int]) -> Select[int]:
    """Return a SELECT of the ids of these units and of all units below them."""
    below = roots.cte(recursive=True)  # unnamed: one statement may hold several
    root_id = below.c[0]
    below = below.union(select(Unit.id).where(Unit.parent_id == root_id))
    return select(below.c[0])
