"""The broker's address, as Celery writes it."""


def celery_url(url: str) -> str:
    """Returns a Redis address as Celery writes it; only a unix socket differs."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    number = dict(pair.split("=") for pair in query.split("&") if "=" in pair).get("db", "0")
    return f"redis+socket://{path}?virtual_host={number}"
