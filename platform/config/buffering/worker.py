"""gunicorn's threaded worker with buffering: a thread gets complete requests only and does not wait for the client.

One process can take over expensive requests from the others.
"""

import errno
import os
import resource
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from django.db import connections
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from config.buffering.connection import HEAD_SECONDS, SLOWEST_BYTES_A_SECOND, Arrived, Connection, Pace
from config.buffering.handover import Environ, HandedOver, Handover, with_handover
from config.priority import give_way

_READ = 64 * 1024
_SWEEP_SECONDS = 1.0
# Limit of buffered responses, in memory and on disk.
_MOST_OUTPUT = 2**30
# After the last response the rest of the request is read and discarded, or the client might not see the response.
_LINGER_SECONDS = 5.0
_LINGER_BYTES = 16 * 1024 * 1024
_OPEN_FILES = 8192
# Nice value of the process for expensive requests.
_NICENESS = 10
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LARGE_HEAD = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BufferingWorker(ThreadWorker):
    """The main thread reads requests and sends responses of all connections; other threads run the application."""

    poller: selectors.BaseSelector
    tpool: ThreadPoolExecutor
    # Created before forking and shared. Also set before forking: which process takes requests over (`takes_over`), and
    # which requests the others hand over (`hands_over`). By default each process serves everything.
    handover = Handover()
    takes_over = False
    hands_over: Callable[[Environ], bool] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Connection, None] = {}
        self.next_sweep = 0.0
        self.uploads: ThreadPoolExecutor

    def init_process(self) -> None:
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
        # Each connection may need a second descriptor for a buffered response.
        self.worker_connections = min(self.worker_connections, files // 3)
        self.uploads = ThreadPoolExecutor(max_workers=self.cfg.threads, thread_name_prefix="upload")
        if self.takes_over:
            # A session of its own, so that its priority applies (see config.priority).
            os.setsid()
            give_way(_NICENESS)
            while self.sockets:
                self.sockets.pop().close()
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=2 * self.cfg.threads if self.takes_over else self.cfg.threads)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        if self.hands_over is not None:
            hands_over = self.hands_over
            self.wsgi = with_handover(self.wsgi, lambda environ: self.alive and hands_over(environ))

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - as gunicorn has it
        """Start or stop accepting; when stopping for good, still take what was handed over before."""
        if self.takes_over and enabled != self._accepting:
            if enabled:
                self.poller.register(self.handover, selectors.EVENT_READ, self.take_over)
            else:
                self.poller.unregister(self.handover)
            while not self.alive and self.take_over():
                pass
        super().set_accept_enabled(enabled)

    def take_over(self, _handover: object = None) -> bool:
        """Take over one connection; return whether there was one."""
        try:
            real, received = self.handover.take()
        except BlockingIOError:
            return False
        except OSError:
            self.make_room()
            return True
        try:
            client, server = real.getpeername(), real.getsockname()
        except OSError:
            real.close()
        else:
            self.begin(real, client, server, received)
        return True

    def accept(self, listener: socket.socket) -> None:
        try:
            real, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self.make_room()
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.begin(real, client, listener.getsockname())

    def begin(self, real: socket.socket, client: object, server: object, received: bytes = b"") -> None:
        real.setblocking(False)  # noqa: FBT003 - as sockets have it
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self.make_room()
        conn = Connection(self.cfg, real, client, server)
        conn.sock.received += received
        self.await_request(conn, HEAD_SECONDS)

    def make_room(self) -> None:
        """Close the longest-waiting connection, preferably one that loses nothing by it."""
        oldest = next((conn for conn in self.waiting if conn.brief), next(iter(self.waiting), None))
        if oldest is not None:
            self.drop(oldest)

    def await_request(self, conn: Connection, seconds: float) -> None:
        conn.next_request()
        conn.brief, conn.pace, conn.deadline = True, None, time.monotonic() + seconds
        self.wait(conn, selectors.EVENT_READ, self.read)
        if conn.sock.received:
            self.go_on(conn)

    def wait(self, conn: Connection, event: int, callback: Callable[[Connection], None]) -> None:
        """Wait for an event on the connection; `waiting` is ordered by start of the wait."""
        self.stop_waiting(conn)
        self.poller.register(conn.sock.real, event, partial(self.call, callback, conn))
        self.waiting[conn] = None

    def call(self, callback: Callable[[Connection], None], conn: Connection, _socket: object) -> None:
        """Call the callback, unless an earlier event of this turn has closed the connection."""
        if conn in self.waiting:
            callback(conn)

    def stop_waiting(self, conn: Connection) -> None:
        if conn in self.waiting:
            del self.waiting[conn]
            self.poller.unregister(conn.sock.real)

    def drop(self, conn: Connection) -> None:
        self.stop_waiting(conn)
        conn.discard()
        self.nr_conns -= 1

    def read(self, conn: Connection) -> None:
        data = _receive(conn.sock.real)
        if data is None:
            return
        if not data:
            self.drop(conn)
            return
        if not conn.sock.received:
            # The time limit of a request's head starts with its first byte.
            conn.deadline = time.monotonic() + HEAD_SECONDS
        conn.sock.received += data
        if conn.pace is not None:
            conn.pace.moved(len(data))
        self.go_on(conn)

    def go_on(self, conn: Connection) -> None:
        """Give the request to a thread if it is complete."""
        try:
            arrived = conn.arrived()
        except OSError:
            self.drop(conn)
            return
        if arrived is Arrived.PART_OF_BODY and conn.pace is None:
            conn.brief, conn.pace = False, Pace(SLOWEST_BYTES_A_SECOND)
        elif arrived is Arrived.TOO_LARGE_HEAD:
            self.stop_waiting(conn)
            conn.sock.sendall(_TOO_LARGE_HEAD)
            conn.keeps = False
            self.send(conn)
        elif arrived in {Arrived.ALL, Arrived.HEAD}:
            self.stop_waiting(conn)
            conn.brief, conn.pace = False, None
            conn.request = bytes(conn.sock.received)
            self.enqueue_req(conn)

    def enqueue_req(self, conn: Connection) -> None:
        pool = self.uploads if conn.sock.streams else self.tpool
        work = self.handle_alone if conn.sock.streams or self.takes_over else self.handle
        future: Future[Any] = pool.submit(work, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle_alone(self, conn: Connection) -> Any:
        try:
            return self.handle(conn)
        finally:
            # These threads are too many to keep a database connection open in each.
            connections.close_all()

    def handle(self, conn: Connection) -> Any:
        try:
            keeps = super().handle(conn)
        except HandedOver:
            self._hand_over(conn)
            keeps = False
        self._send_at_once(conn)
        return keeps

    def _hand_over(self, conn: Connection) -> None:
        try:
            self.handover.give(conn.sock.real, conn.request)
        except OSError:
            conn.sock.sendall(_BUSY)
        else:
            conn.is_handed_over = True

    @staticmethod
    def _send_at_once(conn: Connection) -> None:
        """Send directly from the thread: most responses fit into the kernel's buffers."""
        try:
            conn.sock.output.send(conn.sock.real)
        except OSError:
            # The main thread will get the same error and close the connection.
            return

    def handle_request(self, req: Any, conn: Connection) -> Any:
        if conn.sock.streams or self.takes_over:
            req.force_close()
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> bool:
        """Close after a streamed body, instead of reading its rest for the next request."""
        return not conn.sock.streams and bool(super()._keepalive_after(conn, keepalive))

    def finish_request(self, conn: Connection, done: "Future[Any]") -> None:
        if conn.is_handed_over:
            self.drop(conn)
            return
        conn.keeps = done.exception() is None and done.result() is True
        self.send(conn)

    def send(self, conn: Connection) -> None:
        """Continue sending the response; when done, wait for the next request or close."""
        try:
            sent = conn.sock.output.send(conn.sock.real)
        except OSError:
            self.drop(conn)
            return
        if not conn.sock.output.is_empty:
            if conn not in self.waiting:
                conn.brief, conn.pace = False, Pace(SLOWEST_BYTES_A_SECOND)
                self.wait(conn, selectors.EVENT_WRITE, self.send)
            if conn.pace is not None:
                conn.pace.moved(sent)
        elif conn.keeps:
            self.await_request(conn, self.cfg.keepalive)
        else:
            self.linger(conn)

    def linger(self, conn: Connection) -> None:
        """Shut down our side and wait briefly for the client to close."""
        try:
            conn.sock.real.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(conn)
            return
        conn.brief, conn.pace, conn.deadline = True, None, time.monotonic() + _LINGER_SECONDS
        self.wait(conn, selectors.EVENT_READ, self.discard)

    def discard(self, conn: Connection) -> None:
        data = _receive(conn.sock.real)
        if data is None:
            return
        conn.discarded += len(data)
        if not data or conn.discarded > _LINGER_BYTES:
            self.drop(conn)

    def murder_pending(self) -> None:
        """Close overdue connections; called at every turn of gunicorn's loop."""
        now = time.monotonic()
        if now < self.next_sweep:
            return
        self.next_sweep = now + _SWEEP_SECONDS
        for conn in [one for one in self.waiting if one.is_late(now)]:
            self.drop(conn)
        self.bound_output()
        if not self.alive:
            self._cap_keepalive(now + STOP_KEEPALIVE_LINGER)

    def bound_output(self) -> None:
        """If buffered responses exceed the limit, drop the connections with the largest ones."""
        largest = sorted(self.waiting, key=lambda conn: conn.sock.output.size)
        too_much = sum(conn.sock.output.size for conn in largest) - _MOST_OUTPUT
        while too_much > 0:
            conn = largest.pop()
            too_much -= conn.sock.output.size
            self.drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """When stopping, wait only briefly on connections without a request in progress."""
        for conn in self.waiting:
            if conn.brief:
                conn.deadline = min(conn.deadline, deadline)

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn calls it so
        """Close all connections when stopping."""
        for conn in list(self.waiting) if force else []:
            self.drop(conn)


def _receive(connection: socket.socket) -> bytes | None:
    """Return received bytes; None if there are none yet, empty if the connection is closed."""
    try:
        return connection.recv(_READ)
    except BlockingIOError:
        return None
    except OSError:
        return b""
