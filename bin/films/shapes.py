"""What the demo's films are drawn with: SVG markup as text, on a stage of 1280 × 720.

Every shape is a function of its arguments alone, so that a film comes out the same each time.
"""

from math import cos, pi, sin

WIDTH, HEIGHT = 1280, 720
FLOOR = 610
WALL, WALL_EDGE, GROUND = "#e8ecef", "#b9c3ca", "#8d9aa3"
HOT_WALL = "#f3dfcf"
DOOR, DOOR_EDGE = "#0f766e", "#0b4f4a"
INK, PAPER = "#1f2d36", "#ffffff"
GREEN, RED, AMBER = "#15803d", "#b91c1c", "#f59e0b"
STEEL, SMOKE = "#64748b", "#4b5563"


def eased(t: float, begin: float, end: float) -> float:
    """From 0 at `begin` to 1 at `end`, slow at both ends."""
    share = min(1.0, max(0.0, (t - begin) / (end - begin)))
    return share * share * (3 - 2 * share)


def mixed(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def rect(x, y, width, height, fill, *, radius=0.0, extra="") -> str:
    size = f'width="{width:.1f}" height="{height:.1f}" rx="{radius}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" {extra}/>'


def circle(x, y, r, fill, extra="") -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{max(r, 0):.1f}" fill="{fill}" {extra}/>'


def line(x1, y1, x2, y2, colour, width, extra="") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}" stroke-linecap="round" {extra}/>'


def polygon(points, fill, extra="") -> str:
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{text}" fill="{fill}" {extra}/>'


def path(d: str, fill="none", stroke="none", width=0.0) -> str:
    strokes = f'stroke="{stroke}" stroke-width="{width}" stroke-linecap="round"'
    return f'<path d="{d}" fill="{fill}" {strokes} stroke-linejoin="round"/>'


def group(parts, *, x=0.0, y=0.0, scale=1.0, turn=0.0, opacity=1.0) -> str:
    place = f"translate({x:.2f} {y:.2f}) rotate({turn:.2f}) scale({scale:.4f})"
    return f'<g transform="{place}" opacity="{opacity:.3f}">{"".join(parts)}</g>'


def clipped(name: str, shape: str, parts) -> str:
    inner = f'<g clip-path="url(#{name})">{"".join(parts)}</g>'
    return f'<clipPath id="{name}">{shape}</clipPath>{inner}'


def frame(parts) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return head + "".join(parts) + "</svg>"


def flame(x, base, height, t, seed=0.0) -> str:
    """Three tongues, one in the other, that flicker with `t`."""
    if height < 2:
        return ""
    parts = []
    for share, colour in ((1.0, "#ea580c"), (0.66, "#f59e0b"), (0.34, "#fde68a")):
        lean = 0.10 * sin(7 * t + seed) + 0.06 * sin(13.3 * t + 2 * seed)
        tall = height * share * (1 + 0.09 * sin(11 * t + 3 * seed + 4 * share))
        half = 0.36 * height * share
        tip = x + lean * height * share
        parts.append(
            path(
                f"M{x - half:.1f} {base:.1f}"
                f"C{x - 1.3 * half:.1f} {base - 0.45 * tall:.1f} {x - 0.3 * half:.1f} "
                f"{base - 0.55 * tall:.1f} {tip:.1f} {base - tall:.1f}"
                f"C{x + 0.35 * half:.1f} {base - 0.6 * tall:.1f} {x + 1.35 * half:.1f} "
                f"{base - 0.4 * tall:.1f} {x + half:.1f} {base:.1f}Z",
                colour,
            )
        )
    return "".join(parts)


def smoke(x, y, r, t, seed=0.0, opacity=0.5) -> str:
    """A cloud of five puffs."""
    puffs = []
    for n in range(5):
        angle = n * 2.4 + seed
        drift = 0.10 * sin(1.7 * t + n + seed)
        puff = r * (0.52 + 0.10 * sin(1.3 * t + 2 * n + seed))
        along, up = r * (0.75 * cos(angle) + drift), 0.38 * r * sin(angle)
        puffs.append(circle(x + along, y + up, puff, SMOKE))
    return group(puffs, opacity=opacity) if opacity > 0.01 and r > 1 else ""


def tick(x, y, size, share=1.0) -> str:
    """A green badge that grows with `share`."""
    mark = path("M-18 2 L-5 15 L20 -14", stroke=PAPER, width=9)
    return _badge(x, y, size, share, GREEN, mark)


def cross(x, y, size, share=1.0) -> str:
    mark = path("M-14 -14 L14 14 M14 -14 L-14 14", stroke=PAPER, width=9)
    return _badge(x, y, size, share, RED, mark)


def _badge(x, y, size, share, colour, mark) -> str:
    if share <= 0.01:
        return ""
    bounce = share * (1 + 0.25 * sin(pi * min(share, 1.0)))
    return group([circle(0, 0, 38, colour), mark], x=x, y=y, scale=size / 38 * bounce)


def person(x, t, *, walks=0.0, faces=1, arm=None, colour="#2563eb", height=1.0) -> str:
    """Stands on the floor at `x`. `walks` is how far the legs swing (0 to 1); `arm` is the angle
    of the front arm in degrees from hanging down."""
    swing = 26 * walks * sin(8 * t) + 6 * (1 - walks)
    front = -0.8 * swing if arm is None else -arm
    parts = [
        _limb(0, -118, 116, swing, INK, 22),
        _limb(0, -118, 116, -swing, "#334155", 22),
        _limb(0, -208, 92, 0.8 * swing, "#1e40af", 17),
        rect(-24, -226, 48, 118, colour, radius=20),
        circle(0, -258, 28, "#e2a57c"),
        path("M-29 -262 C-29 -300 29 -300 29 -266 C10 -272 -8 -276 -29 -262Z", "#3f2a1d"),
        _limb(0, -208, 92, front, "#1d4ed8", 17),
    ]
    inner = f'<g transform="scale({faces * height:.3f} {height:.3f})">{"".join(parts)}</g>'
    lift = 5 * walks * abs(sin(8 * t))
    return group([inner], x=x, y=FLOOR - lift)


def _limb(x, y, length, angle, colour, width) -> str:
    return group([line(0, 0, 0, length, colour, width)], x=x, y=y, turn=angle)
