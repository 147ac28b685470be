"""What media-svc can do: uploads from the announcement to the takedown, and everything that is done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.jobs import JobTable
from chassis.service import Basis
from media_svc.ports import Ports
from media_svc.queries.jobs import URGENT
from media_svc.usecases.checking import Checking
from media_svc.usecases.claims import Claims
from media_svc.usecases.companion_media import CompanionMediaAdmin, Gallery
from media_svc.usecases.companions import Companions
from media_svc.usecases.edge import LocalEdge
from media_svc.usecases.likes import Likes
from media_svc.usecases.making import Making
from media_svc.usecases.measures import UploadMeasures
from media_svc.usecases.neighbours import CompanionSource, Conversations, Quotas
from media_svc.usecases.picking import Picking
from media_svc.usecases.planting import Planting
from media_svc.usecases.processing import Processing
from media_svc.usecases.rejudging import Rejudging
from media_svc.usecases.retention import Retention
from media_svc.usecases.settling import Settling
from media_svc.usecases.signing import Signing
from media_svc.usecases.standings import Standings
from media_svc.usecases.takedowns import Takedowns
from media_svc.usecases.uploads import Uploads
from media_svc.usecases.verifying import Verifying


@dataclass(frozen=True)
class Usecases:
    """What doors, loops, the command line and the seed may do."""

    uploads: Uploads
    claims: Claims
    takedowns: Takedowns
    companions: Companions
    edge: LocalEdge
    companion_media: CompanionMediaAdmin
    gallery: Gallery
    likes: Likes
    picking: Picking
    signing: Signing
    planting: Planting
    retention: Retention
    verifying: Verifying
    rejudging: Rejudging
    set_up_store: Callable[[], Sequence[str]]


def processing(basis: Basis, ports: Ports) -> Processing:
    """What decodes, judges and stores uploads (MEDIA-3, MEDIA-4)."""
    jobs, urgent = (JobTable(basis.database, "processing_jobs", only=only) for only in ("true", URGENT))
    return Processing(
        basis.database,
        basis.outbox,
        ports.store,
        Making(ports.store, ports.decoder),
        Checking(basis.database, ports.classifier, ports.hash_list),
        jobs,
        urgent,
        Settling(basis.database, jobs, ports.store, ports.edge),
        UploadMeasures(basis.metrics, basis.database),
    )


def assemble(basis: Basis, ports: Ports, wake: Callable[[], None]) -> Usecases:
    """All use cases on one basis. `wake` has the jobs of uploads looked at."""
    database, outbox = basis.database, basis.outbox
    chat, ai, quota = (basis.network.upstream(name, basis.signer) for name in ("chat-svc", "ai-svc", "quota-svc"))
    conversations = Conversations(chat)
    companions = Companions(database, CompanionSource(ai))
    standings = Standings(conversations, Quotas(quota))
    takedowns = Takedowns(database, outbox, wake)
    factor = basis.config.rate_limit_factor
    uploads = Uploads(database, outbox, ports.store, conversations, companions, wake, factor)
    return Usecases(
        uploads=uploads,
        claims=Claims(database),
        takedowns=takedowns,
        companions=companions,
        edge=LocalEdge(database, ports.store, ports.receiver, ports.verifier),
        companion_media=CompanionMediaAdmin(database, outbox, companions, takedowns),
        gallery=Gallery(database, companions, standings),
        likes=Likes(database, companions),
        picking=Picking(database, companions),
        signing=Signing(database, companions, standings, ports.signer),
        planting=Planting(database, ports.store, uploads, companions),
        retention=Retention(database, ports.store, takedowns),
        verifying=Verifying(database, ports.store),
        rejudging=Rejudging(
            database,
            outbox,
            ports.store,
            ports.decoder,
            Checking(database, ports.classifier, ports.hash_list),
            ports.classifier.policy_version,
            takedowns,
        ),
        set_up_store=ports.store.set_up,
    )
