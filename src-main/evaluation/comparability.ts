import { executionTexts } from '../../src-preload/contract/execution.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { fromScalar } from '../../src-preload/contract/values.ts'
import type { ComparedRun, ComparisonInput, RunGroup } from './comparison.ts'
import { canonical } from './settings.ts'

/** Fewer seeds than this make a percentile interval look narrower than it is. */
const fewSeeds = 5

export const hasFinished = (run: Run): boolean => run.state === 'finished'
export const hasBroken = (run: Run): boolean => run.state === 'failed' || run.state === 'diverged'

/** True when runs have scores on different scales, which must not stand side by side. */
export function sourcesDiffer(runs: readonly ComparedRun[]): boolean {
  const scales = runs.flatMap(({ scoreReference }) =>
    scoreReference === null ? [] : [canonical(scoreReference)]
  )
  return new Set(scales).size > 1
}

/** A value in a sentence; large numbers with separators, as the pages write them. */
const valueText = (value: unknown): string =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumSignificantDigits: 15 }) : String(value)

const runsText = (count: number): string => (count === 1 ? '1 run' : `${valueText(count)} runs`)

/** What the steps were computed in; what was asked for before they begin. */
const precisionOf = (run: Run): string => run.engine?.precision ?? run.precision

/** As many groups as a sentence can name. */
const namedGroups = 4

/** `BC 20, IQL 100`: one value a group; of many groups `20 (12 groups), 100 (1 group)`. */
function perGroup(groups: readonly RunGroup[], valueOf: (run: Run) => unknown): string {
  const text = ({ first }: RunGroup): string => valueText(valueOf(first.run))
  if (groups.length <= namedGroups)
    return groups.map(group => `${group.first.run.groupName} ${text(group)}`).join(', ')
  return [...Map.groupBy(groups, text)]
    .map(([value, { length }]) => `${value} (${length} ${length === 1 ? 'group' : 'groups'})`)
    .join(', ')
}

/** Names in a sentence: some of them, and how many more. */
const someOf = (names: readonly string[]): string =>
  names.length <= namedGroups
    ? names.join(', ')
    : `${names.slice(0, namedGroups).join(', ')} and ${names.length - namedGroups} more`

const differ = (groups: readonly RunGroup[], valueOf: (run: Run) => unknown): boolean =>
  new Set(groups.map(({ first }) => canonical(valueOf(first.run) ?? null))).size > 1

/** Differences in what was asked of the runs. */
function protocolWarnings(groups: readonly RunGroup[], { runs, datasets }: ComparisonInput): string[] {
  const nameOf = (run: Run) => datasets.find(({ id }) => id === run.datasetId)?.name ?? run.datasetName
  const names = someOf([...new Set(groups.map(({ first }) => nameOf(first.run)))])
  const used = [...new Set(runs.map(({ run }) => precisionOf(run)))]
  const setting = (name: string) => (run: Run) => run.config[name]
  const rules: readonly (readonly [boolean, () => string])[] = [
    [
      differ(groups, run => run.environmentId),
      () =>
        `The groups were evaluated in different environments (${perGroup(groups, run => run.environmentId ?? 'none')}): their returns have no common unit.`
    ],
    [differ(groups, run => run.datasetId), () => `The groups were trained on different datasets: ${names}.`],
    [
      used.length > 1,
      () =>
        `Runs were trained in different precisions (${used.join(', ')}): differences may come from rounding.`
    ],
    [
      differ(groups, setting('heldOutShare')),
      () =>
        `The groups were trained on different shares of the episodes; held out: ${perGroup(groups, setting('heldOutShare'))}.`
    ],
    [
      differ(groups, setting('gradientSteps')),
      () =>
        `Final returns are after different numbers of gradient steps: ${perGroup(groups, setting('gradientSteps'))}.`
    ],
    [
      differ(groups, setting('evalEpisodes')),
      () =>
        `The groups were evaluated with different numbers of episodes: ${perGroup(groups, setting('evalEpisodes'))}.`
    ],
    [
      differ(groups, setting('evalEvery')),
      () =>
        `Best returns were chosen among different numbers of evaluations (one every ${perGroup(groups, setting('evalEvery'))} steps): compare the last ones.`
    ],
    [
      sourcesDiffer(runs),
      () =>
        'Scores are left out because they use different references: compare returns, or groups of one task.'
    ]
  ]
  return rules.filter(([applies]) => applies).map(([, text]) => text())
}

/** What the runs themselves leave open. */
function outcomeWarnings(groups: readonly RunGroup[], runs: readonly Run[]): string[] {
  const warnings: string[] = []
  const count = (condition: (run: Run) => boolean, text: (runsText: string) => string) => {
    const matching = runs.filter(condition)
    if (matching.length > 0) warnings.push(text(runsText(matching.length)))
  }
  count(
    hasBroken,
    many => `${many} failed or diverged; the last evaluation before that counts where there is one.`
  )
  count(
    run => !hasFinished(run) && !hasBroken(run),
    many => `${many} did not finish yet or stopped early; the last evaluation counts.`
  )
  count(
    run => run.finalReturn === null && hasFinished(run),
    many => `${many} finished without an evaluation and count in no result.`
  )
  count(
    run => run.finalReturn !== null && !Number.isFinite(fromScalar(run.finalReturn)),
    many => `${many} ended with a non-finite return.`
  )
  count(
    run => !run.bitExact,
    many =>
      `${many} resumed with another engine, version, thread count, precision or way of running and would not repeat bit for bit.`
  )
  const engines = new Set(
    runs.flatMap(({ engine }) =>
      engine ? [`${engine.id} ${engine.version}, ${engine.threads} threads`] : []
    )
  )
  if (engines.size > 1)
    warnings.push(`Speeds come from different engines or thread counts: ${[...engines].join('; ')}.`)
  const modes = new Set(runs.flatMap(({ engine }) => (engine?.execution ? [engine.execution.mode] : [])))
  if (modes.size > 1) {
    const texts = [...modes].map(mode => executionTexts[mode]).join('; ')
    warnings.push(
      `Steps ran in different ways (${texts}): speeds and the last digits of curves differ by it.`
    )
  }
  return [...warnings, ...seedWarnings(groups)]
}

function seedWarnings(groups: readonly RunGroup[]): string[] {
  const sizes = groups.map(({ runs }) => new Set(runs.map(({ run }) => run.seed)).size)
  const names = (size: (count: number) => boolean) =>
    groups.filter((_, index) => size(sizes[index])).map(({ first }) => first.run.groupName)
  const single = names(count => count === 1)
  const few = names(count => count > 1 && count < fewSeeds)
  const warnings: string[] = []
  if (single.length > 0) warnings.push(`One seed says nothing about spread: ${someOf(single)}.`)
  if (few.length > 0) {
    warnings.push(
      `Intervals from fewer than ${fewSeeds} seeds are too narrow; look at the single seeds: ${someOf(few)}.`
    )
  }
  if (new Set(sizes).size > 1) {
    const seeds = new Map(groups.map(({ first }, i) => [first.run, sizes[i]]))
    warnings.push(`The groups have different numbers of seeds: ${perGroup(groups, run => seeds.get(run))}.`)
  }
  return warnings
}

/** One sentence for each thing that keeps the groups from being compared as they stand; empty when nothing does. */
export function comparabilityWarnings(groups: readonly RunGroup[], input: ComparisonInput): string[] {
  return [
    ...protocolWarnings(groups, input),
    ...outcomeWarnings(
      groups,
      input.runs.map(({ run }) => run)
    )
  ]
}
