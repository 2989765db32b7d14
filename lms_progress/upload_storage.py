"""Where uploaded files are kept: a private folder, or a bucket of an S3-compatible service."""

import importlib.util
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def storages(state_dir: Path) -> dict[str, dict]:
    """Django's STORAGES. No web server may serve the folder: files are private."""
    folder = Path(os.environ.get("UPLOADS_DIR") or state_dir / "uploads")
    private = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": folder,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
    return {
        "default": private,
        "uploads": _bucket() or private,
        "staticfiles": {"BACKEND": "lms_progress.served_scripts.ServedScripts"},
    }


def _bucket() -> dict | None:
    """The bucket, whose credentials are in the environment under the names that S3 clients read."""
    name = os.environ.get("UPLOADS_BUCKET", "")
    if not name:
        return None
    if importlib.util.find_spec("storages") is None:
        raise ImproperlyConfigured("UPLOADS_BUCKET needs the package django-storages[s3].")
    options = {
        "bucket_name": name,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": False,
        "endpoint_url": os.environ.get("UPLOADS_ENDPOINT_URL") or None,
        "region_name": os.environ.get("UPLOADS_REGION") or None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
