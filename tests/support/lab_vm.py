"""Virtual machines of a Lab, over lab_vm.sh (which see): a host with a kernel of its own on the same bridge as the
containers. Emulated, so all takes its time.

    vm = vm_host(lab, "node3", 13, like=template)
    vm.run(["orama", "status"]).check()
"""

import os
import shlex
import subprocess
import time

from lab import Host, LabError, LAB_SH, Result, wait_for

BOOT_SECONDS = 300


class VmHost(Host):
    """One virtual machine; commands go in by ssh."""

    def _execute(self, how, argv, stdin, timeout):
        started = time.monotonic()
        try:
            done = subprocess.run([LAB_SH, "vm_sh", self.name, shlex.join(argv)], input=stdin or "",
                                  env={**os.environ, "LAB_RUN": self.lab.name}, capture_output=True, text=True,
                                  errors="replace", timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"`{shlex.join(argv)}` on {self.name} took longer than {timeout} s\n"
                                 f"{(error.stdout or b'').decode(errors='replace')}") from error
        return Result(argv, done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def put(self, path, inside):
        target = inside + os.path.basename(path) if inside.endswith("/") else inside
        with open(path, "rb") as content:
            subprocess.run([LAB_SH, "vm_sh", self.name, shlex.join(["tee", target])], stdin=content, check=True,
                           stdout=subprocess.DEVNULL, env={**os.environ, "LAB_RUN": self.lab.name})

    def write(self, inside, text):
        self.run(["mkdir", "-p", os.path.dirname(inside)]).check()
        self.run(["tee", inside], stdin=text).check()

    def read(self, inside):
        return self.run(["cat", inside]).check().out

    def exists(self, inside):
        return self.run(["test", "-e", inside]).status == 0

    def wait_up(self, seconds=BOOT_SECONDS):
        return self.lab.call("vm_wait", self.name, str(seconds)).strip()

    def boot_id(self):
        return self.run(["cat", "/proc/sys/kernel/random/boot_id"]).out.strip()

    def reboot(self):
        before = self.boot_id()
        self.run(["systemctl", "reboot"])  # the connection may be cut before it answers
        wait_for(f"{self.name} boots again", lambda: self.boot_id() not in ("", before), BOOT_SECONDS, pause=1)
        return self.wait_up()


def vm_host(lab, name, number, suite="bookworm", packages=(), like=None):
    """Raises a virtual machine whose only package source holds what the bare image lacks for `packages`. `like`: a
    stopped host, whose packages and files it has too."""
    environment = {"SUITE": suite}
    if packages:
        environment["REPO"] = lab.repo(suite, packages)
    if like:
        environment["FROM"] = like.name
    lab.call("vm_deps")
    lab.call("base", SUITE=suite)
    lab.call("vm_base", SUITE=suite)
    host = VmHost(lab, name, number)
    try:
        lab.call("vm_up", name, str(number), **environment)
        host.wait_up()
    except LabError:
        lab.call("destroy", name)
        raise
    lab.hosts[name] = host
    return host
