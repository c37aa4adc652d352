export const speed = {
  lowerings: ({ results }) => [
    ["convolution", "part", "ms (GFLOP/s) by lowering"],
    ...results.map(({ batch, channels, side, outputs, kernel, stride, part, gigaflops, milliseconds }) => [
      `${batch}×${channels}×${side}×${side} to ${outputs}, ${kernel}×${kernel}${stride > 1 ? `, stride ${stride}` : ""}`,
      part,
      Object.entries(milliseconds)
        .toSorted(([, a], [, b]) => a - b)
        .map(([name, time]) => `${name} ${time.toFixed(1)} (${Math.round((1000 * gigaflops) / time)})`)
        .join(", "),
    ]),
  ],
  bench: ({ results }) => [
    [
      "what",
      "median",
      "times as fast as PyTorch",
      "and as PyTorch on one thread",
      "plain iterations",
      "share of peak",
    ],
    ...results.map(
      ({ name, median, unit, ratioToPyTorch, ratioToPyTorchOneThread, ratioToPlain, shareOfPeak }) => [
        `\`${name}\``,
        `${Number(median.toPrecision(3))} ${unit}`,
        ratioToPyTorch === null ? "–" : ratioToPyTorch.toFixed(2),
        ratioToPyTorchOneThread === undefined ? "–" : ratioToPyTorchOneThread.toFixed(2),
        ratioToPlain === undefined ? "–" : ratioToPlain.toFixed(2),
        shareOfPeak === undefined ? "–" : `${Math.round(100 * shareOfPeak)} %`,
      ],
    ),
  ],
};
