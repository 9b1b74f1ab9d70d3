"""What a job at L1 cannot do."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import unittest
from pathlib import Path

from harness import PACKAGE, PACKAGE_IN_TMP, JobTest, shared_template


class IsolationTests(JobTest):
    level = "L1"

    def outcomes(self, code: str, **facts: object) -> "dict[str, str]":
        """Runs ``tries``, a dict of callables in the code; what each raised or returned."""
        attempt = self.finished(
            self.attempt(
                code
                + """
def main():
    for name, action in tries.items():
        try:
            print(name, "returned", action(), sep="|")
        except BaseException as error:
            print(name, type(error).__name__, getattr(error, "errno", None) or error, sep="|")
""",
                **facts,
            )
        )
        return {line.split("|")[0]: "|".join(line.split("|")[1:]) for line in attempt.lines("stdout")}

    def test_only_the_own_attempt_is_visible(self) -> None:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as server:
            secret = Path(server) / "core.db"
            secret.write_text("secret")
            os.chmod(server, 0o755)
            neighbour = self.finished(self.attempt("def main(): pass"))
            outcomes = self.outcomes(
                f"""
import os, sys
def refused(path):
    return lambda: open(path).read()
tries = {{
    "server": refused({str(secret)!r}),
    "neighbour": refused({str(neighbour.folder / "exit.json")!r}),
    "own events": lambda: os.listdir({str(neighbour.folder.parent)!r}),
    "shadow": refused("/etc/shadow"),
    "logs": lambda: os.listdir("/var/log"),
    "outside temporary files": lambda: [name for name in os.listdir("/tmp")],
    "folder": lambda: sorted(os.listdir("/job")),
    "top": lambda: [name for name in ("home", "root", "var", "srv", "mnt", "boot")
                    if os.path.exists("/" + name) and name not in {[PACKAGE.parts[1]]!r}
            and not sys.prefix.startswith("/" + name)],
}}
"""
            )
        for name in ("server", "neighbour", "own events", "shadow", "logs"):
            self.assertEqual("FileNotFoundError|2", outcomes[name], name)
        package = PACKAGE_IN_TMP if self.template.user is None else [self.template.folder.name]
        self.assertEqual(f"returned|{package}", outcomes["outside temporary files"])
        self.assertEqual("returned|['inputs', 'outputs', 'plugins', 'tmp', 'work']", outcomes["folder"])
        self.assertEqual("returned|[]", outcomes["top"])

    def test_programs_find_the_configuration_they_do_not_begin_without(self) -> None:
        # matplotlib of Debian and Ubuntu has its defaults in /etc alone, and is not imported without them.
        shown = ("matplotlibrc", "mime.types", "os-release", "java-17-openjdk/security/java.security")
        hidden = ("pip.conf", "fstab", "machine-id", "gitconfig", "ssh", "shadow")
        outcomes = self.outcomes(
            f"""
import os
tries = {{name: lambda name=name: os.path.exists("/etc/" + name) for name in {shown + hidden!r}}}
"""
        )
        for name in shown:
            self.assertEqual(f"returned|{os.path.exists('/etc/' + name)}", outcomes[name], name)
        for name in hidden:
            self.assertEqual("returned|False", outcomes[name], name)

    def test_only_three_folders_are_writable(self) -> None:
        outcomes = self.outcomes(
            """
import os
def write(path):
    return lambda: open(path, "w").close()
tries = {path: write(path + "/file") for path in
         ("/job/work", "/job/outputs", "/tmp", "/dev/shm", "/job/plugins", "/job/inputs", "/job", "/", "/usr", "/etc", "/dev", "/proc")}
tries["/dev/null"] = write("/dev/null")
tries["plugin"] = write("/job/plugins/plug/tasks.py")
"""
        )
        writable = {name for name, outcome in outcomes.items() if outcome == "returned|None"}
        self.assertEqual({"/job/work", "/job/outputs", "/tmp", "/dev/shm", "/dev/null"}, writable)

    def test_no_network_beyond_loopback(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as outside:
            port = outside.getsockname()[1]
            outcomes = self.outcomes(
                f"""
import os, socket
def own_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
        return "connected"
tries = {{
    "loopback": own_loopback,
    "the machine's loopback": lambda: socket.create_connection(("127.0.0.1", {port}), 5),
    "the world": lambda: socket.create_connection(("192.0.2.1", 80), 5),
    "metadata": lambda: socket.create_connection(("169.254.169.254", 80), 5),
    "interfaces": lambda: socket.if_nameindex(),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "vsock": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
}}
"""
            )
        self.assertEqual("returned|connected", outcomes["loopback"])
        self.assertEqual("ConnectionRefusedError|111", outcomes["the machine's loopback"])
        self.assertEqual("OSError|101", outcomes["the world"])
        self.assertEqual("OSError|101", outcomes["metadata"])
        self.assertNotIn("eth", outcomes["interfaces"])
        self.assertEqual("PermissionError|1", outcomes["raw"])
        self.assertEqual("OSError|97", outcomes["packet"])
        self.assertEqual("OSError|97", outcomes["vsock"])

    def test_network_when_it_is_allowed(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as outside:
            port = outside.getsockname()[1]
            code = f"import socket\ndef main():\n    socket.create_connection(('127.0.0.1', {port}), 5).close()\n    print('connected')"
            self.assertEqual(["connected"], self.finished(self.attempt(code, network=True)).lines())

    def test_dangerous_calls_are_refused(self) -> None:
        outcomes = self.outcomes(
            """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    def run():
        ctypes.set_errno(0)
        result = getattr(libc, function)(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "")
        return result
    return run
