import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { AlgorithmInfo, EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import type { Plan, Run, SeedsInOneGraph } from '../../../src-preload/contract/runs.ts'
import { problemsByField, withDefaults, type Config } from '../../ui/configFields.ts'
import { parseSeeds, type SeedList } from './seeds.ts'
import { unsuitableReason } from './suitability.ts'

/** One algorithm of the plan with its configuration; the same algorithm may be there several times. */
export interface Choice {
  readonly key: number
  readonly algorithm: string
  readonly preset: string
  readonly config: Config
  /** What its runs are called; empty for the algorithm's name, with the settings that differ where it is there twice. */
  readonly label: string
}

export interface PlanDraft {
  readonly name: ShallowRef<string>
  readonly datasetIds: ShallowRef<ReadonlySet<string>>
  readonly choices: ShallowRef<readonly Choice[]>
  readonly seedText: ShallowRef<string>
  readonly engine: ShallowRef<string>
  readonly threads: ShallowRef<number>
  readonly precision: ShallowRef<Precision>
  readonly seedsInOneGraph: ShallowRef<SeedsInOneGraph>
  readonly seeds: ComputedRef<SeedList>
  readonly chosen: ComputedRef<readonly Dataset[]>
  /** The plan as it would be sent; null while something is missing. */
  readonly plan: ComputedRef<Plan | null>
  /** What is missing, in words, in the order of the page. */
  readonly missing: ComputedRef<readonly string[]>
  /** Domain of the chosen data, which decides the preset that an algorithm starts with. */
  readonly domain: ComputedRef<string | null>
  readonly add: (algorithm: AlgorithmInfo) => void
  readonly remove: (key: number) => void
  readonly change: (key: number, changes: Partial<Omit<Choice, 'key' | 'algorithm'>>) => void
  readonly toggleDataset: (id: string) => void
  /** Starts over from a run: its data, algorithm, settings, seed and precision. */
  readonly adopt: (run: Run) => void
}

interface Sources {
  readonly datasets: () => readonly Dataset[]
  readonly algorithms: () => readonly AlgorithmInfo[]
  readonly environment: (id: string | null) => EnvironmentInfo | null
}

/** The configuration that a preset stands for; the defaults for an unknown one. */
export function presetConfig(algorithm: AlgorithmInfo, preset: string): Config {
  const found = algorithm.presets.find(entry => entry.id === preset)
  return withDefaults(algorithm.fields, found?.config ?? {})
}

/** The preset for a domain; empty, the defaults, where there is none. */
export const presetFor = (algorithm: AlgorithmInfo, domain: string | null): string =>
  algorithm.presets.find(preset => preset.domain === domain)?.id ?? ''

const infoOf = (sources: Sources, id: string): AlgorithmInfo | undefined =>
  sources.algorithms().find(entry => entry.id === id)

/** Whether a choice cannot be trained as it is: a setting has a problem, or the data lack what the algorithm needs. */
function isWrong(sources: Sources, { algorithm, config }: Choice, datasets: readonly Dataset[]): boolean {
  const info = infoOf(sources, algorithm)
  if (!info) return true
  return problemsByField(info.fields, config, []).size > 0 || unsuitableReason(info, datasets) !== null
}

/** A choice with the preset of another domain; one that was changed by hand stays as it is. */
function inDomain(sources: Sources, choice: Choice, before: string | null, next: string | null): Choice {
  const info = infoOf(sources, choice.algorithm)
  if (!info || choice.preset !== presetFor(info, before)) return choice
  if (JSON.stringify(choice.config) !== JSON.stringify(presetConfig(info, choice.preset))) return choice
  const preset = presetFor(info, next)
  return { ...choice, preset, config: presetConfig(info, preset) }
}

/** The list of choices and what can be done with it. */
function useChoices(
  sources: Sources,
  domain: ComputedRef<string | null>
): Pick<PlanDraft, 'choices' | 'add' | 'remove' | 'change'> & { readonly only: (run: Run) => void } {
  const choices = shallowRef<readonly Choice[]>([])
  let nextKey = 0
  watch(domain, (next, before) => {
    choices.value = choices.value.map(choice => inDomain(sources, choice, before, next))
  })
  return {
    choices,
    add: algorithm => {
      const preset = presetFor(algorithm, domain.value)
      const config = presetConfig(algorithm, preset)
      choices.value = [
        ...choices.value,
        { key: nextKey++, algorithm: algorithm.id, preset, config, label: '' }
      ]
    },
    only: ({ algorithm: id, config }) => {
      const algorithm = infoOf(sources, id)
      if (!algorithm) return
      const preset = presetFor(algorithm, domain.value)
      const known = algorithm.fields.filter(({ name }) => name in config)
      const kept = Object.fromEntries(known.map(({ name }) => [name, config[name]]))
      choices.value = [
        {
          key: nextKey++,
          algorithm: id,
          preset,
          config: withDefaults(algorithm.fields, kept),
          label: ''
        }
      ]
    },
    remove: key => void (choices.value = choices.value.filter(choice => choice.key !== key)),
    change: (key, changes) =>
      void (choices.value = choices.value.map(choice =>
        choice.key === key ? { ...choice, ...changes } : choice
      ))
  }
}

const planned = ({ algorithm, config, label }: Choice): Plan['algorithms'][number] => ({
  algorithm,
  config: { ...config },
  ...(label.trim() ? { label: label.trim() } : {})
})

function withToggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}

/** The state of the Train page: what is chosen, what is missing, the plan that results. */
export function usePlan(sources: Sources): PlanDraft {
  const name = shallowRef('')
  const datasetIds = shallowRef<ReadonlySet<string>>(new Set())
  const seedText = shallowRef('0-2')
  const engine = shallowRef('auto')
  const threads = shallowRef(0)
  const precision = shallowRef<Precision>('float32')
  const seedsInOneGraph = shallowRef<SeedsInOneGraph>('auto')
  const chosen = computed(() => sources.datasets().filter(dataset => datasetIds.value.has(dataset.id)))
  const seeds = computed(() => parseSeeds(seedText.value))
  const domain = computed(() => sources.environment(chosen.value[0]?.environmentId ?? null)?.domain ?? null)
  const { only, ...list } = useChoices(sources, domain)
  const wrong = computed(() => list.choices.value.some(choice => isWrong(sources, choice, chosen.value)))
  const missing = computed(() => [
    ...(chosen.value.length === 0 ? ['a dataset'] : []),
    ...(list.choices.value.length === 0 ? ['an algorithm'] : []),
    ...(seeds.value.problem === null ? [] : ['seeds']),
    ...(wrong.value ? ['corrections of the marked settings'] : [])
  ])
  const plan = computed((): Plan | null =>
    missing.value.length > 0
      ? null
      : {
          name: name.value.trim(),
          datasets: chosen.value.map(dataset => dataset.id),
          algorithms: list.choices.value.map(planned),
          seeds: [...seeds.value.seeds],
          engine: engine.value,
          threads: threads.value,
          precision: precision.value,
          ...(seedsInOneGraph.value === 'auto' ? {} : { seedsInOneGraph: seedsInOneGraph.value })
        }
  )
  const toggleDataset = (id: string): void => void (datasetIds.value = withToggled(datasetIds.value, id))
  return {
    ...list,
    name,
    datasetIds,
    seedText,
    engine,
    threads,
    precision,
    seedsInOneGraph,
    seeds,
    chosen,
    plan,
    missing,
    domain,
    toggleDataset,
    adopt: run => {
      datasetIds.value = new Set([run.datasetId])
      seedText.value = String(run.seed)
      precision.value = run.precision
      only(run)
    }
  }
}
