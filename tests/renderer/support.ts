import type { Dataset } from '../../src-preload/contract/datasets.ts'
import type { ConfigField, AlgorithmInfo } from '../../src-preload/contract/algorithms.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import type { AppClient } from '../../src-renderer/client/holder.ts'

/** A client that answers only what a test gives it; every other request fails loudly. */
export function fakeClient(groups: Record<string, Record<string, (...args: never[]) => unknown>>): AppClient {
  return new Proxy(groups, {
    get: (all, group: string) =>
      new Proxy(all[group] ?? {}, {
        get: (methods, name: string) =>
          methods[name] ??
          (() => {
            throw new Error(`the test answers no ${group}.${name}`)
          })
      })
  }) as unknown as AppClient
}

/** A stream that a test pushes into. */
export function pushable<T>(): {
  readonly open: (signal?: AbortSignal) => AsyncIterable<T>
  push(item: T): void
  fail(error: unknown): void
  end(): void
  readonly opened: () => number
} {
  let count = 0
  const events: ({ item: T } | { error: unknown } | { end: true })[] = []
  let wake = (): void => undefined
  const add = (event: (typeof events)[number]): void => {
    events.push(event)
    wake()
  }
  return {
    opened: () => count,
    push: item => add({ item }),
    fail: error => add({ error }),
    end: () => add({ end: true }),
    async *open(signal) {
      count++
      signal?.addEventListener('abort', () => wake())
      for (;;) {
        const event = events.shift()
        if (signal?.aborted) return
        if (event === undefined) await new Promise<void>(resolve => (wake = resolve))
        else if ('item' in event) yield event.item
        else if ('error' in event) throw event.error
        else return
      }
    }
  }
}

/** A dataset with what a test does not care about filled in. */
export const dataset = (more: Partial<Dataset> = {}): Dataset => ({
  id: 'd1',
  name: 'Demonstrations',
  note: '',
  createdAt: 1,
  format: 'recipe',
  sourceName: 'crossroads',
  environmentId: 'crossroads',
  episodes: 200,
  transitions: 3446,
  observationShape: [2],
  observationNames: ['x', 'y'],
  actionShape: [2],
  actionNames: ['move x', 'move y'],
  actionSpace: { kind: 'continuous', size: 2, low: [-1, -1], high: [1, 1], outside: 'clip', shareOutside: 0 },
  hasRewards: true,
  missingNextObservations: 0,
  endReasons: { terminated: 200, truncated: 0, cut: 0, unknown: 0 },
  meanReturn: 0.35,
  bestReturn: 1,
  meanLength: 17,
  scoreReference: null,
  sizeBytes: 78_000,
  parents: [],
  archived: false,
  ...more
})

/** A field of a form. */
export const field = (more: Partial<ConfigField> & Pick<ConfigField, 'name'>): ConfigField => ({
  title: more.name,
  description: 'What it does.',
  kind: 'number',
  default: 0.5,
  minimum: null,
  maximum: null,
  exclusiveMinimum: false,
  exclusiveMaximum: false,
  choices: [],
  unit: null,
  section: 'algorithm',
  when: null,
  ...more
})

/** An algorithm with two presets. */
export const algorithm = (more: Partial<AlgorithmInfo> = {}): AlgorithmInfo => ({
  id: 'iql',
  title: 'Implicit Q-learning',
  shortTitle: 'IQL',
  summary: '',
  source: '',
  needs: ['rewards', 'nextObservations'],
  actions: ['continuous', 'discrete'],
  fields: [
    field({
      name: 'expectile',
      default: 0.7,
      minimum: 0,
      maximum: 1,
      exclusiveMinimum: true,
      exclusiveMaximum: true
    }),
    field({ name: 'gradientSteps', kind: 'integer', default: 20_000, minimum: 1, section: 'training' })
  ],
  presets: [
    { id: 'locomotion', title: 'Locomotion', domain: 'locomotion', config: { expectile: 0.7 } },
    { id: 'teaching', title: 'Teaching', domain: 'teaching', config: { expectile: 0.9, gradientSteps: 8000 } }
  ],
  ...more
})

/** A run of which only some parts matter. */
export const run = (more: Partial<Run> = {}): Run =>
  ({ id: 'r1', name: 'IQL, seed 0', createdAt: 1, archived: false, state: 'running', ...more }) as Run

/** Lets pending promises and stream items arrive. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
