"""Let what readers find of entries be counted from the index of states alone, and what changed since be found.

Revision: 0004, after 0003.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BEFORE = ["kind", "state", "published_at", "id"]


def upgrade() -> None:
    """Bring the change."""
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index("ix_entries_state")
        batch_op.create_index("ix_entries_state", [*_BEFORE, "binned_at", "visibility"], unique=False)
        batch_op.create_index("ix_entries_revised", ["kind", "revised_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index("ix_entries_revised")
        batch_op.drop_index("ix_entries_state")
        batch_op.create_index("ix_entries_state", _BEFORE, unique=False)
