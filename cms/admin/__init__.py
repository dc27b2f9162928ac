"""The back office under /admin: Flask-Admin's views and routes, our templates, everything written by actions."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request
from flask_admin import Admin
from flask_admin.theme import Theme

from cms.accounts.models import Group, Role, User
from cms.admin import assets
from cms.admin.access import is_back_office, send_stranger_away
from cms.admin.audit import AuditView
from cms.admin.audit_words import record_of
from cms.admin.categories import CategoryView
from cms.admin.dashboard import DashboardView
from cms.admin.frame import init_frame
from cms.admin.groups import GroupView
from cms.admin.headers import close_page, csp_nonce
from cms.admin.media import MediaView
from cms.admin.pages import PageView
from cms.admin.personal_data import PersonalDataView
from cms.admin.posts import PostView
from cms.admin.profile import ProfileView
from cms.admin.reasons import WhyView
from cms.admin.roles import RoleView
from cms.admin.seeing import SeeAsView
from cms.admin.settings import SettingsView
from cms.admin.tags import TagView
from cms.admin.users import UserView
from cms.content.models import Category, Page, Post, Tag
from cms.core.limits import allow_long_forms
from cms.extensions import db
from cms.media.models import MediaFile

#: Flask-Admin joins this to its own folder of templates; an absolute path is our folder alone.
THEME = Theme(folder=str(Path(__file__).parent / "templates"), base_template="admin/base.html")


def init_admin(app: Flask) -> None:
    """Open the back office: its files, its headers, the door for strangers, and its views."""
    app.register_blueprint(assets.blueprint)
    # Before everybody else's checks: a stranger learns nothing here, not even that a token was missing.
    app.before_request_funcs.setdefault(None, []).insert(0, send_stranger_away)
    app.after_request(close_page)
    allow_long_forms(_is_inside)
    init_frame(app)
    app.jinja_env.globals["record_of"] = record_of
    admin = Admin(app, name="Masthead", index_view=DashboardView(), theme=THEME, csp_nonce_generator=csp_nonce)
    admin.add_views(
        PostView(Post, db, name="Posts", endpoint="admin_posts", url="posts"),
        PageView(Page, db, name="Pages", endpoint="admin_pages", url="pages"),
        CategoryView(Category, db, name="Categories", endpoint="admin_categories", url="categories"),
        TagView(Tag, db, name="Tags", endpoint="admin_tags", url="tags"),
        MediaView(MediaFile, db, name="Media", endpoint="admin_media", url="media"),
        UserView(User, db, name="Users", endpoint="admin_users", url="users"),
        RoleView(Role, db, name="Roles", endpoint="admin_roles", url="roles"),
        GroupView(Group, db, name="Groups", endpoint="admin_groups", url="groups"),
        ProfileView(),
        SeeAsView(),
        WhyView(),
        PersonalDataView(),
        SettingsView(),
        AuditView(),
    )


def _is_inside() -> bool:
    """Entries are written here, and nowhere else."""
    return is_back_office(request.path)
