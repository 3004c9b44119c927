"""What the peers share: sizes, made-up data, the command line, and answering with windows of speed.

A peer prints `{"ready": "<library and version>"}` when it is warm. Each line of its standard input then asks for one window of
so many seconds and is answered by `{"stepsPerSecond": ..., "stepsPerCpuSecond": ...}`; it ends at the end of its input.
"""

import argparse
import json
import os
import sys
import time

OBSERVATIONS, ACTIONS, ROWS = 17, 6, 10_000


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--algorithm", choices=["iql", "bc"], default="iql")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--core", type=int, help="stay on this processor core")
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 256])
    parser.add_argument("--batch-size", type=int, default=256)
    chosen = parser.parse_args()
    if chosen.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {chosen.core})
    return chosen


def made_up_data(numpy):
    """Observations, actions, rewards, next observations and 1 where an episode goes on, as float32 arrays."""
    draw = numpy.random.default_rng(0)
    columns = (
        draw.standard_normal((ROWS, OBSERVATIONS)),
        draw.uniform(-1, 1, (ROWS, ACTIONS)),
        draw.standard_normal(ROWS),
        draw.standard_normal((ROWS, OBSERVATIONS)),
        numpy.ones(ROWS),
    )
    return [column.astype("float32") for column in columns]


def only_answers_on_stdout():
    """A stream for answers; whatever libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


class Windows:
    """Answers one request after another; `count` tells it of steps taken, for libraries that keep the loop to themselves."""

    def __init__(self, answers, version):
        self.answers = answers
        self.say({"ready": version})
        self.next()

    def say(self, answer):
        print(json.dumps(answer), file=self.answers, flush=True)

    def next(self):
        line = sys.stdin.readline()
        if not line:
            sys.exit()
        self.steps, self.seconds = 0, float(line)
        self.start, self.cpu_start = time.perf_counter(), time.process_time()

    def count(self, steps):
        self.steps += steps
        seconds = time.perf_counter() - self.start
        if seconds < self.seconds:
            return
        cpu_seconds = time.process_time() - self.cpu_start
        self.say({"stepsPerSecond": self.steps / seconds, "stepsPerCpuSecond": self.steps / cpu_seconds})
        self.next()
