"""The web process: `app` answers requests and starts no scheduler."""

from tracker import create_app

app = create_app()
