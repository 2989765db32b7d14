"""A small SMTP server in this process, whose answers a test chooses."""

import contextlib
import socket
import threading


class SmtpServer:
    """Takes mail on a loopback port. `answers[command]` is called with the command's line and
    answers what to say instead of the usual; None: the usual; "drop" and "hang" do so."""

    def __init__(self):
        self.mails: list[tuple[str, str]] = []  # recipient, text
        self.connections = 0
        self.answers = {}
        self._stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self):
        self._stopped.set()
        with contextlib.suppress(OSError):
            # Else the thread that waits in accept keeps the port open.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            self._say(stream, "220 here")
            recipient = ""
            while line := stream.readline().decode().strip():
                command = line[:4].upper()
                said = self.answers.get(command, lambda line: None)(line)
                if command == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                if said == "drop" or (said == "hang" and self._stopped.wait(30)):
                    return
                if said or command != "DATA":
                    self._say(stream, said or ("221 bye" if command == "QUIT" else "250 fine"))
                    continue
                if not self._take(stream, recipient):
                    return

    def _take(self, stream, recipient) -> bool:
        """The mail itself; whether the connection stays."""
        self._say(stream, "354 go on")
        lines = []
        while (line := stream.readline().rstrip(b"\r\n")) != b".":
            lines.append(line.decode())
        said = self.answers.get("end", lambda recipient: None)(recipient)
        if said == "drop" or (said == "hang" and self._stopped.wait(30)):
            return False
        if not said:
            self.mails.append((recipient, "\n".join(lines)))
        self._say(stream, said or "250 taken")
        return True

    @staticmethod
    def _say(stream, text):
        stream.write(f"{text}\r\n".encode())
        stream.flush()
