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


def make_families(generator: random.Random, interviewed: dict[str, str]) -> list[Family]:
    """Return the families in order of reference.

    `interviewed` maps references to the clusters that the interviews' families have.
    """
    left = [cluster for cluster, n in CLUSTERS.items() for _ in range(n)]
    for cluster in interviewed.values():
        left.remove(cluster)
    generator.shuffle(left)
    services = [service for service, n in SERVICES.items() for _ in range(n)]
    generator.shuffle(services)
    families = []
    for number, service in enumerate(services, start=FIRST_REFERENCE):
        reference = f"F{number}"
        cluster = interviewed[reference] if reference in interviewed else left.pop()
        families.append(Family(reference, cluster, service, generator.choice(LOCALITIES)))
    return families
