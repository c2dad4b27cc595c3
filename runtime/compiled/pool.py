"""Threads that share a large array inside one call of a compiled loop, without Python and without the GIL.

Handing work to a thread through Python costs some twenty microseconds, which is what a whole call takes for 100,000
elements.  Here the threads wait in machine code.  A loop cuts its arrays into chunks; whoever is free takes the next,
the calling thread too, so that a thread that wakes late or is held up delays nobody.  A call that comes while another
is under way, from a second thread of the program, runs alone.

All state is in one block of memory, whose address each ufunc hands to its loops:

========  ==============================================================
offset    content
========  ==============================================================
0         the function ``run``, which loops call
8         how many threads wait beside the caller
64        1 while a call is under way
128       the ticket of the open call, 0 where none is
192       the first element that nobody has taken
256       how many threads have looked at the open call and not left it
320       how many threads sleep
384       the last ticket, then ``stretch`` and its arguments
448, 576  addresses of the arrays, their steps
768, 896  a mutex, a condition variable
========  ==============================================================
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
from functools import cache
from typing import Any, Final

from . import machine

OPERANDS: Final = 16
"""The most operands and results that a loop may have to be shared."""
_BYTES: Final = 1024
_NEEDED: Final = ("pthread_mutex_init", "pthread_cond_init", "sched_yield")
_PAUSE: Final = {"x86": "llvm.x86.sse2.pause()", "arm": "llvm.aarch64.hint(i32 1)"}
_DECLARED: Final = {"x86": "llvm.x86.sse2.pause()", "arm": "llvm.aarch64.hint(i32)"}

_TEXT: Final = """
declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_signal(ptr)
declare i32 @sched_yield()
declare void @{declared}

define internal i64 @larger(i64 %a, i64 %b) alwaysinline {{
  %more = icmp ugt i64 %a, %b
  %c = select i1 %more, i64 %a, i64 %b
  ret i64 %c
}}
define internal i64 @smaller(i64 %a, i64 %b) alwaysinline {{
  %less = icmp ult i64 %a, %b
  %c = select i1 %less, i64 %a, i64 %b
  ret i64 %c
}}

; whether each result lies apart from every other array, or just where an operand lies
define internal i1 @apart(ptr %args, ptr %steps, i64 %n, i64 %inputs, i64 %count, i64 %size) {{
  %last = sub i64 %n, 1
  br label %results
results:
  %o = phi i64 [%inputs, %0], [%o.next, %result.apart]
  %o.args = getelementptr i64, ptr %args, i64 %o
  %o.low = load i64, ptr %o.args
  %o.steps = getelementptr i64, ptr %steps, i64 %o
  %o.step = load i64, ptr %o.steps
  %o.forward = icmp sgt i64 %o.step, 0
  br i1 %o.forward, label %begin, label %no
begin:
  %o.span = mul i64 %last, %o.step
  %o.end = add i64 %o.low, %o.span
  %o.high = add i64 %o.end, %size
  br label %arrays
arrays:
  %k = phi i64 [0, %begin], [%k.next, %array.apart]
  %itself = icmp eq i64 %k, %o
  br i1 %itself, label %array.apart, label %compare
compare:
  %k.args = getelementptr i64, ptr %args, i64 %k
  %k.low = load i64, ptr %k.args
  %k.steps = getelementptr i64, ptr %steps, i64 %k
  %k.step = load i64, ptr %k.steps
  %k.forward = icmp sge i64 %k.step, 0
  %k.span = mul i64 %last, %k.step
  %k.end = add i64 %k.low, %k.span
  %k.high = add i64 %k.end, %size
  %below = icmp ule i64 %k.high, %o.low
  %above = icmp ule i64 %o.high, %k.low
  %disjoint = or i1 %below, %above
  %operand = icmp ult i64 %k, %inputs
  %same.low = icmp eq i64 %k.low, %o.low
  %same.step = icmp eq i64 %k.step, %o.step
  %same.place = and i1 %same.low, %same.step
  %same = and i1 %same.place, %operand
  %harmless = or i1 %same, %disjoint
  %fine = and i1 %harmless, %k.forward
  br i1 %fine, label %array.apart, label %no
array.apart:
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %arrays, label %result.apart
result.apart:
  %o.next = add i64 %o, 1
  %o.more = icmp ult i64 %o.next, %count
  br i1 %o.more, label %results, label %yes
yes:
  ret i1 true
no:
  ret i1 false
}}

