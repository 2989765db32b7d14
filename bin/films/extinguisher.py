"""The extinguisher in twelve seconds: pull the pin, aim at the base, squeeze, sweep."""

from math import sin

from shapes import (
    AMBER,
    FLOOR,
    GROUND,
    INK,
    PAPER,
    RED,
    STEEL,
    WALL,
    WIDTH,
    circle,
    cross,
    eased,
    flame,
    frame,
    group,
    line,
    mixed,
    path,
    person,
    polygon,
    rect,
    smoke,
    tick,
)

SECONDS = 12


def draw(t: float) -> str:
    parts = [rect(0, 0, WIDTH, FLOOR, WALL), rect(0, FLOOR, WIDTH, 720 - FLOOR, GROUND)]
    return frame([*parts, *(_pull(t) if t < 3 else _aim(t))])


def _pull(t: float) -> list[str]:
    """Close up: the valve and the pin that comes out."""
    out = eased(t, 0.9, 2.2)
    ring = 760 + 250 * out
    return [
        rect(470, 330, 260, 420, RED, radius=60),
        rect(500, 470, 200, 120, PAPER, radius=10),
        flame(600, 576, 84, 0.4),
        rect(560, 250, 80, 100, STEEL, radius=10),
        path("M560 270 L360 240", stroke=INK, width=34),
        path("M560 210 L330 150", stroke=INK, width=34),
        rect(545, 195, 130, 80, "#475569", radius=14),
        path("M640 300 C820 320 860 420 850 640", stroke=INK, width=30),
        line(600, 234, ring, 234, AMBER, 10),
        circle(ring + 34, 234, 34, "none", f'stroke="{AMBER}" stroke-width="10"'),
        _arrow(800, 130, 150, eased(t, 0.2, 0.7) * (1 - eased(t, 2.0, 2.5))),
        tick(1120, 234, 44, eased(t, 2.3, 2.8)),
    ]


def _arrow(x, y, length, opacity) -> str:
    tip = polygon([(length, -26), (length + 44, 0), (length, 26)], INK)
    return group([line(0, 0, length, 0, INK, 14), tip], x=x, y=y, opacity=opacity)


def _aim(t: float) -> list[str]:
    """From the side: first too high, then at the base; then the sweep puts it out."""
    lowered = eased(t, 3.6, 5.0)
    spraying = eased(t, 6.0, 6.3) * (1 - eased(t, 11.0, 11.3))
    sweep = sin(2.6 * (t - 6)) if t > 6 else 0.0
    left = 1 - eased(t, 7.0, 10.4)
    nozzle = (474, 430)
    target = (930 + 90 * sweep * spraying, mixed(FLOOR - 230, FLOOR - 14, lowered))
    fire = [
        flame(870 + 65 * n, FLOOR, (230, 290, 250)[n] * left * (0.92 + 0.08 * sin(n + t)), t, n)
        for n in range(3)
    ]
    steam = smoke(950, FLOOR - 250 - 60 * (1 - left), 120 * (1 - left), t, 2, 0.35 * spraying)
    aimed = eased(t, 3.1, 3.4) * (1 - eased(t, 5.9, 6.1))
    return [
        rect(820, FLOOR - 34, 260, 34, "#7c5a3a", radius=6),
        *fire,
        steam,
        line(*nozzle, *target, RED if lowered < 0.6 else "#15803d", 6, _dashed(aimed)),
        cross(1010, FLOOR - 330, 40, eased(t, 3.3, 3.6) * (1 - eased(t, 4.0, 4.4))),
        tick(1130, FLOOR - 60, 40, eased(t, 5.0, 5.4) * (1 - eased(t, 5.8, 6.1))),
        *_spray(t, nozzle, target, spraying),
        *_holder(t),
        tick(960, FLOOR - 200, 60, eased(t, 11.2, 11.7)),
    ]


def _dashed(opacity) -> str:
    return f'stroke-dasharray="4 18" opacity="{opacity:.2f}"'


def _holder(t: float) -> list[str]:
    """A person who holds the extinguisher; the handle goes down when it is squeezed."""
    squeezed = 12 * eased(t, 6.0, 6.2) * (1 - eased(t, 11.0, 11.2))
    return [
        person(300, t, arm=62),
        rect(352, 410, 62, 150, RED, radius=20),
        rect(364, 452, 38, 50, PAPER, radius=5),
        rect(372, 384, 22, 30, STEEL, radius=4),
        path(f"M388 376 L346 {362 + squeezed:.1f}", stroke=INK, width=11),
        path("M388 392 L346 392", stroke=INK, width=11),
        path("M392 396 C440 380 440 424 474 430", stroke=INK, width=12),
    ]


def _spray(t, nozzle, target, spraying) -> list[str]:
    (x, y), (to_x, to_y) = nozzle, target
    if spraying < 0.02:
        return []
    cone = polygon([(x, y), (to_x - 70, to_y + 8), (to_x + 90, to_y + 8)], "#f8fafc")
    clouds = []
    for n in range(14):
        along = (n / 14 + 1.5 * t) % 1
        wave = 22 * along * sin(9 * n + 6 * t)
        here = (mixed(x, to_x, along), mixed(y, to_y, along) + wave)
        clouds.append(circle(*here, 8 + 34 * along, "#f1f5f9"))
    return [group([cone], opacity=0.75 * spraying), group(clouds, opacity=0.85 * spraying)]
