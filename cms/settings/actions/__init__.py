"""What can be done with settings: one verb a module, policy first."""

from cms.settings.actions.change_settings import change_settings

__all__ = ["change_settings"]
