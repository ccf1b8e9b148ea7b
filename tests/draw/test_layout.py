"""Layout: nothing collides, on any graph; the main path is straight; time grows with size only."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrad.draw.diagram import Box, Diagram, Placement, Wire
from diagrad.draw.layout import least_height, place
from draw.geometry import leaf_crossings, main_path, measure, violations
from work import calls

LABELS = [(40, 16, 16), (92, 57, 57), (92, 19, 38), (30, 16, 0), (200, 16, 30)]


class Sketch:
    """Builds a diagram box by box."""

    def __init__(self, label: tuple[float, float, float] = (40, 16, 16)) -> None:
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self.used: dict[int, int] = {}
        self.label = label

    def add(self, box: Box, *sources: int) -> int:
        self.boxes.append(replace(box, inputs=len(sources)))
        for port, source in enumerate(sources):
            out = self.used.get(source, 0)
            self.used[source] = out + 1
            self.wires.append(Wire(source, out, len(self.boxes) - 1, port, *self.label))
        return len(self.boxes) - 1

    def leaf(self) -> int:
        return self.add(Box(44, 34, leaf=True))

    def rect(self, *sources: int) -> int:
        return self.add(Box(80, max(40.0, least_height(len(sources)))), *sources)

    def circle(self, *sources: int) -> int:
        return self.add(Box(48, 48, "circle"), *sources)

    def dot(self, source: int, outputs: int) -> int:
        height = 12.0 if outputs <= 3 else least_height(outputs)
        return self.add(Box(12, height, "dot", outputs=outputs), source)

    def linear(self, x: int) -> int:
        return self.circle(self.rect(x, self.leaf()), self.rect(self.leaf()))

    def done(self, *last: int) -> Diagram:
        for value in last:
            self.add(Box(44, 34, outputs=0), value)
        return Diagram(tuple(self.boxes), tuple(self.wires))


def affine() -> Diagram:
    s = Sketch((92, 57, 57))
    x, w, b = s.leaf(), s.leaf(), s.leaf()
    product = s.add(Box(92, 64, below=32, caption_width=104), x, w)
    repeat = s.add(Box(100, 40, below=16, caption_width=90), b)
    return s.done(s.add(Box(48, 48, "circle", above=14, caption_width=60), product, repeat))


def chain(boxes: int) -> Diagram:
    s = Sketch()
    x = s.leaf()
    for _ in range(boxes - 2):
        x = s.rect(x)
    return s.done(x)


def residual(blocks: int) -> Diagram:
    s = Sketch()
    x = s.leaf()
    for _ in range(blocks):
        d = s.dot(x, 2)
        x = s.circle(d, s.linear(s.rect(s.linear(d))))
    return s.done(x)


def transformer(blocks: int) -> Diagram:
    s = Sketch()
    x = s.leaf()
    for _ in range(blocks):
        d = s.dot(x, 2)
        qkv = s.dot(s.rect(d), 3)
        q, k, v = (s.rect(qkv, s.leaf()) for _ in range(3))
        heads = s.rect(s.rect(s.rect(q, s.rect(k))), v)
        x = s.circle(d, s.rect(heads, s.leaf()))
        d = s.dot(x, 2)
        x = s.circle(d, s.linear(s.rect(s.linear(s.rect(d)))))
    return s.done(x)


def fan(outputs: int) -> Diagram:
    s = Sketch()
    d = s.dot(s.leaf(), outputs)
    return s.done(s.rect(*[s.rect(d) for _ in range(outputs)]))


def skips(boxes: int) -> Diagram:
    """A long chain with wires from anywhere to anywhere later."""
    rng = random.Random(boxes)
    s = Sketch()
    x = s.leaf()
    waiting: list[int] = []
    while len(s.boxes) < boxes - 1:
        kind = rng.random()
        if kind < 0.15:
            x = s.dot(x, 2)
            waiting.append(x)
        elif kind < 0.3 and waiting:
            x = s.circle(x, waiting.pop(rng.randrange(len(waiting))))
        elif kind < 0.45:
            x = s.rect(x, s.leaf())
        else:
            x = s.rect(x)
    return s.done(x)


def both_ends(boxes: int) -> Diagram:
    """A leaf used at both ends of a long chain."""
    s = Sketch()
    d = s.dot(s.leaf(), 2)
    x = d
    for _ in range(boxes - 4):
        x = s.rect(x)
    return s.done(s.circle(x, d))


def anything(seed: int) -> Diagram:
    """A random diagram: 1 to 60 boxes of all kinds, of one part or several, local or wide-ranging."""
    rng = random.Random(seed)
    count = rng.randint(1, 60)
    parts = rng.choice([1, 1, 3])
    nearby, labelled, captioned = rng.random() < 0.5, rng.choice([0, 0.5, 1]), rng.choice([0, 0.3])
    boxes: list[Box] = []
    wires: list[Wire] = []
    left = [0] * count

    for i in range(count):
        kind = rng.choice(["rect", "rect", "circle", "leaf", "dot", "multi", "split", "concat"])
        wanted = {"leaf": 0, "circle": rng.randint(1, 3), "multi": 2, "concat": rng.randint(1, 6)}.get(
            kind, 1
        )
        inputs = 0
        for _ in range(wanted):
            free = [j for j in range(i) if left[j] and j % parts == i % parts]
            if not free:
                break
            j = free[-rng.randint(1, min(4, len(free)))] if nearby else rng.choice(free)
            label = rng.choice(LABELS) if rng.random() < labelled else (0, 0, 0)
            wires.append(Wire(j, boxes[j].outputs - left[j], i, inputs, *label))
            left[j] -= 1
            inputs += 1
        above = rng.choice([0, 14]) if rng.random() < captioned and inputs < 3 else 0
        below = rng.choice([0, 32]) if rng.random() < captioned and inputs < 3 else 0
        width = rng.choice([60, 140]) if above or below else 0
        caption = {"above": above, "below": below, "caption_width": width}
        outputs = {"dot": rng.choice([1, 2, 2, 3, 3, 4, 7]), "split": rng.randint(1, 4)}.get(kind, 1)
        left[i] = outputs
        if inputs == 0:
            left[i] = 1
            boxes.append(Box(44, 34, leaf=rng.random() < 0.8, **caption))
        elif kind == "circle":
            boxes.append(Box(48, 48, "circle", inputs, **caption))
        elif kind == "dot":
            sides = 1 + (not above) + (not below)
            height = 12.0 if outputs <= sides else least_height(outputs)
            boxes.append(Box(12, height, "dot", inputs, outputs, **caption))
        else:
            height = max(40.0, least_height(max(inputs, outputs)))
            boxes.append(Box(rng.choice([60, 92, 140]), height, "rect", inputs, outputs, **caption))
    return (
        _shuffled(Diagram(tuple(boxes), tuple(wires)), rng)
        if seed % 5 == 0
        else Diagram(tuple(boxes), tuple(wires))
    )


def _shuffled(diagram: Diagram, rng: random.Random) -> Diagram:
    order = list(range(len(diagram.boxes)))
    rng.shuffle(order)
    new = {old: i for i, old in enumerate(order)}
    wires = [replace(w, source=new[w.source], target=new[w.target]) for w in diagram.wires]
    return Diagram(tuple(diagram.boxes[old] for old in order), tuple(wires))


EXAMPLES: dict[str, Callable[[], Diagram]] = {
    "nothing": lambda: Diagram((), ()),
    "one box": lambda: Diagram((Box(44, 34),), ()),
    "boxes without wires": lambda: Diagram((Box(44, 34, above=20, caption_width=80),) * 9, ()),
    "affine": affine,
    "chain": lambda: chain(40),
    "residual": lambda: residual(3),
    "transformer": lambda: transformer(2),
    "fan of 2": lambda: fan(2),
    "fan of 3": lambda: fan(3),
    "fan of 4": lambda: fan(4),
    "fan of 30": lambda: fan(30),
    "skips": lambda: skips(200),
    "both ends": lambda: both_ends(60),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_collides_in_an_example(name: str) -> None:
    diagram = EXAMPLES[name]()
    assert violations(diagram, place(diagram)) == []


@pytest.mark.parametrize("start", range(0, 500, 50))
def test_nothing_collides_in_random_diagrams(start: int) -> None:
    for seed in range(start, start + 50):
        diagram = anything(seed)
        placement = place(diagram)
        assert violations(diagram, placement) == [], f"seed {seed}"
        assert leaf_crossings(diagram, placement) == [], f"seed {seed}"


@given(st.integers(min_value=500), st.sampled_from([2.0, 4.0, 6.0]))
def test_nothing_collides_in_more_random_diagrams(seed: int, gap: float) -> None:
    diagram = anything(seed)
    assert violations(diagram, place(diagram, gap=gap)) == []


def test_wires_between_the_same_two_boxes_stay_apart() -> None:
    s = Sketch()
    d = s.dot(s.leaf(), 2)
    diagram = s.done(s.circle(d, d))
    placement = place(diagram)
    assert violations(diagram, placement) == []
    assert measure(diagram, placement)["bends"] == 2


def test_wires_that_share_a_port_stay_apart() -> None:
    boxes = (Box(44, 60), Box(80, 40, inputs=1), Box(80, 60, inputs=2, outputs=0))
    wires = (Wire(0, 0, 1, 0, 40, 16, 16), Wire(1, 0, 2, 0, 40, 16, 16), Wire(0, 0, 2, 1, 40, 16, 16))
    diagram = Diagram(boxes, wires)
    assert violations(diagram, place(diagram)) == []


def test_the_affine_figure_is_drawn_as_in_a_textbook() -> None:
    diagram = affine()
    p = place(diagram)
    (x, w, b, product, repeat, add, y) = p.centres
    assert x[0] == w[0] == b[0]
    assert x[1] < w[1] < b[1]
    assert product[1] == add[1] == y[1]
    assert product[0] == repeat[0] < add[0] < y[0]
    assert p.routes[4][-1] == pytest.approx((add[0], add[1] + 24)), "the bias enters + from below"
    assert measure(diagram, p)["bends"] == 3
    assert measure(diagram, p)["crossings"] == 0


@pytest.mark.parametrize("diagram", [chain(40), residual(4), transformer(3), both_ends(50)])
def test_the_main_path_is_straight(diagram: Diagram) -> None:
    p = place(diagram)
    bent = [w for w in main_path(diagram) if len(p.routes[w]) > 2]
    assert len(bent) <= len(main_path(diagram)) // 20


def test_a_residual_chain_runs_level_from_end_to_end() -> None:
    diagram = residual(5)
    p = place(diagram)
    heights = {p.routes[w][0][1] for w in main_path(diagram)[2:]}
    assert len(heights) == 1
    assert measure(diagram, p)["crossings"] == 0


def test_leaves_stand_one_layer_before_their_first_user() -> None:
    diagram = residual(3)
    p = place(diagram)
    columns = sorted({x for x, _ in p.centres})
    for wire in diagram.wires:
        if diagram.boxes[wire.source].leaf:
            xs = (p.centres[wire.source][0], p.centres[wire.target][0])
            assert columns.index(xs[1]) - columns.index(xs[0]) == 1


@pytest.mark.parametrize("label", [(0, 0, 0), (40, 16, 16)])
@pytest.mark.parametrize("caption", [{}, {"above": 14}, {"below": 32}, {"above": 14, "below": 32}])
@pytest.mark.parametrize("shape", ["circle", "rect"])
@pytest.mark.parametrize("leaf_first", [False, True])
@pytest.mark.parametrize("join_first", [False, True])
def test_a_leaf_crosses_no_main_path(
    label: tuple[int, int, int], caption: dict[str, float], shape: str, leaf_first: bool, join_first: bool
) -> None:
    """A leaf joins one of two branches, which meet again: whatever stands where, there is a way."""
    s = Sketch()
    d = s.dot(s.rect(s.leaf()), 2)
    leaf = s.leaf()
    size = 48 if shape == "circle" else 60
    user = Box(size, size, "circle" if shape == "circle" else "rect", caption_width=90, **caption)
    user_index = s.add(user, leaf, d) if leaf_first else s.add(user, d, leaf)
    last = s.rect(user_index)
    diagram = s.done(s.circle(d, last) if join_first else s.circle(last, d))
    wires = tuple(
        replace(w, width=label[0], above=label[1], below=label[2]) if w.source == leaf else w
        for w in diagram.wires
    )
    diagram = replace(diagram, wires=wires)
    p = place(diagram)
    assert violations(diagram, p) == []
    assert leaf_crossings(diagram, p) == []
    assert measure(diagram, p)["crossings"] == 0


@pytest.mark.parametrize("leaf_first", [False, True])
def test_a_constant_hangs_on_its_circle(leaf_first: bool) -> None:
    s = Sketch()
    x = s.leaf()
    constant = s.add(Box(28, 24, leaf=True))
    product = s.circle(constant, x) if leaf_first else s.circle(x, constant)
    diagram = s.done(product)
    wires = tuple(
        Wire(w.source, 0, w.target, w.target_port) if w.source == constant else w for w in diagram.wires
    )
    p = place(replace(diagram, wires=wires))
    (x0, y0), (x1, y1) = p.centres[constant], p.centres[product]
    assert 0 < x1 - x0 < 60
    assert 0 < (y1 - y0 if leaf_first else y0 - y1) < 70
    assert p.centres[x][1] == y1


def test_branches_that_meet_again_stay_near_one_another() -> None:
    s = Sketch()
    x = s.dot(s.circle(s.rect(s.rect(s.leaf())), s.circle(s.rect(s.leaf()), s.rect(s.leaf()))), 2)
    one, two = s.circle(x, s.leaf()), s.circle(s.leaf(), x)
    p = place(s.done(s.circle(one, two)))
    assert p.centres[two][1] - p.centres[one][1] < 200


def test_parts_without_a_wire_between_them_are_packed() -> None:
    diagram = Diagram((Box(44, 34),) * 100, ())
    p = place(diagram)
    assert violations(diagram, p) == []
    assert 0.5 < p.width / p.height < 4


def test_the_same_diagram_gives_the_same_placement() -> None:
    assert place(transformer(2)) == place(transformer(2))


def test_one_more_box_leaves_the_others_in_order() -> None:
    """Append an op to the network's end, or give it one more output: nothing else changes places."""
    for make in (affine, lambda: residual(2), lambda: transformer(2)):
        before = make()
        last = len(before.boxes) - 1
        boxes = (*before.boxes[:-1], replace(before.boxes[-1], outputs=1), Box(44, 34, inputs=1, outputs=0))
        after = Diagram(boxes, (*before.wires, Wire(last, 0, last + 1, 0, 40, 16, 16)))
        p, q = place(before), place(after)
        for axis in (0, 1):
            old = sorted(range(last), key=lambda i, p=p, axis=axis: (round(p.centres[i][axis], 6), i))
            new = sorted(range(last), key=lambda i, q=q, axis=axis: (round(q.centres[i][axis], 6), i))
            assert old == new


