"""Every figure of the gallery: sound by all gates, and every number and arrow the engine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diagrad.cli.gallery import Job, jobs
from diagrad.draw.gates import check, compare
from diagrad.draw.readback import read
from diagrad.gallery import ENTRIES, FOURTEEN, Entry

JOBS = jobs()


@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
def test_it_is_sound(job: Job) -> None:
    figure = job.entry.draw(passes=job.passes, show=job.show)
    about = figure.content
    numbers = job.show in ("numbers", "all") or (job.show == "auto" and "data-value" in figure.svg)
    faults = check(figure.svg)
    if job.show != "auto":
        faults += compare(figure.svg, about.graph, about.values, about.gradients, numbers=numbers)
    assert faults == []
    assert read(figure.svg).passes == job.passes


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.key for entry in ENTRIES])
def test_all_its_numbers_are_the_engines(entry: Entry) -> None:
    figure = entry.draw(show="all")
    about = figure.content
    assert compare(figure.svg, about.graph, about.values, about.gradients) == []


def test_there_are_fourteen() -> None:
    assert len(FOURTEEN) == 7
    elementary = [job for job in JOBS if job.entry in FOURTEEN]
    assert {job.name[:2] for job in elementary} == {f"{n:02}" for n in range(1, 15)}
    assert len(elementary) == 14 * 3 + 7
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_keys_and_texts() -> None:
    assert len({entry.key for entry in ENTRIES}) == len(ENTRIES)
    for entry in ENTRIES:
        assert entry.forward.endswith(".")
        assert entry.backward.endswith(".")


def test_drawing_is_deterministic() -> None:
    entry = FOURTEEN[-1]
    assert entry.draw(show="all").svg == entry.draw(show="all").svg


X = np.array([[1, 2], [0.5, -1], [-1.5, 0.25]])
W4 = np.array([[0.5, -1, 2, 0], [1.5, 2, -0.5, 1]])
W2 = np.array([[0.5, -1], [1.5, 2]])
UP = np.array([[0.1, -0.2], [0.3, 0.4]])
UP_Y = np.array([[0.2, -0.4], [0.1, 0.3], [-0.5, 0.6]])
UP_4 = np.array([[0.2, -0.4, 0, 1], [0.1, 0.3, -1, 0], [-0.5, 0.6, 0.5, 0.2]])
A, B = np.array([[1.0, 2], [3, 4]]), np.array([[10.0, 20], [30, 40]])

RULES: dict[str, dict[str, Any]] = {
    "add": {"X": UP, "Y": UP},
    "multiply": {"X": UP * B, "Y": UP * A},
    "branch": {"X": 2 * UP},
    "repeat": {"x": 3 * np.array([0.1, -0.2])},
    "sum": dict.fromkeys("abcz", np.array([0.5, -0.25])),
    "matmul": {"X": UP_4 @ W4.T, "W": X.T @ UP_4},
    "affine": {"X": UP_Y @ W2.T, "W": X.T @ UP_Y, "b": UP_Y.sum(axis=0)},
}
"""What the textbook says of each, computed here with NumPy alone."""


@pytest.mark.parametrize("entry", FOURTEEN, ids=[entry.key for entry in FOURTEEN])
def test_the_textbooks_rule(entry: Entry) -> None:
    about = entry.draw(show="all").content
    for name, want in RULES[entry.key].items():
        np.testing.assert_allclose(about.gradients[about.graph[name]], want, atol=1e-15)
