"""L1: a job in its own user, mount, pid, ipc, uts and net namespaces, entered after the fork.

The supervisor enters all but the mount namespace, since it goes on writing events; the job then
builds its own file system. Towards the machine both run as the agent's user, or, where that is root,
as a user of their own that owns nothing but the attempt.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import struct
from typing import Dict, List, Optional, Tuple

from . import layout, limits, linux, seccomp, secrets
from .attempt import Attempt
from .sandbox import Sandbox, SandboxError

# A range of user ids that no distribution and no container manager hands out.
_FIRST_UID = 0x70000000
_UIDS = 0x10000

_NEWNS, _NEWUTS, _NEWIPC = 0x20000, 0x4000000, 0x8000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000

_NUMBERS = {
    "x86_64": {"open_tree": 428, "move_mount": 429, "mount_setattr": 442, "pivot_root": 155, "capset": 126},
    "aarch64": {"open_tree": 428, "move_mount": 429, "mount_setattr": 442, "pivot_root": 41, "capset": 91},
}
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_REC, _MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
_MNT_DETACH = 2
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION = 0x20080522

_Tree = Tuple[int, layout.Bind, bool]


class Ground:
    """What every sandbox of this level stands on, whichever attempt it is for, and can be made before there is one.

    As root that is the net namespace, the others being those of a user who is not known yet; as another user,
    who makes them within a namespace of its own, it is all of them.

    :raises SandboxError: the level cannot be had here.
    """

    def __init__(self, network: bool) -> None:
        self.network = network
        self._missing = _NEWUSER | _NEWPID | _NEWIPC | _NEWUTS | (0 if network else _NEWNET)
        if os.geteuid() != 0:
            self.enter()
        elif not network:
            self._leave_network()

    def _leave_network(self) -> None:
        """Nothing in the job's user namespace has any right in a net namespace that was made outside of it."""
        try:
            linux.unshare(_NEWNET)
        except OSError:
            return  # root without its rights, as in a container: it is made with the others
        _bring_loopback_up()
        self._missing &= ~_NEWNET

    def enter(self) -> None:
        """Enters the namespaces that are still missing, as the user who is to be in them."""
        if not self._missing:
            return
        uid, gid = os.geteuid(), os.getegid()
        try:
            linux.unshare(self._missing)
            _map_ids(uid, gid)
        except OSError as error:
            raise SandboxError(f"this machine does not let us make namespaces: {error}") from None
        socket.sethostname("job")
        if self._missing & _NEWNET:
            _bring_loopback_up()
        self._missing = 0


