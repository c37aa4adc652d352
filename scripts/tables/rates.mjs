export const rates = {
  calibration: ({ curves, tasks }) => [
    [
      "optimizer",
      "shape",
      "multiple",
      "value",
      "diverged",
      "from … to",
      "value at the usual rate",
      "diverged",
    ],
    ...curves.map(({ optimizer, shape, multiples, chosen, values, diverged }) => {
      const [best, usual] = [multiples.indexOf(chosen), multiples.indexOf(1)];
      const level = multiples.filter((_, index) => values[index] <= values[best] + 0.02);
      return [
        { sgd: "SGD", momentum: "SGD with momentum", adam: "Adam, AdamW" }[optimizer],
        `\`calibrated:${shape}\``,
        String(chosen),
        values[best].toFixed(3),
        `${diverged[best]} of ${tasks}`,
        `${level[0]} … ${level.at(-1)}`,
        values[usual].toFixed(3),
        `${diverged[usual]} of ${tasks}`,
      ];
    }),
  ],
};
