"""The status reply to the sender of an envelope, as a file to be put into the document exchange."""

from __future__ import annotations

import io

from flask import abort, flash, g, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.rules.permissions import Permission
from tracker.rules.text import fold
from tracker.web.access import requires
from tracker.web.envelopes import answer_to, reply_file
from tracker.web.intake.blueprint import bp, load_draft

MEDIA_TYPE = "application/xml"


@bp.get("/doc-van-ban/<id:draft_id>/phieu-tra-loi.edxml")
@requires(Permission.REGISTER_DIRECTIVE)
def reply(draft_id: int) -> ResponseReturnValue:
    """Hand out the status reply of a paper with the status that is true now; 404 where none is waited for."""
    row = load_draft(draft_id)
    answer = answer_to(row, day=g.today)
    if answer is None:
        abort(404)
    if not answer.is_possible:
        flash(_("%(unit)s chưa có mã định danh điện tử nên chưa lập được phiếu trả lời. Quản trị nhập mã ở "
                "trang của đơn vị.", unit=row.unit.name), "warning")  # fmt: skip
        if row.directive_id is not None:
            return redirect(url_for("directives.show", directive_id=row.directive_id), 303)
        return redirect(url_for("intake.show", draft_id=draft_id), 303)
    code = fold(answer.asked.code or answer.asked.document_id)
    name = "".join(each if each.isalnum() else "-" for each in code)
    return send_file(
        io.BytesIO(reply_file(row, answer, at=g.now)), mimetype=MEDIA_TYPE, as_attachment=True,
        download_name=f"phieu-trang-thai-{name}-{answer.status}.edxml",
    )  # fmt: skip
