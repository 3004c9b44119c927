import type { MetricInfo } from '../../src-preload/contract/metrics.ts'

/** One chart: a metric, and its twin on held-out episodes where there is one. */
export interface BoardMetric {
  readonly info: MetricInfo
  readonly heldOut: MetricInfo | null
}

export interface BoardSection {
  readonly id: MetricInfo['section']
  readonly title: string
  readonly help: string
  readonly metrics: readonly BoardMetric[]
}

const sections: readonly Omit<BoardSection, 'metrics'>[] = [
  { id: 'evaluation', title: 'Evaluation', help: 'What the policy earns in the environment.' },
  {
    id: 'values',
    title: 'Values',
    help: 'Q on actions of the policy far above Q on actions of the data means overestimation.'
  },
  {
    id: 'weights',
    title: 'Advantage weights',
    help: 'A small effective share means that few transitions teach the policy.'
  },
  {
    id: 'policy',
    title: 'Policy',
    help: 'Fit to the data: the held-out likelihood falls behind the training one when the policy over-trains.'
  },
  { id: 'losses', title: 'Losses', help: 'Losses of different methods are not comparable with each other.' },
  { id: 'gradients', title: 'Gradients', help: 'Growing norms announce divergence.' },
  { id: 'system', title: 'System', help: 'Speed and memory on this machine.' }
]

const first = ['eval/return', 'eval/score', 'eval/length']

const training = 'train/'
const heldOut = 'heldOut/'

/** Metrics as charts: what is measured on training and on held-out rows shares one, so that over-training shows as a gap. */
export function pairMetrics(metrics: readonly MetricInfo[]): BoardMetric[] {
  const byKey = new Map(metrics.map(metric => [metric.key, metric]))
  return metrics.flatMap(info => {
    if (info.key.startsWith(heldOut) && byKey.has(training + info.key.slice(heldOut.length))) return []
    const twin = info.key.startsWith(training)
      ? byKey.get(heldOut + info.key.slice(training.length))
      : undefined
    return [{ info, heldOut: twin ?? null }]
  })
}

/** Metrics in curated sections: evaluation first, then what explains it; empty sections left out. */
export function boardSections(metrics: readonly MetricInfo[]): BoardSection[] {
  const rank = (key: string): number => (first.includes(key) ? first.indexOf(key) : first.length)
  return sections
    .map(section => ({
      ...section,
      metrics: pairMetrics(metrics)
        .filter(({ info }) => info.section === section.id)
        .sort((a, b) => rank(a.info.key) - rank(b.info.key) || a.info.key.localeCompare(b.info.key))
    }))
    .filter(section => section.metrics.length > 0)
}

/** Metrics whose key or title holds every word of the filter. */
export function filterMetrics(metrics: readonly MetricInfo[], filter: string): readonly MetricInfo[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return metrics.filter(metric =>
    words.every(word => `${metric.key} ${metric.title}`.toLowerCase().includes(word))
  )
}
