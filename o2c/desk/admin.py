"""What administrators see: users and their roles, and the kernel's own records to look at."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from o2c.core.models import (
    Attachment,
    Delivery,
    Event,
    JobRun,
    NumberSeries,
    OutgoingMessage,
    User,
)
from o2c.core.roles import forbidden_together
from o2c.web.admin import ReadOnlyAdmin

admin.site.site_header = admin.site.site_title = _("Administration")
# One way in, with its second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.index_title = _("Masters, users, and documents to look at")


class UserForm(UserChangeForm):
    """A user's roles: never two duties that must be kept apart, and never one's own."""

    editor: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        pairs = forbidden_together(cleaned.get("groups", ()), cleaned.get("user_permissions", ()))
        for one, other in pairs:
            self.add_error(
                "groups",
                _("“%(one)s” and “%(other)s” must not meet in one person.")
                % {"one": one, "other": other},
            )
        if self.instance == self.editor and {"groups", "user_permissions"} & {*self.changed_data}:
            self.add_error("groups", _("Nobody changes their own rights. Ask somebody else."))
        return cleaned


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Users and their roles. Who is no superuser neither makes one nor changes one."""

    form = UserForm

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.editor = request.user  # type: ignore[attr-defined]  # see UserForm
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what somebody has done keeps their name; switch them off instead


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "name", "document_type", "document_id", "actor")
    list_filter = ("document_type",)
    search_fields = ("=document_id", "name")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event", "handler", "state", "attempts", "next_attempt_at", "failure")
    list_filter = ("state", "slow")


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "to", "subject", "state", "attempts", "failure")
    list_filter = ("state",)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "name", "document_type", "document_id", "purpose", "created_by")


admin.site.register([JobRun, NumberSeries], ReadOnlyAdmin)
