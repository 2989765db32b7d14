from .drafts import Draft, DraftVersion
from .files import Kind, Role, StoredFile, Upload
from .self_enrollment import SelfEnrollment

__all__ = ["Draft", "DraftVersion", "Kind", "Role", "SelfEnrollment", "StoredFile", "Upload"]
