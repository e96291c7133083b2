"""The web process: `app` answers requests and starts no scheduler."""

import atexit
import gc

from tracker import create_app
from tracker.models import close_databases

app = create_app()
# The program itself is never garbage: without this a full collection walks it, a tenth of a second in a page.
gc.freeze()


@atexit.register
def _close() -> None:
    with app.app_context():
        close_databases()
