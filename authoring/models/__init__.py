from .drafts import Draft, DraftVersion
from .files import Kind, Role, State, StoredFile, Upload
from .self_enrollment import SelfEnrollment

__all__ = [
    "Draft",
    "DraftVersion",
    "Kind",
    "Role",
    "SelfEnrollment",
    "State",
    "StoredFile",
    "Upload",
]
