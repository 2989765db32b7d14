"""Callers that follow the lists of the API."""

from urllib.parse import urlsplit


def page(client, address: str, **query) -> dict:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(client, address: str, after_each_page=lambda: None, **query) -> tuple[list[dict], str]:
    """The rows of all pages, and the position from where to go on."""
    body = page(client, address, **({"cursor": ""} | query))
    rows, position = body["results"], body["next_updated_since"]
    while body["next"]:
        after_each_page()
        parts = urlsplit(body["next"])
        body = client.get(f"{parts.path}?{parts.query}").json()
        assert body["next_updated_since"] == position
        rows += body["results"]
    return rows, position


def ids(rows: list[dict]) -> list[int]:
    return [row["id"] for row in rows]


def refused(answer) -> dict:
    assert answer.status_code == 400, answer.content
    return {each["attr"]: each["code"] for each in answer.json()["errors"]}
