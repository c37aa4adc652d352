// What is computed in the page, and again in Node: `entry` is the module `mlr-snet` of either, and its inner `parameterLayout`.

/** p of a schedule file, fed one loss after another: with γ = 1 it is the learning rate. */
export async function outputs(entry, file, losses) {
  const learned = await entry.MlrSnet.load(file);
  const runner = new entry.ScheduleRunner(learned.schedule({ gamma: 1 }));
  return losses.map((loss) => runner.next({ loss }).learningRate);
}

/** The paper's meta-training on the softmax regressions of meta-step.json: per case, what each step gave. */
export function metaSteps(entry, { theta0, cases }) {
  const cell = { ...entry.presets["image-meta-train"], hidden: 6, middle: 3 };
  const theta = Float64Array.from(entry.parameterLayout(cell).flatMap(({ name }) => theta0[name].flat()));
  return cases.map(({ momentum, weightDecay, gamma, w0, steps }) => {
    const learner = new entry.MetaLearner({ cell, gamma }, theta);
    let w = w0.flat(2); // [W 3x5, b 3]
    let d;
    return steps.map(({ x, y, xVal, yVal }) => {
      const { loss, gradient } = softmaxRegression(w, x, y);
      const previous = d;
      d = gradient.map((g, k) => g + weightDecay * w[k] + (previous ? momentum * previous[k] : 0));

      const proposed = learner.propose(loss);
      const lookAhead = softmaxRegression(move(w, proposed, d), xVal, yVal);
      const metaGradient = learner.learn(dot(lookAhead.gradient, d));
      const learningRate = learner.commit(loss);
      w = move(w, learningRate, d);

      const plain = { metaGradient: [...metaGradient], theta: [...learner.theta] };
      return { p: proposed / gamma, pAfter: learningRate / gamma, learningRate, weights: w, ...plain };
    });
  });
}

/** Mean cross-entropy of softmax(W x + b), and its gradient. */
function softmaxRegression(w, x, y) {
  const gradient = w.map(() => 0);
  let loss = 0;
  for (const [n, features] of x.entries()) {
    const logits = [0, 1, 2].map((k) => w[15 + k] + dot(w.slice(5 * k, 5 * k + 5), features));
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    loss += (Math.log(total) - logits[y[n]]) / x.length;
    for (const [k, z] of logits.entries()) {
      const error = (Math.exp(z) / total - (k === y[n] ? 1 : 0)) / x.length;
      for (const [j, feature] of features.entries()) gradient[5 * k + j] += error * feature;
      gradient[15 + k] += error;
    }
  }
  return { loss, gradient };
}

/** w - α d */
function move(w, rate, d) {
  return w.map((weight, k) => weight - rate * d[k]);
}

function dot(a, b) {
  return a.reduce((sum, value, k) => sum + value * b[k], 0);
}
