"""How migrations run: on the application's engine, all of them in one transaction that holds the write lock."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection


def _run(connection: Connection) -> None:
    database = current_app.extensions["migrate"].db
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        compare_type=True,
    )
    context.run_migrations()


def run() -> None:
    """Migrate inside one transaction; a kill in the middle leaves the database as it was."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                # Two processes that start at once wait for each other here.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7013)")
                _run(connection)
            return
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _run(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            connection.rollback()
            raise RuntimeError(f"The migration would leave {len(broken)} rows without what they refer to.")
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