class Namespaces(Sandbox):
    """Isolation that needs no helper program and no set-uid bit."""

    def __init__(
        self, attempt: Attempt, given: Optional[Dict[str, bytes]] = None, ground: Optional[Ground] = None
    ) -> None:
        """:param ground: Made before, by this process."""
        super().__init__(attempt, given)
        self.folder = layout.FOLDER
        self._ground = ground
        self._trees: List[_Tree] = []

    @property
    def environment(self) -> Dict[str, str]:
        return {**layout.ENVIRONMENT, **self.places}

    @property
    def data(self) -> str:
        return layout.DATA

    @property
    def secrets(self) -> str:
        return secrets.FOLDER

    def show_data(self) -> None:
        """They are mounted with all else."""

    @property
    def descriptors(self) -> List[int]:
        return [*super().descriptors, *(tree for tree, _, _ in self._trees)]

    def enter_supervisor(self) -> None:
        super().enter_supervisor()
        exposed = layout.exposing(self.attempt.folder)
        if exposed is not None:
            raise SandboxError(
                f"the attempt lies in {exposed}, which every job may read; move the worker's data out of it"
            )
        ground = self._ground or Ground(self.attempt.network)
        if ground.network != self.attempt.network:
            raise SandboxError("its supervisor was made ready for an attempt of another kind")
        if os.geteuid() == 0:
            self._leave_root()
        ground.enter()

    def _leave_root(self) -> None:
        """Takes what only root can reach, then becomes a user that owns nothing but this attempt."""
        self._trees = self._open_trees()
        uid = _FIRST_UID + self.attempt.attempt % _UIDS
        for name in ("", "work", "outputs", "tmp", "events"):
            os.chown(os.path.join(self.attempt.folder, name), uid, uid)
        for name in ("plugins", "inputs"):
            _let_others_read(os.path.join(self.attempt.folder, name))
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # The change of user makes the kernel hide /proc/self from us, which the id maps are written to.
        linux.prctl(linux.PR_SET_DUMPABLE, 1)

    def enter_job(self) -> None:
        linux.unshare(_NEWNS)
        linux.mount("none", "/", None, _MS_REC | _MS_PRIVATE)
        self._build_root(self._trees or self._open_trees())
        limits.apply(self.attempt.limits)
        os.chdir(f"{layout.FOLDER}/work")
        self._drop_capabilities()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.apply()

    def _open_trees(self) -> List[_Tree]:
        """Detached copies of everything that will be shown, each with its rights; outer folders first."""
        binds = sorted([*layout.system()[0], *layout.attempt(self.attempt)], key=lambda bind: bind.target)
        return [(_open_tree(bind), bind, os.path.isdir(bind.source)) for bind in binds]

    def _build_root(self, trees: List[_Tree]) -> None:
        base = "/tmp"
        linux.mount("tmpfs", base, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=4m")
        os.chdir(base)
        for tree, bind, is_folder in trees:
            target = "." + bind.target
            _make_target(target, is_folder)
            _call("move_mount", bind.target, tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH)
            os.close(tree)
        for path, goal in layout.system()[1]:
            os.symlink(goal, "." + path)
        files = layout.FILES if self.attempt.network else {**layout.FILES, "/etc/hosts": layout.LOCAL_HOSTS}
        for path, text in files.items():
            _write("." + path, text)
        if self._secrets:
            secrets.write("." + secrets.FOLDER, self._secrets)
        for path in ("./proc", "./dev/shm"):
            os.mkdir(path)
        os.symlink("/tmp", f".{layout.FOLDER}/tmp")
        linux.mount("proc", "./proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
        shared = "mode=1777" if self.attempt.limits.memory is None else f"mode=1777,size={self.attempt.limits.memory}"
        linux.mount("tmpfs", "./dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, shared)
        _call("pivot_root", "/", b".", b".")
        linux.umount(".", _MNT_DETACH)
        os.chdir("/")
        linux.mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)

    def _drop_capabilities(self) -> None:
        for capability in range(_LAST_CAPABILITY + 1):
            try:
                linux.prctl(linux.PR_CAPBSET_DROP, capability)
            except OSError:
                break  # the kernel knows no more
        header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
        _call("capset", "", header, bytes(24))


def _open_tree(bind: layout.Bind) -> int:
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    try:
        tree = _call("open_tree", bind.source, _AT_FDCWD, os.fsencode(bind.source), flags)
        rights = _ATTR_NOSUID | (0 if bind.device else _ATTR_NODEV) | (0 if bind.writable else _ATTR_RDONLY)
        attributes = struct.pack("=QQQQ", rights, 0, _MS_PRIVATE, 0)
        where = _AT_EMPTY_PATH | _AT_RECURSIVE
        _call("mount_setattr", bind.source, tree, b"", where, attributes, linux.size(len(attributes)))
    except OSError as error:
        hint = "; it needs Linux 5.12 or later" if error.errno == errno.ENOSYS else ""
        raise SandboxError(f"{error.strerror}{hint}") from None
    return tree


def _call(name: str, what: str, *arguments: object) -> int:
    machine = os.uname().machine
    if machine not in _NUMBERS:
        raise SandboxError(f"L1 is not known on {machine}")
    return linux.syscall(_NUMBERS[machine][name], f"{name} {what}", *arguments)


def _let_others_read(folder: str) -> None:
    """Under a strict umask the agent's files would be closed to the job's own user. The folders above
    them stay as they are.
    """
    for parent, _, names in os.walk(folder):
        _add_mode(parent, 0o055)
        for name in names:
            _add_mode(os.path.join(parent, name), 0o044)


def _add_mode(path: str, bits: int) -> None:
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode & bits != bits:
        os.chmod(path, mode | bits)


def _map_ids(uid: int, gid: int) -> None:
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{layout.UID} {uid} 1")
    _write("/proc/self/gid_map", f"{layout.UID} {gid} 1")


def _bring_loopback_up() -> None:
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(handle, get_flags, request))[1]
        fcntl.ioctl(handle, set_flags, struct.pack("16sh22x", b"lo", flags | up))


def _make_target(path: str, is_folder: bool) -> None:
    if is_folder:
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))


def _write(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)
