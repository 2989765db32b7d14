"""Fire doors, in six chapters of ten seconds each.

A house is cut open: the burning room on the left, the corridor on the right, the door between.
"""

from math import cos, pi, radians, sin

from shapes import (
    AMBER,
    DOOR,
    DOOR_EDGE,
    FLOOR,
    GREEN,
    GROUND,
    HOT_WALL,
    INK,
    PAPER,
    STEEL,
    WALL,
    WALL_EDGE,
    WIDTH,
    circle,
    clipped,
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

SECONDS = 60
CHAPTER = 10
CEILING, LINTEL = 110, 250
HINGE, WALL_WIDTH, LEAF = 622, 44, 190


def draw(t: float) -> str:
    chapter = min(int(t // CHAPTER), 5)
    scenes = (_buys_time, _keep_closed, _seal, _closer, _report, _in_short)
    return frame(scenes[chapter](t - chapter * CHAPTER))


def _house(*, burns: float) -> list[str]:
    """Both rooms without the door; `burns` warms the left one."""
    return [
        rect(0, 0, WIDTH, 720, "#cfd8dd"),
        rect(0, CEILING, HINGE, FLOOR - CEILING, WALL),
        group([rect(0, CEILING, HINGE, FLOOR - CEILING, HOT_WALL)], opacity=burns),
        rect(HINGE, CEILING, WIDTH - HINGE, FLOOR - CEILING, WALL),
        rect(0, CEILING - 14, WIDTH, 14, WALL_EDGE),
        rect(0, FLOOR, WIDTH, 720 - FLOOR, GROUND),
    ]


def _wall_above() -> str:
    left = HINGE - WALL_WIDTH / 2
    wall = rect(left, CEILING, WALL_WIDTH, LINTEL - CEILING, STEEL)
    return wall + rect(left - 6, LINTEL - 14, WALL_WIDTH + 12, 14, "#475569")


def _leaf(angle: float, *, closer: bool = True, broken: bool = False) -> str:
    """The door, seen from its edge; opened by `angle` degrees into the corridor it grows wider."""
    wide = 16 + LEAF * sin(radians(angle))
    rise = 16 * sin(radians(angle))
    right = HINGE + wide
    corners = [(HINGE, LINTEL), (right, LINTEL + rise), (right, FLOOR - 3 + rise), (HINGE, FLOOR)]
    parts = [polygon(corners, DOOR if angle > 2 else DOOR_EDGE)]
    if angle > 8:
        pane = [(HINGE + wide * x, LINTEL + y + rise * x) for x, y in _PANE]
        parts.append(polygon(pane, "#a7f3d0", 'opacity="0.55"'))
        parts.append(rect(HINGE + 0.82 * wide, 430 + rise, 0.1 * wide, 12, PAPER, radius=5))
    else:
        parts.append(rect(right - 3, 430, 16, 12, INK, radius=4))
    if closer:
        parts.append(_arm(right, rise, wide, broken=broken))
    return "".join(parts)


_PANE = [(0.3, 50), (0.7, 50), (0.7, 150), (0.3, 150)]


def _arm(right, rise, wide, *, broken) -> str:
    """The closer: a box on the leaf, and two rods to the frame."""
    box = rect(HINGE + 0.35 * wide, LINTEL + 22 + rise / 2, max(22, 0.4 * wide), 16, INK, radius=4)
    if broken:
        rod = path(f"M{HINGE + 30} {LINTEL + 34} L{HINGE + 58} {LINTEL + 120}", stroke=INK, width=8)
        return box + rod
    elbow = (HINGE + 0.5 * wide + 26, LINTEL - 40)
    rods = f"M{HINGE + 0.6 * wide:.1f} {LINTEL + 26 + rise / 2:.1f} L{elbow[0]:.1f} {elbow[1]} "
    return path(rods + f"L{HINGE + 20} {LINTEL - 22}", stroke=INK, width=7) + box


def _exit_sign(x, y) -> str:
    run = (
        circle(-28, -20, 8, PAPER)
        + path(
            "M-34 -6 L-22 12 L-36 30 M-22 12 L-8 26 M-30 -4 L-12 6 M-30 -4 L-44 8",
            stroke=PAPER,
            width=7,
        )
        + path("M6 4 L40 4 M28 -10 L42 4 L28 18", stroke=PAPER, width=8)
    )
    return group([rect(-60, -42, 120, 84, GREEN, radius=8), run], x=x, y=y)


def _clock(x, y, share) -> str:
    """A wall clock whose hand passes half an hour as `share` goes from 0 to 1."""
    angle = pi * share
    end = (92 * sin(angle), -92 * cos(angle))
    sector = path(f"M0 0 L0 -92 A92 92 0 0 1 {end[0]:.2f} {end[1]:.2f}Z", "#99f6e4")
    marks = [line(0, -98, 0, -86, INK, 5)]
    marks = [group(marks, turn=30 * hour) for hour in range(12)]
    face = circle(0, 0, 110, PAPER, f'stroke="{INK}" stroke-width="8"')
    hands = line(0, 0, 0.86 * end[0], 0.86 * end[1], INK, 8) + circle(0, 0, 9, INK)
    return group([face, sector, *marks, hands], x=x, y=y)


def _room_smoke(t, amount) -> str:
    """Smoke under the ceiling of the burning room."""
    clouds = [
        smoke(60 + 118 * n, CEILING + 46 + 8 * sin(n), 95 * amount, t, n, 0.55) for n in range(5)
    ]
    clouds += [
        smoke(120 + 118 * n, CEILING + 130, 90 * eased(amount, 0.4, 1), t, 3 + n, 0.45)
        for n in range(4)
    ]
    room = rect(0, CEILING, HINGE - WALL_WIDTH / 2, FLOOR - CEILING, "#000")
    return clipped("room", room, clouds)


def _fire(t, size) -> list[str]:
    sizes = (210, 280, 230)
    return [flame(150 + 95 * n, FLOOR, sizes[n] * size, t, 1.7 * n) for n in range(3)]


def _buys_time(t: float) -> list[str]:
    burns = eased(t, 0.3, 3)
    walked = mixed(690, 1350, min(1, max(0, (t - 3.2) / 6)))
    return [
        *_house(burns=burns),
        *_fire(t, mixed(0.25, 1, burns)),
        _room_smoke(t, eased(t, 0.8, 7)),
        _clock(900, 250, eased(t, 0.8, 9.2)),
        _exit_sign(1170, 190),
        _leaf(0),
        _wall_above(),
        person(walked, t, walks=1 if t > 3.2 else 0),
    ]


def _keep_closed(t: float) -> list[str]:
    angle = 72 * (1 - eased(t, 6.6, 8.2))
    passed = eased(t, 1.5, 5.5) * (1 - 0.85 * eased(t, 7.4, 9.6))
    kicked = eased(t, 6.1, 6.7)
    reach = HINGE + 16 + LEAF * sin(radians(72))
    clouds = [
        smoke(700 + 130 * n, LINTEL - 50 + 34 * sin(0.6 * n + 0.5 * t), 105 * passed, t, n, 0.55)
        for n in range(5)
    ]
    walked = mixed(1350, 930, eased(t, 3.6, 5.8))
    return [
        *_house(burns=1),
        *_fire(t, 1),
        _room_smoke(t, 1 - 0.35 * passed),
        _leaf(angle),
        *clouds,
        _wall_above(),
        group(
            [polygon([(-34, 0), (34, 0), (34, -26)], "#b45309")],
            x=reach - 8 + 250 * kicked,
            y=FLOOR + 14,
            turn=200 * kicked,
            opacity=1 - eased(t, 6.7, 7.1),
        ),
        person(walked, t, walks=1 if 3.6 < t < 5.8 else 0, faces=-1, arm=20 if t > 5.8 else None),
        cross(reach, FLOOR - 70, 46, eased(t, 0.8, 1.2) * (1 - eased(t, 5.6, 6.0))),
        tick(HINGE + 120, 440, 52, eased(t, 8.4, 8.9)),
    ]


def _seal(t: float) -> list[str]:
    """From above, close: frame and door with the gap between them, and the strip in the frame."""
    heat = eased(t, 2.0, 4.5)
    swollen = eased(t, 3.5, 6.5)
    gap = 60
    depth = 36 + (gap - 2) * swollen
    bumps = "".join(circle(402 + depth, 280 + 23 * n, 20 * swollen, "#334155") for n in range(4))
    wisps = [
        smoke(484 + 10 * sin(2 * n + t), 700 - ((110 * n + 130 * t) % 760), 24, t, n,
              0.6 * (1 - eased(t, 4.6, 6.2)) * eased(t, 1.2, 2.2))
        for n in range(7)
    ]  # fmt: skip
    warm = group([rect(0, 470, WIDTH, 250, "#fed7aa")], opacity=heat)
    return [
        rect(0, 0, WIDTH, 720, WALL),
        warm,
        *[flame(150 + 200 * n, 760, (170 + 30 * sin(n)) * heat, t, n) for n in range(6)],
        *wisps,
        rect(0, 150, 452, 330, STEEL),
        rect(0, 150, 452, 20, "#475569"),
        rect(452 + gap, 190, WIDTH, 250, DOOR),
        rect(452 + gap, 190, 26, 250, DOOR_EDGE),
        rect(416, 262, 36, 106, "#1e293b", radius=4),
        rect(416, 264, depth, 102, "#334155", radius=10),
        group([bumps], opacity=swollen),
        circle(
            468, 315, 150, "none", f'stroke="{AMBER}" stroke-width="8" opacity="{_pulse(t):.2f}"'
        ),
        tick(468, 92, 50, eased(t, 7.2, 7.7)),
    ]


def _pulse(t: float) -> float:
    return eased(t, 0.3, 0.8) * (1 - eased(t, 2.2, 2.8))


def _closer(t: float) -> list[str]:
    """Opened half way and let go: it closes by itself, and the latch goes in."""
    angle = 46 * eased(t, 0.8, 2.6) * (1 - eased(t, 4.2, 7.2))
    wide = 16 + LEAF * sin(radians(angle))
    holding = t < 3.9
    hand = HINGE + wide + 80 if holding else 816
    back = eased(t, 3.9, 4.5)
    arrow = eased(t, 4.0, 4.5) * (1 - eased(t, 7.0, 7.5))
    curve = path(
        "M830 330 C800 270 740 262 700 300 M700 258 L698 302 L742 300", stroke=AMBER, width=12
    )
    return [
        *_house(burns=0),
        _leaf(angle),
        _wall_above(),
        *_latch(t),
        person(hand + 70 * back, t, faces=-1, arm=mixed(64, 0, back)),
        group([curve], opacity=arrow),
        tick(1120, 500, 50, eased(t, 8.2, 8.7)),
    ]


def _latch(t: float) -> list[str]:
    """A lens on the latch: the bolt meets the plate of the frame, and springs in."""
    near = eased(t, 6.0, 7.2)
    sprung = eased(t, 7.2, 7.5)
    shown = eased(t, 5.6, 6.0)
    right = mixed(90, 12, near)
    inside = [
        rect(-140, -140, 280, 280, "#f8fafc"),
        rect(-140, -140, 120, 280, STEEL),
        rect(-62, -26, 44, 52, INK),
        rect(right, -140, 200, 280, DOOR),
        rect(right - 14 - 44 * sprung, -18, 40, 36, "#facc15", radius=4),
    ]
    lens = clipped("lens", circle(0, 0, 120, "#000"), inside)
    edge = circle(0, 0, 120, "none", f'stroke="{INK}" stroke-width="9"')
    link = line(HINGE + 26, 436, 1004, 330, INK, 4, f'opacity="{shown:.2f}"')
    return [link, group([lens, edge], x=1120, y=300, scale=max(shown, 0.01), opacity=shown)]


def _report(t: float) -> list[str]:
    """A closer that hangs: no spanner, but a message, on the same day."""
    walked = mixed(1340, 800, eased(t, 0.2, 2.4))
    sent = eased(t, 4.4, 5.2)
    spanner = eased(t, 6.2, 6.7)
    return [
        *_house(burns=0),
        _leaf(20, broken=True),
        path("M600 250 C584 330 606 400 590 500", stroke="#334155", width=9),
        _wall_above(),
        cross(HINGE + 130, LINTEL + 60, 34, eased(t, 1.4, 1.8)),
        person(walked, t, walks=1 if 0.2 < t < 2.4 else 0, faces=-1, arm=70 if t > 2.8 else None),
        group([rect(-15, -26, 30, 52, INK, radius=6), rect(-11, -20, 22, 36, "#99f6e4", radius=2)],
              x=walked - 92, y=FLOOR - 196, turn=-8, opacity=eased(t, 2.8, 3.1)),
        _message(eased(t, 3.2, 3.8), sent),
        group([_spanner()], x=1010, y=500, scale=max(spanner, 0.01), opacity=spanner),
        cross(1076, 452, 34, eased(t, 7.0, 7.4)),
    ]  # fmt: skip


def _message(shown, sent) -> str:
    """A bubble with the door in it, and a day's leaf of a calendar that gets its tick."""
    bubble = path("M-170 -80 h300 a22 22 0 0 1 22 22 v120 a22 22 0 0 1 -22 22 h-230 l-50 44 v-44"
                  " h-20 a22 22 0 0 1 -22 -22 v-120 a22 22 0 0 1 22 -22Z", PAPER)  # fmt: skip
    door = rect(-140, -48, 62, 106, DOOR, radius=3) + circle(-90, 6, 5, PAPER)
    mark = line(-40, -44, -40, 16, "#b91c1c", 14) + circle(-40, 46, 9, "#b91c1c")
    leaf = rect(20, -46, 104, 104, "#f1f5f9", radius=8) + rect(
        20, -46, 104, 30, "#b91c1c", radius=8
    )
    sun = circle(72, 22, 17, AMBER)
    rays = [group([line(0, -24, 0, -31, AMBER, 5)], x=72, y=22, turn=45 * n) for n in range(8)]
    parts = [bubble, door, mark, leaf, sun, *rays, tick(124, 58, 26, sent)]
    return group(parts, x=1010, y=240, scale=max(shown, 0.01), opacity=shown)


def _spanner() -> str:
    handle = line(-52, 52, 30, -30, STEEL, 22)
    head = circle(44, -44, 34, STEEL) + polygon([(44, -44), (62, -92), (92, -62)], WALL)
    return handle + head


def _in_short(t: float) -> list[str]:
    pictures = (_door_picture, _seal_picture, _closer_picture, _phone_picture)
    parts = [rect(0, 0, WIDTH, 720, "#0b3b38")]
    for n, picture in enumerate(pictures):
        begin = 0.4 + 1.1 * n
        shown = eased(t, begin, begin + 0.6)
        tile = [rect(-130, -150, 260, 300, PAPER, radius=24), picture(t)]
        parts.append(group(tile, x=190 + 300 * n, y=340 + 40 * (1 - shown), opacity=shown))
        parts.append(tick(190 + 300 * n, 545, 40, eased(t, begin + 0.7, begin + 1.1)))
    return parts


def _door_picture(t: float) -> str:
    parts = [rect(-80, -110, 160, 220, "#475569"), rect(-66, -98, 132, 208, DOOR)]
    parts += [rect(-26, -76, 52, 70, "#a7f3d0"), circle(46, 16, 9, PAPER)]
    return "".join(parts)


def _seal_picture(t: float) -> str:
    parts = [rect(-110, -60, 100, 120, STEEL), rect(26, -60, 84, 120, DOOR)]
    parts += [rect(-24, -30, 50, 60, "#1e293b", radius=12)]
    parts += [flame(x, 118, 48, t, x) for x in (-60, 0, 60)]
    return "".join(parts)


def _closer_picture(t: float) -> str:
    swing = 26 * (1 - eased(t % 3, 0.4, 2.2))
    leaf = polygon([(-70, -90), (10 + swing, -80), (10 + swing, 104), (-70, 94)], DOOR)
    rods = path(f"M{-20 + swing / 2:.1f} -70 L40 -120 L-60 -112", stroke=INK, width=8)
    arrow = path("M96 40 C96 -10 70 -30 44 -30 M62 -50 L42 -30 L62 -10", stroke=AMBER, width=10)
    return rect(-84, -104, 14, 208, "#475569") + leaf + rods + arrow


def _phone_picture(t: float) -> str:
    parts = [
        rect(-56, -110, 112, 220, INK, radius=18),
        rect(-44, -90, 88, 170, "#ccfbf1", radius=6),
    ]
    parts += [rect(-24, -62, 48, 80, DOOR, radius=3), line(0, 36, 0, 54, "#b91c1c", 9)]
    return "".join([*parts, circle(0, 68, 5, "#b91c1c")])
