"""The web process: `app` answers requests and starts no scheduler."""

import gc

from tracker import create_app

app = create_app()
# The program itself is never garbage: without this a full collection walks it, a tenth of a second in a page.
gc.freeze()
