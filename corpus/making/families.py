"""The families: 787 references in clusters and services of the published sizes."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST_REFERENCE = 2001
CLUSTERS = {"A": 134, "B": 141, "C": 104, "D": 42, "E": 107, "F": 73, "G": 68, "H": 65, "I": 53}
SERVICES = {"SLF": 662, "CC": 125}
LOCALITIES = ("Blaby", "Charnwood", "Harborough", "Hinckley", "Melton", "North West")


@dataclass(frozen=True)
class Family:
    """An invented family."""

    reference: str
    cluster: str
    service: str
    locality: str


def make_families(
    generator: random.Random, interviewed: dict[str, tuple[str, str]]
) -> list[Family]:
    """Return the families in order of reference.

    `interviewed` maps references to the cluster and the service that the interviews'
    families have.
    """
    clusters = _left(CLUSTERS, [cluster for cluster, _ in interviewed.values()])
    services = _left(SERVICES, [service for _, service in interviewed.values()])
    generator.shuffle(clusters)
    generator.shuffle(services)
    families = []
    for number in range(FIRST_REFERENCE, FIRST_REFERENCE + sum(CLUSTERS.values())):
        reference = f"F{number}"
        known = interviewed.get(reference)
        cluster, service = known if known else (clusters.pop(), services.pop())
        families.append(Family(reference, cluster, service, generator.choice(LOCALITIES)))
    return families


def _left(sizes: dict[str, int], taken: list[str]) -> list[str]:
    """Return every value as often as its size, less those taken."""
    left = [value for value, n in sizes.items() for _ in range(n)]
    for value in taken:
        left.remove(value)
    return left
