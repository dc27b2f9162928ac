"""Create the records of people, settings, content, media, comments, imports and jobs.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import cms.core.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the change."""
    op.create_table(
        "import_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_id", sa.String(length=500), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("thing_version", sa.Integer(), nullable=True),
        sa.Column("links_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_records")),
        sa.UniqueConstraint("source", "source_id", name="uq_import_records_source_source_id"),
    )
    with op.batch_alter_table("import_records", schema=None) as batch_op:
        batch_op.create_index("ix_import_records_thing_thing_id", ["thing", "thing_id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("run_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("locked_until", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_due", ["state", "run_at", "id"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("offered", sa.JSON(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["terms.id"], name=op.f("fk_terms_parent_id_terms"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
    )
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_terms_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("uq_terms_kind_path", ["kind", "path"], unique=True)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("invited_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("current_login_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("slug_skeleton", sa.String(length=160), nullable=False),
        sa.Column("biography", sa.Text(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=True),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["media_files.id"],
            name="fk_users_picture_id_media_files",
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
        sa.UniqueConstraint("slug", name=op.f("uq_users_slug")),
        sa.UniqueConstraint("slug_skeleton", name=op.f("uq_users_slug_skeleton")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_picture_id"), ["picture_id"], unique=False)

    op.create_table(
        "media_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("extension", sa.String(length=16), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("animated", sa.Boolean(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("deleted_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["users.id"],
            name=op.f("fk_media_files_uploaded_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        sa.UniqueConstraint("key", name=op.f("uq_media_files_key")),
    )
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_files_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_media_files_list", ["deleted_at", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_files_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_files_uploaded_by_id"), ["uploaded_by_id"], unique=False)

    op.create_table(
        "role_grants",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("permission", sa.String(length=120), nullable=False),
        sa.Column("extent", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_role_grants_role_id_roles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("role_id", "permission", "extent", name=op.f("pk_role_grants")),
    )
    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_roles_users_role_id_roles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_roles_users_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_roles_users")),
    )
    with op.batch_alter_table("roles_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roles_users_role_id"), ["role_id"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_sign_ins_key_hash")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_ins_user_id"), ["user_id"], unique=False)

    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("published_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revised_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("binned_at", cms.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("featured_media_id", sa.Integer(), nullable=True),
        sa.Column("seo_title", sa.String(length=300), nullable=False),
        sa.Column("seo_description", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.String(length=1000), nullable=False),
        sa.Column("noindex", sa.Boolean(), nullable=False),
        sa.Column("sticky", sa.Boolean(), nullable=False),
        sa.Column("menu_order", sa.Integer(), nullable=False),
        sa.Column("comments_open", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("live_revision_number", sa.Integer(), nullable=True),
        sa.Column("working_revision_number", sa.Integer(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_entries_created_by_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["featured_media_id"],
            ["media_files.id"],
            name=op.f("fk_entries_featured_media_id_media_files"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["entries.id"], name=op.f("fk_entries_parent_id_entries"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.id"], name=op.f("fk_entries_updated_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("address", name=op.f("uq_entries_address")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_featured_media_id"), ["featured_media_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_entries_published", ["kind", "published_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_renderer_version"), ["renderer_version"], unique=False)
        batch_op.create_index("ix_entries_state", ["kind", "state", "published_at", "id"], unique=False)
        batch_op.create_index("ix_entries_title", ["kind", "title", "id"], unique=False)
        batch_op.create_index("ix_entries_updated", ["kind", "binned_at", "updated_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "media_uses",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"],
            ["media_files.id"],
            name=op.f("fk_media_uses_media_id_media_files"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("media_id", "thing", "thing_id", name=op.f("pk_media_uses")),
    )
    with op.batch_alter_table("media_uses", schema=None) as batch_op:
        batch_op.create_index("ix_media_uses_thing", ["thing", "thing_id"], unique=False)

    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("author_name", sa.String(length=255), nullable=False),
        sa.Column("author_mail", sa.String(length=320), nullable=False),
        sa.Column("author_url", sa.String(length=2000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("written_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('comment', 'pingback', 'trackback')", name=op.f("ck_comments_kind_known")),
        sa.CheckConstraint("status IN ('approved', 'pending', 'spam', 'trash')", name=op.f("ck_comments_status_known")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_comments_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id_comments"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_comments_user_id_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_comments_entry_id_status_written_at", ["entry_id", "status", "written_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_comments_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comments_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_comments_user_id"), ["user_id"], unique=False)

    op.create_table(
        "entry_authors",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_authors_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_entry_authors_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "user_id", name=op.f("pk_entry_authors")),
    )
    with op.batch_alter_table("entry_authors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_authors_user_id"), ["user_id"], unique=False)

    op.create_table(
        "entry_terms",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_terms_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_entry_terms_term_id_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "term_id", name=op.f("pk_entry_terms")),
    )
    with op.batch_alter_table("entry_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_terms_term_id"), ["term_id"], unique=False)

    op.create_table(
        "redirects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("term_id", sa.Integer(), nullable=True),
        sa.Column("media_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.String(length=1000), nullable=True),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_redirects_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"],
            ["media_files.id"],
            name=op.f("fk_redirects_media_id_media_files"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_redirects_term_id_terms"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirects")),
        sa.UniqueConstraint("path", name=op.f("uq_redirects_path")),
    )
    with op.batch_alter_table("redirects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redirects_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_redirects_media_id"), ["media_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_redirects_term_id"), ["term_id"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", cms.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_revisions_created_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_revisions_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index("uq_revisions_entry_id_number", ["entry_id", "number"], unique=True)

    # The two tables name each other; SQLite took the key with the table above.
    if op.get_bind().dialect.name != "sqlite":
        op.create_foreign_key(
            "fk_users_picture_id_media_files",
            "users",
            "media_files",
            ["picture_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    """Take the change back."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_users_picture_id_media_files", "users", type_="foreignkey")
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index("uq_revisions_entry_id_number")
        batch_op.drop_index(batch_op.f("ix_revisions_created_by_id"))

    op.drop_table("revisions")
    with op.batch_alter_table("redirects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redirects_term_id"))
        batch_op.drop_index(batch_op.f("ix_redirects_media_id"))
        batch_op.drop_index(batch_op.f("ix_redirects_entry_id"))

    op.drop_table("redirects")
    with op.batch_alter_table("entry_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_terms_term_id"))

    op.drop_table("entry_terms")
    with op.batch_alter_table("entry_authors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_authors_user_id"))

    op.drop_table("entry_authors")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comments_user_id"))
        batch_op.drop_index(batch_op.f("ix_comments_status"))
        batch_op.drop_index(batch_op.f("ix_comments_parent_id"))
        batch_op.drop_index("ix_comments_entry_id_status_written_at")

    op.drop_table("comments")
    with op.batch_alter_table("media_uses", schema=None) as batch_op:
        batch_op.drop_index("ix_media_uses_thing")

    op.drop_table("media_uses")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entries_updated_by_id"))
        batch_op.drop_index("ix_entries_updated")
        batch_op.drop_index("ix_entries_title")
        batch_op.drop_index("ix_entries_state")
        batch_op.drop_index(batch_op.f("ix_entries_renderer_version"))
        batch_op.drop_index("ix_entries_published")
        batch_op.drop_index(batch_op.f("ix_entries_parent_id"))
        batch_op.drop_index(batch_op.f("ix_entries_featured_media_id"))
        batch_op.drop_index(batch_op.f("ix_entries_created_by_id"))

    op.drop_table("entries")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_user_id"))
        batch_op.drop_index(batch_op.f("ix_sign_ins_expires_at"))

    op.drop_table("sign_ins")
    with op.batch_alter_table("roles_users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roles_users_role_id"))

    op.drop_table("roles_users")
    op.drop_table("role_grants")
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_files_uploaded_by_id"))
        batch_op.drop_index(batch_op.f("ix_media_files_sha256"))
        batch_op.drop_index("ix_media_files_list")
        batch_op.drop_index(batch_op.f("ix_media_files_kind"))

    op.drop_table("media_files")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_picture_id"))

    op.drop_table("users")
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.drop_index("uq_terms_kind_path")
        batch_op.drop_index(batch_op.f("ix_terms_parent_id"))

    op.drop_table("terms")
    op.drop_table("settings")
    op.drop_table("roles")
    op.drop_table("leases")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_due")

    op.drop_table("jobs")
    with op.batch_alter_table("import_records", schema=None) as batch_op:
        batch_op.drop_index("ix_import_records_thing_thing_id")

    op.drop_table("import_records")
