"""One running service: opened in a thread while /healthz says 503, closed when the application ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import structlog

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction
from gridmap.cases import store as cases
from gridmap.cases.inbox import Dues
from gridmap.cases.intake import Opening
from gridmap.database.under_way import WatchedDatabase
from gridmap.errors import GridmapError
from gridmap.faces.background import work_alone
from gridmap.faces.darkroom import Darkroom
from gridmap.faces.entrance.askers import Askers
from gridmap.faces.group_commit import GroupCommit
from gridmap.faces.keeping.atlases import Atlases
from gridmap.faces.keeping.kept import Kept
from gridmap.faces.keeping.kept_answers import Answer
from gridmap.faces.keeping.news import News
from gridmap.faces.keeping.rosters import Rosters
from gridmap.jobs.worker import work_off
from gridmap.opening import open_gridmap
from gridmap.people import store as people
from gridmap.people.credentials import store as accounts
from gridmap.people.oidc.provider import Provider
from gridmap.reports import handful
from gridmap.reports import store as reports
from gridmap.reports.model import NewReport, Outcome
from gridmap.settings import Settings

log = structlog.get_logger()

# what requests are answered with (of the others, a page may wait for its own)
KERNELS = (
    "gridmap.geometry.raster_kernels",
    "gridmap.geometry.edge_kernels",
    "gridmap.geometry.tile_kernels",
    "gridmap.database.rowbytes",
)
PROBE_SECONDS = 2.0
KEPT_PAGES_BYTES = KEPT_ANSWERS_BYTES = 64 << 20  # each, in every worker
CANCEL_SECONDS = 2.0


class Service:
    """What the routes share. `database`, `atlases`, `rosters`, `askers`, `reports` and the news exist once
    `step` is None.

    `database` is for requests; `own`, which sees all, for what the service does by itself.
    """

    database: WatchedDatabase
    own: WatchedDatabase
    atlases: Atlases
    rosters: Rosters
    askers: Askers
    area_news: News
    report_news: News
    people_news: News
    case_news: News
    account_news: News
    reports: GroupCommit
    darkroom: Darkroom

    def __init__(
        self,
        settings: Settings,
        on_ready: Callable[[], None] | None = None,
        on_failure: Callable[[BaseException], None] | None = None,
    ):
        self.settings = settings
        self.provider = Provider.of(settings)
        self.step: str | None = "opening the database"
        self.ending = False  # set first of all at the end: whoever follows the news leaves
        self.dues = Dues()
        self.pages: Kept[str] = Kept(KEPT_PAGES_BYTES)
        self.answers: Kept[Answer] = Kept(KEPT_ANSWERS_BYTES)
        self._on_ready = on_ready
        self._on_failure = on_failure
        self._stack = ExitStack()
        self._stop = threading.Event()
        self._opened = threading.Event()
        # daemons: should the process have to end while the demonstration loads, they do not hold it up
        self._starting = threading.Thread(target=self._start, name="starting", daemon=True)
        self._helpers: list[threading.Thread] = []
        self._prober = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self._probe: asyncio.Future[None] | None = None

    async def begin(self) -> None:
        """Start opening; returns at once."""
        self.reports = GroupCommit(self._record)
        self.darkroom = Darkroom()
        self._starting.start()

    async def end(self) -> None:
        """Record what is waiting, cut short what still hangs, stop the threads, close the database."""
        self.step = "shutting down"
        await self.reports.close()
        self.darkroom.close()
        self._stop.set()
        await asyncio.to_thread(self._close)

    async def healthy(self) -> bool:
        """Whether the database answers now. One probe at a time, so a hanging server costs one thread."""
        probe = self._probe
        if probe is None or probe.done():
            probe = self._probe = asyncio.get_running_loop().run_in_executor(self._prober, self._ask)
            probe.add_done_callback(lambda probe: probe.exception())
        # another request may begin the next one before this goes on
        done, _ = await asyncio.wait([probe], timeout=PROBE_SECONDS)
        return bool(done) and probe.exception() is None

    def _ask(self) -> None:
        with self.database.reading() as connection:
            store.jurisdictions(connection)

    def _record(self, jurisdiction: Jurisdiction, drafts: Sequence[NewReport]) -> Sequence[Outcome]:
        return handful.record(self._desk, jurisdiction, drafts)

    def _start(self) -> None:
        try:
            opened = self._stack.enter_context(open_gridmap(self.settings))
            self.own = WatchedDatabase(opened.engine, opened.settings, engines=opened.engines)
            self.database = self.own.served
            self._desk = handful.Desk(self.own.adding, then=Opening())
            self._opened.set()
            self._load()
        except BaseException as error:
            if self._stop.is_set():  # the closing of the database under our feet is why
                return
            self.step = "the start failed"
            if not isinstance(error, GridmapError):  # those are for whoever started us to show
                log.exception("start failed")
            if self._on_failure:
                self._on_failure(error)
        finally:
            self._opened.set()

    def _load(self) -> None:
        from gridmap.geometry.compiling import warm  # imports numba

        self.step = "compiling"  # the very first time; later that is read in 0.3 s
        warm(KERNELS)
        if self.settings.demonstration:
            self._load_demonstration()
        self.step = "reading the areas"
        self.atlases = Atlases(self.own)
        self.atlases.refresh()
        self.rosters = Rosters(self.own)
        self.rosters.refresh()
        if self._stop.is_set():
            return
        self.area_news = News(self.own.engine, store.CHANNEL, self.atlases.refresh)
        self.report_news = News(self.own.engine, reports.CHANNEL)
        self._help("listening", self.area_news.follow, self._stop)
        self.people_news = News(self.own.engine, people.CHANNEL, self.rosters.refresh)
        self.account_news = News(self.own.engine, accounts.CHANNEL)
        self.askers = Askers(self.database, self.account_news)
        self._help("listening", self.report_news.follow, self._stop)
        self._help("listening", self.people_news.follow, self._stop)
        self.case_news = News(self.own.engine, cases.CHANNEL)
        self._help("listening", self.case_news.follow, self._stop)
        self._help("listening", self.account_news.follow, self._stop)
        self._help("background", work_alone, self.own, self._stop)
        self._help("jobs", work_off, self.own, self._stop)
        self.step = None
        if self._on_ready:
            self._on_ready()

    def _help(self, name: str, work: Callable[..., None], *arguments: object) -> None:
        """Start a thread that ends when `_stop` is set."""
        helper = threading.Thread(target=work, args=arguments, name=name, daemon=True)
        self._helpers.append(helper)
        helper.start()

    def _load_demonstration(self) -> None:
        from gridmap import demonstration  # imports that a start without it does not need

        if demonstration.unfinished(self.own):
            self._say("the demonstration district")
            demonstration.load(self.own, self._say)

    def _say(self, step: str) -> None:
        if self._stop.is_set():
            raise InterruptedError
        self.step = f"loading {step}"

    def _close(self) -> None:
        if self._starting.ident is not None:
            self._opened.wait()  # a cluster that is just being made must be waited for to be stopped
        if hasattr(self, "own"):  # it was opened
            self.own.cancel(CANCEL_SECONDS)
        for helper in self._helpers:
            helper.join(timeout=CANCEL_SECONDS)
        self._stack.close()
        if self._starting.ident is not None:
            self._starting.join(timeout=10)
        self._prober.shutdown(wait=False)
