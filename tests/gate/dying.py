"""An act done by a child process, which may be killed on its way: at a chosen move of a ref, or from outside."""

from __future__ import annotations

import os
import signal

from gongkai.store.objects import Objects


def in_child(work):
    """Do `work` in a child; returns its process id. It ends with 0, or 3 when it raised."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # the child must never come back into pytest
            os._exit(3)
        os._exit(0)
    return child


def killed(work):
    """Do `work` in a child and wait for it; True when the child was killed on its way. It may not raise."""
    status = os.waitpid(in_child(work), 0)[1]
    assert status == 0 or os.WIFSIGNALED(status), status
    return os.WIFSIGNALED(status)


def die_at_move(point, *, after):
    """From here on this process is killed with signal 9 before or after its n-th move of a ref."""
    count, move = [0], Objects.move

    def fatal(self, name, new, old):
        count[0] += 1
        if count[0] == point and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = move(self, name, new, old)
        if count[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Objects.move = fatal
