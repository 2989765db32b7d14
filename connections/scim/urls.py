from django.urls import re_path

from .views import ScimView

# The slash at the end is as you like; the protocol knows all addresses below.
urlpatterns = [re_path(r"^(?P<address>/.*)?$", ScimView.as_view(), name="scim")]