numbers = {"x86_64": (321, 298, 250, 323, 246, 175, 435), "aarch64": (280, 241, 219, 282, 104, 105, 435)}[platform.machine()]
tries = {
    "mount": call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "remount": call("mount", None, b"/usr", None, 32, None),
    "umount": call("umount2", b"/usr", 2),
    "user namespace": call("unshare", 0x10000000),
    "cloned user namespace": call("syscall", 56 if platform.machine() == "x86_64" else 220, 0x10000000 | 17, 0, 0, 0, 0),
    "ptrace": call("ptrace", 16, os.getppid(), 0, 0),
    "chroot": call("chroot", b"/tmp"),
    "setuid": call("setuid", 0),
    "sethostname": call("sethostname", b"x", 1),
    "mknod": lambda: os.mknod("/tmp/sda", 0o60666, os.makedev(8, 0)),
    "seen processes": lambda: sorted(name for name in os.listdir("/proc") if name.isdigit()),
    "status": lambda: [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapBnd", "NoNewPrivs", "Seccomp:"))],
    "descriptors": lambda: sorted(os.readlink(f"/proc/self/fd/{name}").split(":")[0] for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")),
}
for name, number in zip(("bpf", "perf_event_open", "keyctl", "userfaultfd", "kexec_load", "init_module", "clone3"), numbers):
    tries[name] = call("syscall", number, 0, 0, 0, 0, 0)
"""
        )
        for name in ("mount", "remount", "umount", "user namespace", "cloned user namespace", "ptrace", "chroot"):
            self.assertEqual("PermissionError|1", outcomes[name], name)
        for name in ("sethostname", "mknod", "bpf", "perf_event_open", "keyctl", "userfaultfd", "kexec_load", "init_module"):
            self.assertEqual("PermissionError|1", outcomes[name], name)
        self.assertEqual("OSError|38", outcomes["clone3"])
        self.assertEqual("OSError|22", outcomes["setuid"])  # there is no such user in this namespace
        # Behind bubblewrap the first process is ours, and waits for the job.
        seen = "returned|['1']" if self.level == "L1" else "returned|['1', '2']"
        self.assertEqual(seen, outcomes["seen processes"])
        self.assertEqual("returned|['0000000000000000', '0000000000000000', '1', '2']", outcomes["status"])
        self.assertEqual("returned|['/dev/null', 'pipe', 'pipe', 'socket']", outcomes["descriptors"])

    def test_job_is_no_one_outside(self) -> None:
        attempt = self.attempt("import os, time\ndef main():\n    print(os.getuid(), os.getgid(), os.getgroups())\n    time.sleep(600)").start()
        attempt.wait_for_line("1000 1000 []" if os.geteuid() == 0 else f"1000 1000 {[1000] * len(set(os.getgroups()))}")
        with open(f"/proc/{attempt.pid}/task/{attempt.pid}/children", encoding="ascii") as file:
            job = int(file.read())
        self.assertNotEqual(0, os.stat(f"/proc/{job}").st_uid)
        self.assertEqual(os.geteuid() == 0, os.stat(f"/proc/{job}").st_uid != os.geteuid())
        self.assertNotIn("Cap", [line for line in Path(f"/proc/{job}/status").read_text().splitlines() if "CapEff" in line and int(line.split()[1], 16)])
        os.kill(attempt.pid, 15)
        self.assertEqual("cancelled", attempt.finish()["outcome"])

    def test_data_inside_the_system_is_refused(self) -> None:
        folder = tempfile.mkdtemp(dir="/usr/share") if os.access("/usr/share", os.W_OK) else None
        if folder is None:
            self.skipTest("only root can put data into /usr/share")
        self.addCleanup(shutil.rmtree, folder)
        attempt = self.attempt("def main(): pass")
        moved = shutil.copytree(attempt.folder, Path(folder) / "attempt")
        attempt.folder = moved
        report = attempt.run()
        self.assertEqual("env_setup", report["reason"])
        self.assertIn("lies in /usr, which every job may read", report["message"])

    def test_agent_with_a_strict_umask(self) -> None:
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.assertEqual(["read"], self.finished(self.attempt("def main():\n    print('read')")).lines())

    def test_fork_bomb_stays_in_its_limits(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import os, signal
                def main():
                    children = []
                    try:
                        while len(children) < 1000:
                            child = os.fork()
                            if child == 0:
                                signal.pause()
                            children.append(child)
                    except BlockingIOError:
                        print("refused at", len(children) < 60)
                """,
                limits={"processes": 50},
            )
        )
        self.assertEqual(["refused at True"], attempt.lines("stdout"))

    def test_data_folders_are_shown_cannot_be_changed_and_lead_nowhere_else(self) -> None:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as machine:
            os.chmod(machine, 0o755)
            folder = Path(machine) / "digits"
            folder.mkdir()
            (folder / "digits.csv").write_text("1,2,3")
            (Path(machine) / "beside").write_text("not for jobs")
            (folder / "link").symlink_to("../beside")
            (folder / "far").symlink_to(Path(machine) / "beside")
            outcomes = self.outcomes(
                """
import os, alidade
here = str(alidade.data("digits"))
tries = {
    "read": lambda: open("/data/digits/digits.csv").read(),
    "same": lambda: (here, os.environ["ALIDADE_DATA"]),
    "write": lambda: open("/data/digits/x", "w"),
    "delete": lambda: os.unlink("/data/digits/digits.csv"),
    "chmod": lambda: os.chmod("/data/digits/digits.csv", 0o777),
    "up": lambda: sorted(os.listdir("/data/digits/..")),
    "beside": lambda: open("/data/digits/../beside").read(),
    "link": lambda: open("/data/digits/link").read(),
    "far": lambda: open("/data/digits/far").read(),
    "other": lambda: alidade.data("other"),
}
""",
                data={"digits": str(folder)},
            )
        self.assertEqual("returned|1,2,3", outcomes["read"])
        self.assertEqual("returned|('/data/digits', '/data')", outcomes["same"])
        for name in ("write", "delete", "chmod"):
            self.assertEqual("OSError|30", outcomes[name], name)
        self.assertEqual("returned|['digits']", outcomes["up"])
        for name in ("beside", "link", "far"):
            self.assertEqual("FileNotFoundError|2", outcomes[name], name)
        self.assertIn("this job has no data folder 'other' (it has digits)", outcomes["other"])

    def test_a_data_folder_that_has_gone_ends_the_job_before_it_begins(self) -> None:
        for level in ("L0", self.level):
            report = self.attempt("def main(): pass", level=level, data={"digits": "/var/tmp/gone-digits"}).run()
            self.assertEqual(("failed", "env_setup"), (report["outcome"], report["reason"]), report)
            self.assertIn("gone-digits", report["message"])

    def test_without_a_sandbox_the_same_calls_give_the_folder(self) -> None:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            Path(folder, "digits.csv").write_text("1,2,3")
            outcomes = self.outcomes(
                """
import os, alidade
tries = {
    "read": lambda: (alidade.data("digits") / "digits.csv").read_text(),
    "program": lambda: os.popen("cat $ALIDADE_DATA/digits/digits.csv").read(),
}
""",
                data={"digits": folder},
                level="L0",
            )
        self.assertEqual({"read": "returned|1,2,3", "program": "returned|1,2,3"}, outcomes)

    def test_environment_holds_nothing_of_the_agents(self) -> None:
        code = "import os\ndef main():\n    print(sorted(os.environ))\n    print(open('/proc/self/environ').read())"
        os.environ["AGENT_SECRET"] = "s3cret"
        self.addCleanup(os.environ.pop, "AGENT_SECRET")
        from harness import Template

        template = Template()
        self.addCleanup(template.close)
        names, initial = self.finished(self.attempt(code, template=template)).lines()
        self.assertNotIn("AGENT_SECRET", names + initial)

    def test_usual_programs_work(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import getpass, multiprocessing, os, socket, subprocess, sys, tempfile
                def main():
                    print(getpass.getuser(), socket.gethostname(), os.path.expanduser("~"), tempfile.gettempdir())
                    print(subprocess.check_output([sys.executable, "-c", "print('child')"], text=True).strip())
                    with multiprocessing.get_context("spawn").Pool(1) as pool:
                        print(pool.map(abs, [-3]))
                    print(os.cpu_count() == len(os.sched_getaffinity(0)))
                    print(subprocess.check_output("ls /proc/self/fd | wc -l; date +%Z; uname -n", shell=True, text=True).split()[2])
                """
            )
        )
        self.assertEqual(["job job /tmp /tmp", "child", "[3]", "True", "job"], attempt.lines("stdout"))


class BubblewrapTests(IsolationTests):
    """The same under bubblewrap, where the job is the agent's own user."""

    level = "L1c"
    test_job_is_no_one_outside = None
    test_data_inside_the_system_is_refused = None
    test_agent_with_a_strict_umask = None
    test_fork_bomb_stays_in_its_limits = None
    test_environment_holds_nothing_of_the_agents = None
    test_without_a_sandbox_the_same_calls_give_the_folder = None

    @unittest.skipUnless(os.geteuid() == 0, "for an agent that is root")
    def test_root_is_told_to_run_the_worker_as_somebody_else(self) -> None:
        report = self.attempt("def main(): pass", template=shared_template()).run()
        self.assertEqual("env_setup", report["reason"])
        self.assertIn("under root a job would be root outside too", report["message"])
