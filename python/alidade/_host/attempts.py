"""The life of a supervisor: one attempt, and others after it where the template is asked to keep it."""

from __future__ import annotations

import gc
import os
import traceback
from typing import Any, Dict, Optional, Sequence

from .forker import Forker
from .namespaces import Ground
from .orders import Orders
from .sandbox import Job
from .supervisor import introduce, supervise


def run_attempts(
    orders: Orders, facts: Dict[str, Any], job: Job, notes: Sequence[str], network: Optional[bool] = None
) -> None:
    """Called in a process just forked from the template, with SIGTERM blocked; see ``supervise``.

    :param network: Where the attempt is expected to be one at L1, whether it has a network.
    :raises SandboxError: that level cannot be had.
    """
    identity = introduce()
    ground: Optional[Ground] = None
    if network is not None:
        ground = Ground(network)
        orders.say_ready()
    forker: Optional[Forker] = None
    order = orders.next()
    while order is not None:
        try:
            if order.stays and forker is None:
                forker = Forker(job)
                gc.enable()  # what it inherited is frozen; what many attempts leave must not pile up
            is_fit = supervise(order.folder, identity, facts, job, notes, forker, ground)
        except BaseException:
            # No exit.json: the attempt is lost, and this says why.
            with open(os.path.join(order.folder, "supervisor.log"), "a", encoding="utf-8") as file:
                traceback.print_exc(file=file)
            raise
        stays = order.stays and is_fit and forker is not None and forker.is_there
        order = orders.next(forker) if stays else None
