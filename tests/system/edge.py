#!/usr/bin/env python3
"""Firewall and Caddy on real hosts. --sample leaves out what takes many minutes (a certificate's own waiting
times) and takes one entry of the kill matrix by SEED, which is printed."""

import os
import random

import edge_caddy
import edge_firewall
import node
from edge_caddy import Acme, OperatorCaddyfile  # noqa: F401: unittest finds them here
from edge_firewall import Firewall, FirewallDualStack  # noqa: F401


def configure(arguments):
    if arguments.sample:
        seed = int(os.environ.get("SEED", random.randrange(10**6)))
        print(f"SEED={seed}", flush=True)
        edge_firewall.take_sample(random.Random(seed))
        edge_caddy.take_sample()


if __name__ == "__main__":
    node.main(__doc__, lambda parser: parser.add_argument("--sample", action="store_true"), configure)
