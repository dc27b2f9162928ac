"""The API: what the site holds, and the people who make it, for programs."""

from __future__ import annotations

from flask import Blueprint, Flask

from cms.api import documentation, handbook
from cms.api.access import PREFIX, check_stamp, come_in, turn_away
from cms.api.cors import init_cors
from cms.api.nowhere import blueprint as nowhere_blueprint
from cms.api.nowhere import init_nowhere
from cms.api.parsing import refuse_stray_query
from cms.api.problems import answer_error
from cms.api.rates import init_rates
from cms.api.v1 import PARTS, blueprint
from cms.core.error_answers import answer_errors_below
from cms.core.gate import knows_no_cookies
from cms.extensions import csrf

blueprint.before_request(check_stamp)
blueprint.before_request(refuse_stray_query)
# The document is made from all the others, so it joins them last.
blueprint.register_blueprint(documentation.blueprint)
# Pages for people are no part of it: Flask's own way joins them without a word in the document.
Blueprint.register_blueprint(blueprint, handbook.blueprint)


def init_api(app: Flask) -> None:
    """Open the API: who asks is told by tokens alone, and every error below /api has one shape."""
    app.before_request_funcs.setdefault(None, [])[:0] = [come_in, turn_away]
    init_rates(app)
    init_cors(app)
    answer_errors_below(PREFIX, answer_error)
    for name in (blueprint.name, nowhere_blueprint.name):
        knows_no_cookies(name)
    for joined in (*(part.blueprint for part in PARTS), nowhere_blueprint):
        csrf.exempt(joined)
    app.register_blueprint(blueprint)
    init_nowhere(app)
