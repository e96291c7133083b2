"""Every action on a task with its form, in the order in which a page offers them."""

from __future__ import annotations

from tracker.web.tasks.form import ActionForm
from tracker.web.tasks.giver_forms import (
    CancelForm,
    ConfirmForm,
    EditForm,
    GiveDraftForm,
    GrantExtensionForm,
    ReassignForm,
    RefuseExtensionForm,
    RefuseReturnForm,
    ReopenForm,
    ReworkForm,
    SetDueForm,
    TransferForm,
)
from tracker.web.tasks.unit_forms import (
    AcceptForm,
    AskExtensionForm,
    AskReturnForm,
    ContributeForm,
    PassDownForm,
    ProgressForm,
    ReportForm,
)

FORMS: tuple[type[ActionForm], ...] = (
    AcceptForm, ProgressForm, ReportForm, ConfirmForm, ReworkForm, GrantExtensionForm, RefuseExtensionForm,
    ReassignForm, RefuseReturnForm, GiveDraftForm, ContributeForm, PassDownForm, AskExtensionForm,
    AskReturnForm, SetDueForm, EditForm, TransferForm, ReopenForm, CancelForm,
)  # fmt: skip
"""Every action, in the order in which a page offers it: the next step first, what ends things last."""
