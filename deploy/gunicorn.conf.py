"""For a gunicorn of your own, without `flask serve`:

    gunicorn -c deploy/gunicorn.conf.py --bind 127.0.0.1:8000

The job runner is then a second service: `flask --app app.py jobs run`.
"""

from cms.cli.gunicorn_conf import *  # noqa: F403 -- gunicorn reads its settings from the names of this file