def test_a_cycle_is_an_error() -> None:
    boxes = (Box(44, 34, inputs=1),) * 2
    with pytest.raises(ValueError, match="no cycle"):
        place(Diagram(boxes, (Wire(0, 0, 1, 0), Wire(1, 0, 0, 0))))


@pytest.mark.parametrize(
    "make", [chain, skips, both_ends, lambda n: transformer(n // 27), lambda n: fan(n // 2)]
)
def test_work_grows_with_size_only(make: Callable[[int], Diagram]) -> None:
    small, large = make(500), make(4000)
    per_box = calls(lambda: place(small)) / len(small.boxes)
    assert calls(lambda: place(large)) / len(large.boxes) < 1.5 * per_box


# ---------------------------------------------------------------- the judge itself


def _broken() -> list[tuple[str, Placement]]:
    p = place(affine())
    first = p.routes[3]
    y = first[0][1]
    return [
        ("overlaps", replace(p, centres=(p.centres[1], *p.centres[1:]))),
        (
            "does not start",
            replace(p, routes=(*p.routes[:3], ((first[0][0] + 5, y), first[1]), *p.routes[4:])),
        ),
        (
            "neither level",
            replace(p, routes=(*p.routes[:3], (first[0], (first[1][0], y + 9)), *p.routes[4:])),
        ),
        ("not on a level segment", replace(p, stretches=((0.0, 92.0, 0.0), *p.stretches[1:]))),
        ("shorter than its label", replace(p, stretches=((200.0, 210.0, 78.0), *p.stretches[1:]))),
        ("off the page", replace(p, width=p.width - 60)),
        ("off the page", replace(p, height=p.height - 60)),
        ("too near", replace(p, routes=(p.routes[1], *p.routes[1:]))),
        ("runs into", replace(p, routes=(*p.routes[:5], ((20.0, y), (650.0, y))))),
    ]


@pytest.mark.parametrize(("message", "placement"), _broken())
def test_the_judge_finds_a_planted_fault(message: str, placement: Placement) -> None:
    assert any(message in found for found in violations(affine(), placement))


def test_the_judge_finds_ports_out_of_order() -> None:
    diagram = affine()
    wires = list(diagram.wires)
    wires[0], wires[1] = replace(wires[0], target_port=1), replace(wires[1], target_port=0)
    found = violations(Diagram(diagram.boxes, tuple(wires)), place(diagram))
    assert any("not in order" in v for v in found)