; chunks of the open call, until none is left
define internal void @share(ptr %pool) {{
  %mine = alloca [{operands} x i64]
  %next.at = getelementptr i8, ptr %pool, i64 192
  %stretch.at = getelementptr i8, ptr %pool, i64 392
  %n.at = getelementptr i8, ptr %pool, i64 400
  %streams.at = getelementptr i8, ptr %pool, i64 408
  %count.at = getelementptr i8, ptr %pool, i64 416
  %chunk.at = getelementptr i8, ptr %pool, i64 424
  %args = getelementptr i8, ptr %pool, i64 448
  %steps = getelementptr i8, ptr %pool, i64 576
  %stretch = load ptr, ptr %stretch.at
  %n = load i64, ptr %n.at
  %streams = load i64, ptr %streams.at
  %count = load i64, ptr %count.at
  %chunk = load i64, ptr %chunk.at
  br label %take
take:
  %i = atomicrmw add ptr %next.at, i64 %chunk seq_cst
  %some = icmp ult i64 %i, %n
  br i1 %some, label %move, label %done
move:
  %k = phi i64 [0, %take], [%k.next, %move]
  %step.at = getelementptr i64, ptr %steps, i64 %k
  %step = load i64, ptr %step.at
  %arg.at = getelementptr i64, ptr %args, i64 %k
  %arg = load i64, ptr %arg.at
  %away = mul i64 %i, %step
  %here = add i64 %arg, %away
  %mine.at = getelementptr i64, ptr %mine, i64 %k
  store i64 %here, ptr %mine.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %move, label %go
go:
  %left = sub i64 %n, %i
  %m = call i64 @smaller(i64 %left, i64 %chunk)
  call void %stretch(ptr %mine, ptr %steps, i64 %m, i64 %streams)
  br label %take
done:
  ret void
}}

