"""Create groups, second factors, devices, limits and the record of acts.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import cms.core.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def upgrade() -> None:
    """Bring the change."""
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=80), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("token_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("details_digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entries_hash")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_act", ["act", "number"], unique=False)
        batch_op.create_index("ix_audit_entries_actor", ["actor_id", "number"], unique=False)
        batch_op.create_index("ix_audit_entries_at", ["at", "number"], unique=False)
        batch_op.create_index("ix_audit_entries_subject", ["subject", "subject_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_undoes"), ["undoes"], unique=False)

    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_groups_name")),
    )
    op.create_table(
        "limits",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limits")),
    )
    with op.batch_alter_table("limits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limits_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "audit_details",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["audit_entries.number"], name=op.f("fk_audit_details_number_audit_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_details")),
    )
    op.create_table(
        "audit_people",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["audit_entries.number"], name=op.f("fk_audit_people_number_audit_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", "user_id", name=op.f("pk_audit_people")),
    )
    with op.batch_alter_table("audit_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_people_user_id"), ["user_id"], unique=False)

    op.create_table(
        "author_addresses",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_author_addresses_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_author_addresses")),
    )
    with op.batch_alter_table("author_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_author_addresses_user_id"), ["user_id"], unique=False)

    op.create_table(
        "authenticators",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=500), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_authenticators_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_authenticators")),
    )
    op.create_table(
        "challenges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_challenges_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_challenges_key_hash")),
    )
    with op.batch_alter_table("challenges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenges_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenges_user_id"), ["user_id"], unique=False)

    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_devices_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_devices_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_devices_key_hash"), ["key_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_devices_user_id"), ["user_id"], unique=False)

    op.create_table(
        "email_changes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("old_key_hash", sa.String(length=64), nullable=False),
        sa.Column("new_key_hash", sa.String(length=64), nullable=False),
        sa.Column("old_confirmed_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("new_confirmed_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_changes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_email_changes")),
        sa.UniqueConstraint("new_key_hash", name=op.f("uq_email_changes_new_key_hash")),
        sa.UniqueConstraint("old_key_hash", name=op.f("uq_email_changes_old_key_hash")),
    )
    with op.batch_alter_table("email_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_email_changes_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "groups_roles",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_groups_roles_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_groups_roles_role_id_roles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "role_id", name=op.f("pk_groups_roles")),
    )
    with op.batch_alter_table("groups_roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_roles_role_id"), ["role_id"], unique=False)

    op.create_table(
        "groups_users",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_groups_users_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_groups_users_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_groups_users")),
    )
    with op.batch_alter_table("groups_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_users_user_id"), ["user_id"], unique=False)

    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_identities_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identities_user_id"), ["user_id"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_user_id"), ["user_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_user_id"), ["user_id"], unique=False)

    # What is there already was made by signing in with a password alone; rows of before keep working.
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("requires_second_factor", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_ip", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("method", sa.String(length=20), server_default="password", nullable=False))
        batch_op.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("confirmed_at", cms.core.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("seen_as_user_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("seen_as_role_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_ins_seen_as_user_id_users"), "users", ["seen_as_user_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_ins_seen_as_role_id_roles"), "roles", ["seen_as_role_id"], ["id"], ondelete="SET NULL"
        )

    # PostgreSQL gives no number twice; SQLite does, unless the table says otherwise when it is made.
    anew = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": True}} if _is_sqlite() else {}
    with op.batch_alter_table("users", schema=None, **anew) as batch_op:
        batch_op.add_column(sa.Column("passkey_handle", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("erased_at", cms.core.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_users_passkey_handle"), ["passkey_handle"], unique=True)


def downgrade() -> None:
    """Take the change back."""
    before = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": False}} if _is_sqlite() else {}
    with op.batch_alter_table("users", schema=None, **before) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_passkey_handle"))
        batch_op.drop_column("erased_at")
        batch_op.drop_column("passkey_handle")

    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sign_ins_seen_as_role_id_roles"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_sign_ins_seen_as_user_id_users"), type_="foreignkey")
        batch_op.drop_column("seen_as_role_id")
        batch_op.drop_column("seen_as_user_id")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("second_factor")
        batch_op.drop_column("method")
        batch_op.drop_column("last_ip")

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("requires_second_factor")

    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_codes_user_id"))

    op.drop_table("recovery_codes")
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkeys_user_id"))

    op.drop_table("passkeys")
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identities_user_id"))

    op.drop_table("identities")
    with op.batch_alter_table("groups_users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_users_user_id"))

    op.drop_table("groups_users")
    with op.batch_alter_table("groups_roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_roles_role_id"))

    op.drop_table("groups_roles")
    with op.batch_alter_table("email_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_email_changes_expires_at"))

    op.drop_table("email_changes")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_devices_user_id"))
        batch_op.drop_index(batch_op.f("ix_devices_key_hash"))
        batch_op.drop_index(batch_op.f("ix_devices_expires_at"))

    op.drop_table("devices")
    with op.batch_alter_table("challenges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenges_user_id"))
        batch_op.drop_index(batch_op.f("ix_challenges_expires_at"))

    op.drop_table("challenges")
    op.drop_table("authenticators")
    with op.batch_alter_table("author_addresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_author_addresses_user_id"))

    op.drop_table("author_addresses")
    with op.batch_alter_table("audit_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_people_user_id"))

    op.drop_table("audit_people")
    op.drop_table("audit_details")
    with op.batch_alter_table("limits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_limits_expires_at"))

    op.drop_table("limits")
    op.drop_table("groups")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_undoes"))
        batch_op.drop_index("ix_audit_entries_subject")
        batch_op.drop_index("ix_audit_entries_at")
        batch_op.drop_index("ix_audit_entries_actor")
        batch_op.drop_index("ix_audit_entries_act")

    op.drop_table("audit_entries")
