"""A cluster of Spark as it is anywhere: a master and two workers, each a process of its own, on loopback."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
WANTED = ("pyspark", "java")
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
BRISK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A process that lives for a minute does not earn back what a thorough compiler costs."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out by name what needs a cluster where there is none to be had."""
    there = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
    if not there:
        left_out = [i for i in items if HERE in i.path.parents and i.get_closest_marker("spark")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@dataclass
class Cluster:
    """The master's address and the processes, each with all it starts in a group of its own."""

    home: Path
    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, kind: str, name: str, *arguments: str, ready: str) -> re.Match[str]:
        """Start a process of Spark and wait for what it says when it is ready."""
        spoken = self.folder / f"{name}.log"
        env = os.environ | {
            "SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": BRISK,
            "SPARK_WORKER_DIR": str(self.folder / name), "SPARK_LOCAL_DIRS": str(self.folder / f"{name}-local"),
        }  # fmt: skip
        with spoken.open("wb") as out:
            self.processes.append(
                subprocess.Popen(
                    [self.home / "bin" / "spark-class", kind, "--host", "127.0.0.1", *arguments],
                    stdout=out, stderr=out, env=env, start_new_session=True,
                )
            )  # fmt: skip
        for _ in range(600):
            if found := re.search(ready, spoken.read_text(errors="replace")):
                return found
            if self.processes[-1].poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"{name} did not start:\n{spoken.read_text(errors='replace')[-2000:]}")

    def kill(self, number: int) -> None:
        """End a process and all that it started, without a word."""
        os.killpg(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait()

    def executors(self) -> int:
        """Processes that compute: those of Spark's backend that run in a worker's folder."""
        found = 0
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                inside = (process / "cwd").readlink().is_relative_to(self.folder)
                found += inside and b"CoarseGrainedExecutorBackend" in (process / "cmdline").read_bytes()
        return found

    def stop(self) -> None:
        for number, process in enumerate(self.processes):
            if process.poll() is None:
                self.kill(number)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One master, two workers of one core each."""
    import pyspark

    plant = Cluster(Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark"))
    try:
        anywhere = ("--port", "0", "--webui-port", "0")
        said = plant.start(_MASTER, "master", *anywhere, ready=r"Starting Spark master at (spark://\S+)")
        plant.address = said[1]
        for name in ("one", "two"):
            plant.start(
                _WORKER, name, *anywhere, "--cores", "1", "--memory", "1g", plant.address,
                ready=r"Successfully registered with master",
            )  # fmt: skip
        yield plant
    finally:
        plant.stop()


@pytest.fixture(scope="session")
def session(cluster: Cluster) -> Iterator[Any]:
    """A session that has both workers."""
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master(cluster.address).appName("fullkit")
    for name, value in {
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": BRISK,
        "spark.executor.extraJavaOptions": BRISK,
        "spark.local.dir": str(cluster.folder / "driver"),
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.sql.adaptive.enabled": "false",  # what it learns from a stage is worth it in large ones
        "spark.sql.codegen.wholeStage": "false",  # compiling a statement takes longer than a small log
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(cluster.folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    yield found
    found.stop()
