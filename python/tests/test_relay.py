"""A job's calls to its worker's agent."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, List

from harness import JobTest, at_both_levels

CALL = """
    import os, urllib.request
    def call(path, body=None):
        request = urllib.request.Request(os.environ["ALIDADE_API"] + path, data=body)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
"""


class Agent:
    """Listens where an agent does, and answers every request with what it got."""

    def __init__(self, secret: str = "s3cret") -> None:
        self.folder = tempfile.mkdtemp(prefix="alidade-relay-")
        os.chmod(self.folder, 0o711)
        self.place = {"socket": os.path.join(self.folder, "agent.sock"), "secret": secret}
        self.said: List[bytes] = []
        said = self.said

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                said.append(self.rfile.readline())

            def do_GET(self) -> None:
                self._answer(f"got {self.path}".encode())

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "job"

            def log_message(self, *_: Any) -> None:
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                pass  # the job hung up

        self.server = Server(self.place["socket"], Handler)
        os.chmod(self.place["socket"], 0o666)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)


@at_both_levels
class RelayTests(JobTest):
    def setUp(self) -> None:
        super().setUp()
        self.agent = Agent()
        self.addCleanup(self.agent.close)

    def test_calls_reach_the_agent_with_the_attempts_name_and_the_job_holds_no_secret(self) -> None:
        attempt = self.finished(
            self.attempt(
                CALL
                + """
    def main():
        print(call("/api/2.0/mlflow/runs/create?x=1"))
        ways = {os.environ[name] for name in ("MLFLOW_TRACKING_URI", "DIOPTRA_API", "ALIDADE_API")}
        print(len(ways), any("s3cret" in value for value in os.environ.values()))
""",
                relay=self.agent.place,
            )
        )
        self.assertEqual(["(200, b'got /api/2.0/mlflow/runs/create?x=1')", "1 False"], attempt.lines("stdout"))
        self.assertEqual([f"{attempt.number} s3cret\n".encode()], self.agent.said)

    def test_large_bodies_pass_in_both_directions_and_connections_at_the_same_time(self) -> None:
        attempt = self.finished(
            self.attempt(
                CALL
                + """
    import hashlib, threading
    def main():
        body = os.urandom(1 << 20) * 24
        results = []
        def one():
            status, answer = call("/upload", body)
            results.append((status, answer == body))
        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(results == [(200, True)] * 4, results)
        connections = [call(f"/{number}")[0] for number in range(200)]
        print(set(connections))
""",
                relay=self.agent.place,
            )
        )
        self.assertEqual(["True [(200, True), (200, True), (200, True), (200, True)]", "{200}"], attempt.lines("stdout"))

    def test_more_connections_than_are_served_at_once_wait_for_their_turn(self) -> None:
        attempt = self.finished(
            self.attempt(
                CALL
                + """
    import socket
    def main():
        address = ("127.0.0.1", int(os.environ["ALIDADE_API"].rsplit(":")[-1]))
        idle = [socket.create_connection(address) for _ in range(70)]
        for connection in idle: connection.close()
        print(call("/after"))
""",
                relay=self.agent.place,
            )
        )
        self.assertEqual(["(200, b'got /after')"], attempt.lines("stdout"))

    def test_while_the_agent_is_away_the_job_is_told_to_try_again(self) -> None:
        missing = {"socket": os.path.join(self.agent.folder, "other.sock"), "secret": "s3cret"}
        attempt = self.finished(
            self.attempt(
                CALL
                + """
    def main():
        print(call("/api/2.0/mlflow/runs/create")[0], call("/api/2.0/mlflow/runs/create", b"{}")[0])
""",
                relay=missing,
            )
        )
        self.assertEqual(["503 503"], attempt.lines("stdout"))

    def test_with_the_machines_network_the_own_calls_pass(self) -> None:
        attempt = self.finished(
            self.attempt(
                CALL
                + """
    def main():
        print(call("/shared"))
""",
                relay=self.agent.place,
                network=True,
            )
        )
        self.assertEqual(["(200, b'got /shared')"], attempt.lines("stdout"))

    def test_without_a_relay_there_is_no_way_shown(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
    import os
    def main():
        print([name for name in ("MLFLOW_TRACKING_URI", "DIOPTRA_API", "ALIDADE_API") if name in os.environ])
"""
            )
        )
        self.assertEqual(["[]"], attempt.lines("stdout"))


class RelayBehindBubblewrapTests(RelayTests):
    """The job's port is made inside and handed to the supervisor."""

    level = "L1c"
    test_large_bodies_pass_in_both_directions_and_connections_at_the_same_time = None
    test_more_connections_than_are_served_at_once_wait_for_their_turn = None
    test_without_a_relay_there_is_no_way_shown = None


class SharedNetworkTests(JobTest):
    """Where the job shares the machine's network, its port is for its own user alone."""

    def test_another_users_process_is_turned_away(self) -> None:
        if os.geteuid() != 0:
            self.skipTest("only root can be another user")
        agent = Agent()
        self.addCleanup(agent.close)
        attempt = self.attempt(
            """
    import os, time
    def main():
        print(os.environ["ALIDADE_API"])
        while not os.path.exists("done"):
            time.sleep(0.01)
""",
            relay=agent.place,
        ).start()
        try:
            attempt.wait_for_line_like("http://")
            port = int(attempt.lines("stdout")[0].rsplit(":")[-1])
            self.assertEqual(b"HTTP/1.1 200 OK", _first_line(port, os.geteuid()))
            self.assertEqual(b"", _first_line(port, 65534))
        finally:
            (attempt.folder / "work" / "done").touch()
        self.assertEqual("finished", attempt.finish()["outcome"])


def _first_line(port: int, user: int) -> bytes:
    """What a process of this user gets to read."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(user)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                os.write(writer, connection.recv(100).split(b"\r\n")[0])
        except ConnectionError:
            pass
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said
