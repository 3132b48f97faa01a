"""A real SLURM of two nodes on this one machine: munged, slurmctld and two slurmd, in a folder of its own.

A SLURM that the machine may have is left alone: this one has its own sockets, ports and configuration.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
NODES = 2
PATIENCE = 60.0
"""Seconds that the nodes may take to come up."""


def absent() -> list[str]:
    """The programs of SLURM that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def install() -> str:
    """Installs Debian's packages where that is possible; else the reason why not."""
    if os.geteuid() or not shutil.which("apt-get"):
        return "install slurm-wlm and munge (Debian, Ubuntu: apt-get install slurm-wlm munge)"
    print("Installing Debian's slurm-wlm and munge ...", flush=True)
    words = ["apt-get", "install", "-y", "-qq", "slurm-wlm", "munge"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[None]:
    """SLURM while this lasts; the environment of this process names it."""
    for name in ("state", "logs", "munge"):
        (folder / name).mkdir(parents=True)
    (folder / "munge").chmod(0o711)
    config = folder / "slurm.conf"
    config.write_text(_config(folder))
    os.environ["SLURM_CONF"] = str(config)
    daemons: list[subprocess.Popen] = []
    try:
        daemons.append(_munge(folder / "munge"))
        daemons.append(_start(folder, "slurmctld", "-D"))
        daemons += [_start(folder, "slurmd", "-D", "-N", f"node{number}") for number in range(1, NODES + 1)]
        _wait(folder)
        yield
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait()


def _munge(folder: Path) -> subprocess.Popen:
    key = folder / "key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    files = {"key": "key", "socket": "socket", "pid": "pid", "log": "log", "seed": "seed"}
    places = [f"--{option}-file={folder / name}" for option, name in files.items() if option != "socket"]
    words = ["munged", "--foreground", "--force", f"--socket={folder / 'socket'}", *places]
    daemon = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _until((folder / "socket").exists, "munged does not start", daemon)
    return daemon


def _start(folder: Path, *words: str) -> subprocess.Popen:
    with open(folder / "logs" / f"{words[0]}-{words[-1]}.out", "wb") as out:
        return subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT)


def _wait(folder: Path) -> None:
    words = ["sinfo", "--noheader", "--states=idle", "--format=%D"]

    def up() -> bool:
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return sum(int(word) for word in said.split() if word.isdecimal()) == NODES

    _until(up, f"the nodes do not come up; see {folder / 'logs'}")


def _until(holds, otherwise: str, daemon: subprocess.Popen | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline or (daemon and daemon.poll() is not None):
            raise RuntimeError(otherwise)
        time.sleep(0.2)


def _config(folder: Path) -> str:
    host, user = socket.gethostname(), getpass.getuser()
    port = _free_ports(NODES + 1)
    nodes = "\n".join(
        f"NodeName=node{number} NodeHostname={host} NodeAddr=127.0.0.1 Port={port[number]} CPUs=1"
        for number in range(1, NODES + 1)
    )
    return f"""ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder / "munge" / "socket"}
CredType=cred/munge
StateSaveLocation={folder / "state"}
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/logs/slurmctld.log
SlurmdLogFile={folder}/logs/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MpiDefault=none
SwitchType=switch/none
{nodes}
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
