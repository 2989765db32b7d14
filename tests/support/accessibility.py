"""Checks of accessibility with axe, in both colour schemes and two sizes of the window."""

from pathlib import Path

import pytest

AXE = (Path(__file__).parents[1] / "vendor/axe-core-4.14.1/axe.min.js").read_text("utf-8")

# The admin's scripts have started (Alpine removes x-cloak) and ours have made it accessible.
SETTLED = """() => document.readyState === "complete" && !document.querySelector("[x-cloak]")
    && !document.querySelector("#nav-sidebar:not([role=navigation])")"""
NEXT_FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"


def settled(page):
    """Wait until the page's scripts have done what they do at the start."""
    page.wait_for_function(SETTLED)
    page.evaluate(NEXT_FRAME)


def violations(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document)")["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']]}"
        for each in found
    ]


@pytest.fixture(params=["light", "dark"])
def scheme(request, page):
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    return request.param


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["wide", "narrow"])
def size(request, page):
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
