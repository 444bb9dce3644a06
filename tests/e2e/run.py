#!/usr/bin/env python3
"""The end-to-end suite against a development cluster (`make test-e2e`), by HTTP alone.

    tests/e2e/run.py --orama PROGRAM [--nodes N] [--full]

Uses the cluster of `make dev` where it runs, and leaves it running; else starts one of its own with N nodes, in a
folder of its own, and takes it away again. --full: starts that are killed at random moments (SEED), too."""

import argparse
import sys
import unittest

import test_cluster
import test_start
from dev_cluster import DevCluster

KILLS = 12


def suite_of(*cases):
    loader = unittest.TestLoader()
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orama", required=True)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--full", action="store_true")
    wish = parser.parse_args()
    runner = unittest.TextTestRunner(verbosity=2)
    test_start.StartTest.orama = wish.orama
    test_start.StartTest.kills = KILLS if wish.full else 0
    well = True
    cluster = DevCluster(wish.orama, wish.nodes)
    if not cluster.is_up():
        well = runner.run(suite_of(test_start.StartTest)).wasSuccessful()
    try:
        own = cluster.start()
        test_cluster.ClusterTest.cluster = test_cluster.OwnClusterTest.cluster = cluster
        cases = [test_cluster.ClusterTest] + ([test_cluster.OwnClusterTest] if own else [])
        well &= runner.run(suite_of(*cases)).wasSuccessful()
    finally:
        cluster.remove()
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
