"""Checks of accessibility with axe, in both colour schemes and two sizes of the window."""

from pathlib import Path

AXE = (Path(__file__).parents[1] / "vendor/axe-core-4.14.1/axe.min.js").read_text("utf-8")
# Only what is wrong is described: most of axe's report is about what is in order.
RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html }) => html)]);
}"""

# The admin's scripts have started (Alpine removes x-cloak) and ours have made it accessible.
SETTLED = """() => document.readyState === "complete" && !document.querySelector("[x-cloak]")
    && !document.querySelector("#nav-sidebar:not([role=navigation])")"""
NEXT_FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
SCHEMES = ("light", "dark")
WIDE, NARROW = (1440, 900), (390, 844)


def settled(page):
    """Wait until the page's scripts have done what they do at the start."""
    page.wait_for_function(SETTLED)
    page.evaluate(NEXT_FRAME)


def violations(page):
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    return [
        f"{rule}: {advice}: {[html[:200] for html in nodes]}"
        for rule, advice, nodes in page.evaluate(RUN)
    ]


def every_look(page, *, sizes=(WIDE, NARROW), is_loaded_again=False):
    """Shows the open page light and dark, in each of `sizes`; yields the name of each look.

    Our own pages follow the scheme and the size by their style sheets alone. The scripts of the
    admin look at the scheme when they start: its pages are loaded again for it.
    """
    opened_in = "dark" if page.evaluate(IS_DARK) else "light"
    for scheme in sorted(SCHEMES, key=lambda scheme: scheme != opened_in):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if is_loaded_again and scheme != opened_in:
            page.reload()
            settled(page)
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(NEXT_FRAME)
            yield f"{scheme}, {width} px"


def violations_in_every_look(page, **more):
    """What is wrong with the open page, in both schemes and in each size: see `every_look`."""
    return [f"{look}: {each}" for look in every_look(page, **more) for each in violations(page)]


def fits(page) -> bool:
    """Whether the page fits without scrolling sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