define void @run(ptr %pool, ptr %stretch, ptr %args, ptr %steps, i64 %n, i64 %streams, i64 %inputs, i64 %count, i64 %size) {{
  %workers.at = getelementptr i8, ptr %pool, i64 8
  %workers = load i64, ptr %workers.at
  %some = icmp ne i64 %workers, 0
  %fits = icmp ule i64 %count, {operands}
  %possible = and i1 %some, %fits
  br i1 %possible, label %look, label %alone
look:
  %independent = call i1 @apart(ptr %args, ptr %steps, i64 %n, i64 %inputs, i64 %count, i64 %size)
  br i1 %independent, label %claim, label %alone
claim:
  %busy.at = getelementptr i8, ptr %pool, i64 64
  %claimed = cmpxchg ptr %busy.at, i64 0, i64 1 seq_cst seq_cst
  %mine = extractvalue {{i64, i1}} %claimed, 1
  br i1 %mine, label %fill, label %alone
alone:
  call void %stretch(ptr %args, ptr %steps, i64 %n, i64 %streams)
  ret void
fill:
  %ticket.at = getelementptr i8, ptr %pool, i64 384
  %stretch.at = getelementptr i8, ptr %pool, i64 392
  %n.at = getelementptr i8, ptr %pool, i64 400
  %streams.at = getelementptr i8, ptr %pool, i64 408
  %count.at = getelementptr i8, ptr %pool, i64 416
  %chunk.at = getelementptr i8, ptr %pool, i64 424
  %last = load i64, ptr %ticket.at
  %ticket = add i64 %last, 1
  store i64 %ticket, ptr %ticket.at
  store ptr %stretch, ptr %stretch.at
  store i64 %n, ptr %n.at
  store i64 %streams, ptr %streams.at
  store i64 %count, ptr %count.at
  %threads = add i64 %workers, 1
  %parts = mul i64 %threads, {parts}
  %even = udiv i64 %n, %parts
  %bounded = call i64 @smaller(i64 %even, i64 {most})
  %chunk.low = call i64 @larger(i64 %bounded, i64 {least})
  %chunk.odd = add i64 %chunk.low, 15
  %chunk = and i64 %chunk.odd, -16
  store i64 %chunk, ptr %chunk.at
  br label %copy
copy:
  %k = phi i64 [0, %fill], [%k.next, %copy]
  %from.arg = getelementptr i64, ptr %args, i64 %k
  %arg = load i64, ptr %from.arg
  %to.args = getelementptr i8, ptr %pool, i64 448
  %to.arg = getelementptr i64, ptr %to.args, i64 %k
  store i64 %arg, ptr %to.arg
  %from.step = getelementptr i64, ptr %steps, i64 %k
  %step = load i64, ptr %from.step
  %to.steps = getelementptr i8, ptr %pool, i64 576
  %to.step = getelementptr i64, ptr %to.steps, i64 %k
  store i64 %step, ptr %to.step
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %copy, label %open
open:
  %next.at = getelementptr i8, ptr %pool, i64 192
  %open.at = getelementptr i8, ptr %pool, i64 128
  %active.at = getelementptr i8, ptr %pool, i64 256
  %asleep.at = getelementptr i8, ptr %pool, i64 320
  %mutex = getelementptr i8, ptr %pool, i64 768
  %condition = getelementptr i8, ptr %pool, i64 896
  store atomic i64 0, ptr %next.at seq_cst, align 8
  store atomic i64 %ticket, ptr %open.at seq_cst, align 8
  %asleep = load atomic i64, ptr %asleep.at seq_cst, align 8
  %chunks = udiv i64 %n, %chunk
  %wanted = call i64 @smaller(i64 %asleep, i64 %chunks)
  %sleepers = icmp ne i64 %wanted, 0
  br i1 %sleepers, label %wake, label %work
wake:
  %locked = call i32 @pthread_mutex_lock(ptr %mutex)
  %unlocked = call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %signal
signal:
  %w = phi i64 [0, %wake], [%w.next, %signal]
  %signalled = call i32 @pthread_cond_signal(ptr %condition)
  %w.next = add i64 %w, 1
  %w.more = icmp ult i64 %w.next, %wanted
  br i1 %w.more, label %signal, label %work
work:
  call void @share(ptr %pool)
  store atomic i64 0, ptr %open.at seq_cst, align 8
  br label %wait
wait:
  %turns = phi i64 [0, %work], [%turns.next, %patient]
  %active = load atomic i64, ptr %active.at seq_cst, align 8
  %others = icmp ne i64 %active, 0
  br i1 %others, label %spin, label %close
spin:
  call void @{pause}
  %turns.next = add i64 %turns, 1
  %many = icmp ugt i64 %turns, {spins}
  br i1 %many, label %yield, label %patient
yield:
  %yielded = call i32 @sched_yield()
  br label %patient
patient:
  br label %wait
close:
  store atomic i64 0, ptr %busy.at seq_cst, align 8
  ret void
}}

