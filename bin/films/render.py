"""Draws a film: `python bin/films/render.py doors|extinguisher FILE.mp4 [SPEECH.wav …]`.

Needs resvg-py, and ffmpeg on the PATH. Without speech the film is silent.
"""

import importlib
import subprocess
import sys

import resvg_py

# Large enough for flat drawings, small enough to play on an old phone.
WIDTH, HEIGHT, RATE = 960, 540, 15
ENCODED = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "29", "-tune", "animation", "-g", "30"]
SOUND = ["-c:a", "aac", "-b:a", "48k", "-ar", "44100", "-ac", "1"]


def main(name: str, target: str, speech: str = "") -> None:
    film = importlib.import_module(name)
    command = ["ffmpeg", "-loglevel", "error", "-y"]
    command += ["-f", "image2pipe", "-framerate", str(RATE), "-c:v", "png", "-i", "-"]
    command += ["-i", speech, *SOUND] if speech else []
    command += [*ENCODED, "-pix_fmt", "yuv420p", "-t", str(film.SECONDS)]
    command += ["-movflags", "+faststart", target]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for number in range(film.SECONDS * RATE):
            drawn = resvg_py.svg_to_bytes(film.draw(number / RATE), width=WIDTH, height=HEIGHT)
            encoder.stdin.write(bytes(drawn))
        encoder.stdin.close()
    if encoder.returncode:
        sys.exit(encoder.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
