import type { MetricInfo } from '../../src-preload/contract/metrics.ts'

export interface BoardSection {
  readonly id: MetricInfo['section']
  readonly title: string
  readonly help: string
  readonly metrics: readonly MetricInfo[]
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

/** Metrics in curated sections: evaluation first, then what explains it; empty sections left out. */
export function boardSections(metrics: readonly MetricInfo[]): BoardSection[] {
  const rank = (key: string): number => (first.includes(key) ? first.indexOf(key) : first.length)
  return sections
    .map(section => ({
      ...section,
      metrics: metrics
        .filter(metric => metric.section === section.id)
        .sort((a, b) => rank(a.key) - rank(b.key) || a.key.localeCompare(b.key))
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

/** Merges metric lists of several runs: one entry a key. */
export function mergeMetrics(lists: readonly (readonly MetricInfo[])[]): MetricInfo[] {
  const byKey = new Map<string, MetricInfo>()
  for (const metric of lists.flat()) if (!byKey.has(metric.key)) byKey.set(metric.key, metric)
  return [...byKey.values()]
}
