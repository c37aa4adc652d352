"""Convolutions and their gradients, from PyTorch: writes conv.json beside this file.

Run: /usr/bin/python3 test/golden/conv.py
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

# name, x [N, C, ...], weight [O, C/groups, ...], bias, options
CASES = [
    ("2-D", (2, 3, 5, 6), (4, 3, 3, 3), False, {}),
    ("2-D, padding 1, bias", (2, 3, 5, 4), (4, 3, 3, 3), True, dict(padding=1)),
    ("2-D, 1x1 kernel", (2, 3, 4, 4), (5, 3, 1, 1), False, {}),
    ("2-D, 1x1 kernel, stride 2", (2, 3, 5, 4), (5, 3, 1, 1), False, dict(stride=2)),
    ("2-D, stride 2, padding 1, even size", (2, 3, 6, 8), (4, 3, 3, 3), False, dict(stride=2, padding=1)),
    ("2-D, stride 2, padding 1, odd size", (2, 3, 7, 5), (4, 3, 3, 3), True, dict(stride=2, padding=1)),
    ("2-D, stride 2, no padding, a row unused", (2, 2, 6, 8), (3, 2, 3, 3), False, dict(stride=2)),
    ("2-D, stride 3, a 5x5 kernel", (1, 2, 9, 10), (3, 2, 5, 5), False, dict(stride=3, padding=2)),
    ("2-D, a stride larger than the kernel", (1, 2, 7, 8), (3, 2, 2, 2), False, dict(stride=3)),
    ("2-D, strides, paddings and kernel sizes that differ", (2, 2, 5, 8), (3, 2, 2, 3), True, dict(stride=(1, 2), padding=(0, 1))),
    ("2-D, dilation 2", (1, 2, 7, 6), (3, 2, 3, 2), False, dict(dilation=2, padding=1)),
    ("2-D, 2 groups", (2, 4, 4, 5), (6, 2, 3, 3), True, dict(groups=2, padding=1)),
    ("2-D, 2 groups, stride 2", (2, 4, 5, 6), (6, 2, 3, 3), False, dict(groups=2, padding=1, stride=2)),
    ("2-D, depthwise", (2, 3, 5, 4), (3, 1, 3, 3), False, dict(groups=3, padding=1)),
    ("2-D, padding larger than the kernel needs", (1, 2, 3, 3), (2, 2, 2, 2), False, dict(padding=2)),
    ("1-D", (2, 3, 8), (4, 3, 3), True, {}),
    ("1-D, stride 2, padding 1, even size", (2, 3, 8), (4, 3, 5), False, dict(stride=2, padding=1)),
    ("1-D, stride 2, a position unused", (2, 3, 9), (4, 3, 4), True, dict(stride=2, padding=1)),
    ("1-D, depthwise", (2, 3, 7), (3, 1, 3), False, dict(groups=3, stride=2, padding=1)),
]

torch.manual_seed(0)
rows = []
for name, x_shape, w_shape, with_bias, options in CASES:
    # Eighths are exact in JSON and in float32.
    draw = lambda *shape: (torch.randint(-16, 17, shape) / 8).double().requires_grad_()
    x, w, b = draw(*x_shape), draw(*w_shape), draw(w_shape[0]) if with_bias else None
    y = (F.conv2d if len(x_shape) == 4 else F.conv1d)(x, w, b, **options)
    dy = draw(*y.shape)
    y.backward(dy)
    tensors = dict(x=x, weight=w, bias=b, y=y, dy=dy, dx=x.grad, dWeight=w.grad, dBias=b.grad if with_bias else None)
    rows.append(dict(
        name=name, options=options, shapes=dict(x=x_shape, weight=w_shape, y=y.shape),
        **{key: value.flatten().tolist() for key, value in tensors.items() if value is not None},
    ))
Path(__file__).with_suffix(".json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