; the life of a thread: wait for a call that it has not seen, help with it
define void @work(ptr %pool) {{
  %open.at = getelementptr i8, ptr %pool, i64 128
  %active.at = getelementptr i8, ptr %pool, i64 256
  %asleep.at = getelementptr i8, ptr %pool, i64 320
  %mutex = getelementptr i8, ptr %pool, i64 768
  %condition = getelementptr i8, ptr %pool, i64 896
  br label %ready
ready:
  %seen = phi i64 [0, %0], [%now, %leave]
  br label %look
look:
  %turns = phi i64 [0, %ready], [%turns.next, %again]
  %ticket = load atomic i64, ptr %open.at seq_cst, align 8
  %open = icmp ne i64 %ticket, 0
  %fresh = icmp ne i64 %ticket, %seen
  %call = and i1 %open, %fresh
  br i1 %call, label %help, label %spin
spin:
  %turns.next = add i64 %turns, 1
  %enough = icmp ugt i64 %turns, {spins}
  br i1 %enough, label %sleep, label %again
again:
  call void @{pause}
  br label %look
sleep:
  %locked = call i32 @pthread_mutex_lock(ptr %mutex)
  %more.asleep = atomicrmw add ptr %asleep.at, i64 1 seq_cst
  br label %check
check:
  %ticket.asleep = load atomic i64, ptr %open.at seq_cst, align 8
  %open.asleep = icmp ne i64 %ticket.asleep, 0
  %fresh.asleep = icmp ne i64 %ticket.asleep, %seen
  %call.asleep = and i1 %open.asleep, %fresh.asleep
  br i1 %call.asleep, label %rise, label %wait
wait:
  %waited = call i32 @pthread_cond_wait(ptr %condition, ptr %mutex)
  br label %check
rise:
  %less.asleep = atomicrmw sub ptr %asleep.at, i64 1 seq_cst
  %unlocked = call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %help
help:
  %entered = atomicrmw add ptr %active.at, i64 1 seq_cst
  %now = load atomic i64, ptr %open.at seq_cst, align 8
  %still = icmp ne i64 %now, 0
  br i1 %still, label %do, label %leave
do:
  call void @share(ptr %pool)
  br label %leave
leave:
  %left = atomicrmw sub ptr %active.at, i64 1 seq_cst
  br label %ready
}}

; the state of a process in which nothing has run yet
define void @prepare(ptr %pool) {{
  call void @llvm.memset.p0.i64(ptr %pool, i8 0, i64 {bytes}, i1 false)
  store ptr @run, ptr %pool
  %mutex = getelementptr i8, ptr %pool, i64 768
  %mutex.made = call i32 @pthread_mutex_init(ptr %mutex, ptr null)
  %condition = getelementptr i8, ptr %pool, i64 896
  %condition.made = call i32 @pthread_cond_init(ptr %condition, ptr null)
  ret void
}}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
"""  # noqa: E501
_SETTINGS: Final = {"parts": 4, "most": 1 << 16, "least": 1 << 11, "spins": 1000}


class _Pool:
    """The block of memory, and the functions ``prepare`` and ``work``."""

    def __init__(self) -> None:
        family = "x86" if platform.machine() in ("x86_64", "AMD64") else "arm"
        text = _TEXT.format(
            pause=_PAUSE[family], declared=_DECLARED[family], operands=OPERANDS, bytes=_BYTES, **_SETTINGS
        )
        prepare, work = machine.addresses(text, ("prepare", "work"))
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p)  # a call of it releases the GIL
        self.prepare, self.work = kind(prepare), kind(work)
        memory = ctypes.create_string_buffer(_BYTES + 64)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))  # the threads look at it until the process is gone
        self.address = -(-ctypes.addressof(memory) // 64) * 64
        self.workers = ctypes.c_int64.from_address(self.address + 8)
        self.lock = threading.Lock()
        self.prepare(self.address)

    def start(self, count: int) -> None:
        """Have ``count`` threads wait for work, or as many as the system grants."""
        with self.lock:
            while self.workers.value < count:
                try:
                    threading.Thread(target=self.work, args=(self.address,), name="hasderiv", daemon=True).start()
                except RuntimeError:  # there can be no more; the caller does what the others leave
                    return
                self.workers.value += 1


@cache
def pool() -> _Pool | None:
    """The pool of this process; None where there are no POSIX threads or nothing can be compiled."""
    here = ctypes.CDLL(None) if sys.platform != "win32" else None
    if here is None or machine.missing() is not None or not all(hasattr(here, name) for name in _NEEDED):
        return None
    return _Pool()


def _after_fork() -> None:
    """A child has none of its parent's threads."""
    if pool.cache_info().currsize and (here := pool()) is not None:
        here.lock = threading.Lock()
        here.prepare(here.address)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def data() -> Any:
    """What a ufunc hands to its loops: the address of the pool, None where there is none."""
    here = pool()
    return None if here is None else here.address
