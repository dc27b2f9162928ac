"""`flask seed`: a small demo site, to look at and to try things on."""


def seed_new_site() -> None:
    """Fill a site that has no entries yet."""


COMMANDS = ()
