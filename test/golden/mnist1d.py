"""Golden numbers for src/data/mnist1d*.ts: the published transformations on numpy and scipy.

    python3 test/golden/mnist1d.py > test/golden/mnist1d.json
"""

import json

import numpy as np
from scipy.interpolate import interp1d
from scipy.ndimage import gaussian_filter

DIGITS = np.array([
    [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
    [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
    [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
    [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
    [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
    [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
    [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
    [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
])


def templates():
    centred = DIGITS - DIGITS.mean(axis=1, keepdims=True)
    scaled = centred / centred.std(axis=1, keepdims=True)
    return (scaled - scaled[:, :1]) / 6.0


def resample(signal, length):
    old, new = np.linspace(0, 1, len(signal)), np.linspace(0, 1, length)
    return interp1d(old, signal, kind="linear")(new)


def transform(template, draws):
    signal = np.concatenate([template + 1e-8, np.zeros(draws["padding"])])
    signal = resample(signal, 72) * (1 + 0.4 * (draws["scale"] - 0.5))
    signal = np.roll(signal, draws["translation"])
    smooth = gaussian_filter(0.25 * np.array(draws["correlated"]), 2)
    signal = np.where(signal != 0, signal, smooth)
    signal = signal + 0.02 * np.array(draws["independent"])
    signal = signal - 0.75 * (draws["shear"] - 0.5) * np.linspace(-0.5, 0.5, 72)
    return resample(signal, 40)


random = np.random.default_rng(0)
paddings = [36, 60, 59, 37, 48, 41, 53, 44, 50, 57]
translations = [0, 47, 1, 46, 24, 30, 7, 12, 40, 19]
cases = []
for digit in range(10):
    draws = {
        "padding": paddings[digit],
        "scale": round(random.random(), 4),
        "translation": translations[digit],
        "correlated": random.standard_normal(72).round(3).tolist(),
        "independent": random.standard_normal(72).round(3).tolist(),
        "shear": round(random.random(), 4),
    }
    cases.append({"digit": digit, "draws": draws, "signal": transform(templates()[digit], draws).tolist()})
print(json.dumps({"templates": templates().tolist(), "cases": cases}))
