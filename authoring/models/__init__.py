from .drafts import Draft, DraftVersion
from .files import Kind, Role, StoredFile, Upload

__all__ = ["Draft", "DraftVersion", "Kind", "Role", "StoredFile", "Upload"]
