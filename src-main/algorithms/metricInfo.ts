import type { MetricInfo } from '../../src-preload/contract/metrics.ts'

/** What is known of a metric beforehand: the contract's entry without the counts of a run. */
export type MetricDescription = Pick<
  MetricInfo,
  'key' | 'title' | 'description' | 'unit' | 'higherIsBetter' | 'section'
>

type Entry = readonly [
  title: string,
  description: string,
  section: MetricDescription['section'],
  unit?: string,
  higherIsBetter?: boolean
]

const reward = 'scaled reward'

/** Metrics that algorithms compute, by bare name; training prefixes them `train/` or `heldOut/`. */
const algorithmMetrics: Readonly<Record<string, Entry>> = {
  actorLoss: [
    'Policy loss',
    'What the policy minimises on a batch: the weighted negative log-likelihood or squared error of the data actions.',
    'losses'
  ],
  criticLoss: [
    'Critic loss',
    'Mean squared error of both Q networks against their targets, summed.',
    'losses'
  ],
  valueLoss: [
    'Value loss',
    'Error of V against its target: expectile loss for IQL, mean squared error otherwise.',
    'losses'
  ],
  qData: ['Q of data actions', 'Mean of the smaller Q at the actions in the data.', 'values', reward],
  qPolicy: [
    'Q of policy actions',
    "Mean of the smaller Q at the policy's own deterministic actions (discrete: its expectation); far above the data it is a warning.",
    'values',
    reward
  ],
  qGap: [
    'Q of policy minus data',
    "How much more the critics promise for the policy's actions than for the data's; steady growth is over-estimation.",
    'values',
    reward
  ],
  q1: ['First critic', 'Mean of the first Q at the actions in the data, before the step.', 'values', reward],
  q2: [
    'Second critic',
    'Mean of the second Q at the actions in the data, before the step.',
    'values',
    reward
  ],
  value: ['V of data states', 'Mean state value over the batch.', 'values', reward],
  advantageMean: [
    'Advantage, mean',
    'Mean of how much better the data actions are than V says.',
    'weights',
    reward
  ],
  advantageStd: [
    'Advantage, spread',
    'Standard deviation of the advantages over the batch; compare it with the temperature.',
    'weights',
    reward
  ],
  effectiveSampleShare: [
    'Effective sample share',
    'Share of the batch that the weights in effect use, (sum w)^2 / (n sum w^2): 1 is behaviour cloning, near 0 few rows decide.',
    'weights'
  ],
  clippedShare: ['Clipped weights', 'Share of the batch whose weight reached the weight clip.', 'weights'],
  logLikelihood: [
    'Log-likelihood',
    'Mean log-likelihood of the data actions under the policy; falling on held-out data while rising in training is over-fitting.',
    'policy',
    'nats',
    true
  ],
  actionDistance: [
    'Distance to data actions',
    "Mean Euclidean distance of the policy's action to the data's in [-1, 1] units; discrete: share of rows where they differ.",
    'policy'
  ],
  entropy: [
    'Policy entropy',
    'Mean entropy of the policy; falling means more certain actions.',
    'policy',
    'nats'
  ],
  actorGradientNorm: [
    'Policy gradient norm',
    "Euclidean norm of the policy's gradient before Adam.",
    'gradients'
  ],
  criticGradientNorm: [
    'Critic gradient norm',
    'Euclidean norm of the gradient of both critics before Adam.',
    'gradients'
  ],
  valueGradientNorm: ['Value gradient norm', 'Euclidean norm of the gradient of V before Adam.', 'gradients']
}

/** Metrics that training and evaluation add, by full key. */
const otherMetrics: Readonly<Record<string, Entry>> = {
  'eval/return': [
    'Return',
    'Mean undiscounted return of the evaluation episodes, in raw reward units.',
    'evaluation',
    'reward',
    true
  ],
  'eval/score': [
    'Normalised score',
    'Mean return on the scale of the references shown: 0 is the low one, 100 the high one.',
    'evaluation',
    'points',
    true
  ],
  'eval/length': ['Episode length', 'Mean length of the evaluation episodes.', 'evaluation', 'steps'],
  'time/stepsPerSecond': [
    'Speed',
    'Gradient steps per second of training, evaluations and checkpoints left out.',
    'system',
    'steps / s',
    true
  ]
}

const parts = { train: 'training batches', heldOut: 'held-out episodes' } as const

/** The catalogue by full key: `train/criticLoss`, `heldOut/logLikelihood`, `eval/return` and so on. */
export const metricCatalogue: ReadonlyMap<string, MetricDescription> = new Map([
  ...Object.entries(otherMetrics).map(([key, entry]) => [key, describe(key, entry)] as const),
  ...Object.entries(parts).flatMap(([part, where]) =>
    Object.entries(algorithmMetrics).map(([name, [title, ...rest]]) => {
      const key = `${part}/${name}`
      return [key, describe(key, [part === 'train' ? title : `${title}, ${where}`, ...rest])] as const
    })
  )
])

/** What is known of a metric; an unknown key is shown plainly under its own name. */
export function describeMetric(key: string): MetricDescription {
  return (
    metricCatalogue.get(key) ?? describe(key, [key, 'No description is known for this metric.', 'system'])
  )
}

function describe(
  key: string,
  [title, description, section, unit, higherIsBetter]: Entry
): MetricDescription {
  return { key, title, description, section, unit: unit ?? null, higherIsBetter: higherIsBetter ?? null }
}
