"""The bar of the seven cells of table B.4: a page has dozens of them, so each is written as one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask
from markupsafe import Markup, escape

from tracker.language import gettext as _
from tracker.web.filters import B4_CELLS, cell_words, number


def cells_bar(
    counts: Mapping[str, int] | Sequence[int], total: int | None = None, label: str | None = None
) -> Markup:
    """Return a thin bar of the seven cells, with a text alternative.

    `counts` are seven numbers in B.4 order, or a mapping from cell to number; `total` is what the whole bar
    stands for, the sum of the counts when left out; `label` names what is counted.
    """
    numbers = counts if isinstance(counts, Mapping) else dict(zip(B4_CELLS, counts, strict=True))
    some = [(cell, count) for cell in B4_CELLS if (count := numbers.get(cell, 0))]
    whole = total or sum(count for _cell, count in some)
    text = _("chưa có nhiệm vụ")
    if some:
        parts = ", ".join(f"{number(count)} {cell_words(cell)}" for cell, count in some)
        text = _("%(total)s nhiệm vụ: %(parts)s", total=number(whole), parts=parts)
    drawn, begin = "", 0.0
    for cell, count in some:
        width = 100 * count / whole
        drawn += (
            f'\n    <rect class="bar-cell" x="{round(begin, 3):g}%" width="{round(width, 3):g}%" height="12"'
            f' fill="url(#bar-{cell})"/>'
        )
        begin += width
    says = escape(f"{label}: {text}" if label else text)
    return Markup(  # noqa: S704 - all that is not a number or a name of the program is escaped above
        '<span class="cells-bar-box"><svg class="cells-bar" width="140" height="12" role="img"'
        f' focusable="false" aria-label="{says}">\n    <rect class="bar-frame" width="100%" height="12"/>'
        f"{drawn}\n  </svg></span>"
    )


def register(app: Flask) -> None:
    """Give the templates of `app` the bar as `b4_bar`."""
    app.jinja_env.globals["b4_bar"] = cells_bar
