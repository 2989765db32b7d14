"""Small real streams for tests, made by ffmpeg, and a site that serves them, also with faults."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

INSTALL = "apt-get install ffmpeg"
SOURCE = Path(settings.BASE_DIR) / "static" / "demo" / "extinguisher.mp4"  # 12 s
SECONDS = 12
LEVELS = {"high": ("320:180", "200k", 250_000), "low": ("160:90", "60k", 80_000)}
_SEGMENT_SECONDS = 2
_ENCODED = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-keyint_min", "30"]
_ENCODED += ["-sc_threshold", "0", "-c:a", "aac", "-b:a", "48k"]


def ffmpeg(*arguments: str) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        missing = f"ffmpeg is missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_FFMPEG") == "1" else pytest.skip)(missing)
    command = [program, "-loglevel", "error", "-y", "-i", str(SOURCE), *arguments]
    subprocess.run(command, check=True, timeout=120)


def make_hls(folder: Path) -> None:
    """`index.m3u8` with two levels."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for name, (size, rate, bandwidth) in LEVELS.items():
        ffmpeg(
            *("-vf", f"scale={size}", *_ENCODED, "-b:v", rate, "-f", "hls"),
            *("-hls_time", str(_SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
            *("-hls_segment_filename", str(folder / f"{name}%d.ts"), str(folder / f"{name}.m3u8")),
        )
        resolution = size.replace(":", "x")
        lines.append(f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},RESOLUTION={resolution}")
        lines.append(f"{name}.m3u8")
    (folder / "index.m3u8").write_text("\n".join(lines) + "\n")


def make_dash(folder: Path) -> None:
    """`film.mpd` with two levels."""
    high, low = LEVELS.values()
    ffmpeg(
        *("-map", "0:v", "-map", "0:v", "-map", "0:a", *_ENCODED),
        *("-filter:v:0", f"scale={high[0]}", "-b:v:0", high[1]),
        *("-filter:v:1", f"scale={low[0]}", "-b:v:1", low[1]),
        *("-f", "dash", "-seg_duration", str(_SEGMENT_SECONDS), str(folder / "film.mpd")),
    )


class StreamSite:
    """Another site that serves the streams in a folder."""

    def __init__(self, url: str, faults: dict):
        self.url = url
        self.faults = faults  # the end of a path → a status, or seconds that it takes


@contextlib.contextmanager
def serving_streams(folder: Path):
    faults: dict[str, float] = {}
    began = time.monotonic()

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map = {
            ".m3u8": "application/vnd.apple.mpegurl",
            ".mpd": "application/dash+xml",
            ".ts": "video/mp2t",
            ".m4s": "video/mp4",
        }

        def do_GET(self):
            path = self.path.partition("?")[0]
            fault = next((each for end, each in faults.items() if path.endswith(end)), 0)
            if fault >= 100:
                self.send_error(int(fault))
            elif path.endswith("live.m3u8"):
                self._send_live()
            else:
                time.sleep(fault)
                super().do_GET()

        def _send_live(self):
            """Three parts at first, then one more each two seconds; no end."""
            passed = int((time.monotonic() - began) / _SEGMENT_SECONDS)
            last = min(3 + passed, SECONDS // _SEGMENT_SECONDS)
            lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"]
            lines.append("#EXT-X-MEDIA-SEQUENCE:0")
            for number in range(last):
                lines += [f"#EXTINF:{_SEGMENT_SECONDS}.0,", f"low{number}.ts"]
            body = "\n".join(lines).encode()
            self.send_response(200)
            self.send_header("Content-Type", self.extensions_map[".m3u8"])
            self.end_headers()
            self.wfile.write(body)

        def end_headers(self):
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Cache-Control", "no-store")
            super().end_headers()

        def log_message(self, *arguments):
            pass

    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield StreamSite(f"http://127.0.0.1:{server.server_port}", faults)
    server.shutdown()
