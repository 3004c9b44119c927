import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { AlgorithmInfo } from '../../src-preload/contract/algorithms.ts'
import { precision, precisions, type Precision } from '../../src-preload/contract/precision.ts'
import { seedsInOneGraph, type Plan, type SeedsInOneGraph } from '../../src-preload/contract/runs.ts'
import { messageOf, UserError } from '../base/errors.ts'

const config = z.record(z.string(), z.unknown())

/** One algorithm of a plan file: its id, or its id with a preset, a label and settings of its own. */
const algorithmEntry = z.union([
  z.string(),
  z.strictObject({
    algorithm: z.string(),
    preset: z.string().optional(),
    label: z.string().max(80).optional(),
    config: config.default({})
  })
])

/** A plan file: lists of datasets, algorithms and seeds, and settings for all of them. */
const planFile = z.strictObject({
  name: z.string().max(200).optional(),
  datasets: z.array(z.string()).min(1),
  algorithms: z.array(algorithmEntry).min(1),
  seeds: z.array(z.number().int().nonnegative()).min(1).default([0]),
  engine: z.string().optional(),
  threads: z.number().int().nonnegative().optional(),
  precision: precision.optional(),
  seedsInOneGraph: seedsInOneGraph.optional(),
  /** Settings of every algorithm that has them. */
  config: config.default({})
})

/** What a person asked for, with datasets still in their own words. */
export interface PlanRequest extends Omit<Plan, 'datasets'> {
  readonly datasets: string[]
}

export interface TrainOptions {
  readonly dataset: readonly string[]
  readonly algorithm: readonly string[]
  readonly seeds?: string
  readonly set: readonly string[]
  readonly preset?: string
  readonly name?: string
  readonly engine?: string
  readonly threads?: number
  readonly precision?: string
  readonly seedsInOneGraph?: string
}

type PlanFile = z.infer<typeof planFile>

/**
 * Reads a plan file (YAML or JSON).
 * @throws UserError('invalid-config') with the file, the place in it and what was expected there
 */
export function readPlanFile(path: string): PlanFile {
  let value: unknown
  try {
    value = parseYaml(readPlanText(path))
  } catch (error) {
    throw new UserError('invalid-config', `${path}: ${messageOf(error).split('\n')[0]}`)
  }
  const parsed = planFile.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    issue => `${issue.path.join('.').slice(0, 100) || 'the file'}: ${issue.message.slice(0, 300)}`
  )
  const more = problems.length > shownProblems ? [`and ${problems.length - shownProblems} more`] : []
  throw new UserError(
    'invalid-config',
    `${path}: ${[...problems.slice(0, shownProblems), ...more].join('; ')}`
  )
}

/** Problems of a plan file that are told at once. */
const shownProblems = 8
/** A plan of 100 algorithms with all their settings has some 100 kB. */
const mostPlanBytes = 1 << 20

function readPlanText(path: string): string {
  const info = statSync(path)
  if (!info.isFile()) throw new Error('it is no file; give a plan in YAML or JSON')
  if (info.size > mostPlanBytes)
    throw new Error(
      `it has ${info.size} bytes; a plan has at most ${mostPlanBytes}, so this is something else`
    )
  return readFileSync(path, 'utf8')
}

/** Plain values: aliases stand for little, and nesting that no plan has is refused before the parser spends minutes on it. */
function parseYaml(text: string): unknown {
  if (deepest(text) > mostDepth) throw new Error('it is nested too deeply for a plan')
  return parse(text, { maxAliasCount: 50, logLevel: 'error' }) as unknown
}

const mostDepth = 64

/** Open brackets, or dashes of lists in lists, at the deepest place; brackets in texts count too, which no plan has by the dozen. */
function deepest(text: string): number {
  let depth = 0
  let most = Math.max(0, ...[...text.matchAll(/(?:- ){8,}/g)].map(([dashes]) => dashes.length / 2))
  for (const character of text) {
    if (character === '[' || character === '{') most = Math.max(most, ++depth)
    else if ((character === ']' || character === '}') && depth > 0) depth--
  }
  return most
}

/**
 * The plan of a file, of options, or of both; options win.
 * @param algorithms what the host offers, to place settings and presets
 * @throws UserError('invalid-config') naming the option, the value and what would be accepted
 */
export function buildPlan(
  file: PlanFile | null,
  options: TrainOptions,
  algorithms: readonly AlgorithmInfo[]
): PlanRequest {
  const entries = options.algorithm.length > 0 ? [...options.algorithm] : (file?.algorithms ?? [])
  const datasets = options.dataset.length > 0 ? [...options.dataset] : (file?.datasets ?? [])
  if (datasets.length === 0)
    throw new UserError('invalid-config', 'no dataset is named; say --dataset NAME, or give a plan file')
  if (entries.length === 0)
    throw new UserError(
      'invalid-config',
      `no algorithm is named; say --algorithm ID with one of ${algorithms.map(info => info.id).join(', ')}`
    )
  const settings = options.set.map(readSetting)
  const chosen = entries.map(entry => chooseAlgorithm(entry, options.preset, algorithms))
  const common = [
    ...Object.entries(file?.config ?? {}).map(([field, value]) => ({ algorithm: null, field, value })),
    ...settings
  ]
  for (const setting of common)
    requireField(
      setting,
      chosen.map(choice => choice.info)
    )
  return {
    name: options.name ?? file?.name ?? '',
    datasets,
    algorithms: chosen.map(choice => ({
      algorithm: choice.info.id,
      config: {
        ...choice.preset,
        ...applied(common.slice(0, common.length - settings.length), choice.info),
        ...choice.config,
        ...applied(settings, choice.info)
      },
      ...(choice.label === undefined ? {} : { label: choice.label })
    })),
    seeds: options.seeds === undefined ? (file?.seeds ?? [0]) : readSeeds(options.seeds),
    engine: options.engine ?? file?.engine ?? 'auto',
    threads: options.threads ?? file?.threads ?? 0,
    precision:
      options.precision === undefined ? (file?.precision ?? 'float32') : readPrecision(options.precision),
    ...inOneGraph(options.seedsInOneGraph, file?.seedsInOneGraph)
  }
}

/** `auto` goes without saying. */
function inOneGraph(text: string | undefined, inFile: SeedsInOneGraph | undefined) {
  const parsed = seedsInOneGraph.safeParse(text ?? inFile ?? 'auto')
  if (parsed.success) return parsed.data === 'auto' ? {} : { seedsInOneGraph: parsed.data }
  throw new UserError('invalid-config', `--seeds-in-one-graph ${text}: choose one of auto, on, off`)
}

function readPrecision(text: string): Precision {
  const parsed = precision.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UserError('invalid-config', `--precision ${text}: choose one of ${precisions.join(', ')}`)
}

interface Setting {
  /** The algorithm it was addressed to; null for all that have the field. */
  readonly algorithm: string | null
  readonly field: string
  readonly value: unknown
}

/** `field=value` or `algorithm.field=value`; values as YAML writes them. */
function readSetting(text: string): Setting {
  const match = /^(?:([\w-]+)\.)?(\w+)=(.*)$/s.exec(text)
  if (match === null)
    throw new UserError(
      'invalid-config',
      `--set ${text}: write field=value, such as --set gradientSteps=10000`
    )
  try {
    return { algorithm: match[1] ?? null, field: match[2], value: parseYaml(match[3]) }
  } catch (error) {
    throw new UserError(
      'invalid-config',
      `--set ${text.slice(0, 100)}: the value cannot be read: ${messageOf(error).split('\n')[0]}`
    )
  }
}

const reaches = (setting: Setting, info: AlgorithmInfo): boolean =>
  (setting.algorithm === null || setting.algorithm === info.id) &&
  info.fields.some(field => field.name === setting.field)

function requireField(setting: Setting, infos: readonly AlgorithmInfo[]): void {
  if (infos.some(info => reaches(setting, info))) return
  const named = infos.filter(info => setting.algorithm === null || setting.algorithm === info.id)
  const fields = [...new Set(named.flatMap(info => info.fields.map(field => field.name)))].sort()
  const who = setting.algorithm === null ? 'none of the chosen algorithms' : setting.algorithm
  const known =
    fields.length === 0 ? 'that algorithm is not among the chosen ones' : `there are ${fields.join(', ')}`
  const missing =
    setting.algorithm === null ? `has a setting ${setting.field}` : `has no setting ${setting.field}`
  throw new UserError('invalid-config', `${who} ${missing}; ${known}`)
}

const applied = (settings: readonly Setting[], info: AlgorithmInfo): Record<string, unknown> =>
  Object.fromEntries(
    settings
      .filter(setting => reaches(setting, info))
      .map(({ field, value }) => [field, asList(value, info.fields.find(({ name }) => name === field)?.kind)])
  )

/** `64,64` and `64` for fields that are lists of numbers; what is no such list stays for the host to refuse. */
function asList(value: unknown, kind: string | undefined): unknown {
  if (kind !== 'numbers' || Array.isArray(value)) return value
  const parts = String(value)
    .split(',')
    .map(part => part.trim())
  const numbers = parts.map(Number)
  return parts.includes('') || numbers.some(Number.isNaN) ? value : numbers
}

function chooseAlgorithm(
  entry: z.infer<typeof algorithmEntry>,
  commonPreset: string | undefined,
  algorithms: readonly AlgorithmInfo[]
) {
  const wanted = typeof entry === 'string' ? { algorithm: entry, config: {} } : entry
  const info = algorithms.find(candidate => candidate.id.toLowerCase() === wanted.algorithm.toLowerCase())
  if (info === undefined) {
    throw new UserError(
      'invalid-config',
      `no algorithm is called ${wanted.algorithm}; choose from ${algorithms.map(candidate => candidate.id).join(', ')}`
    )
  }
  const presetId = ('preset' in wanted ? wanted.preset : undefined) ?? commonPreset
  const preset = info.presets.find(candidate => candidate.id === presetId || candidate.domain === presetId)
  if (presetId !== undefined && preset === undefined) {
    const known = info.presets.map(candidate => candidate.id).join(', ') || 'none'
    throw new UserError('invalid-config', `${info.id} has no preset ${presetId}; it has: ${known}`)
  }
  return {
    info,
    preset: preset?.config ?? {},
    config: wanted.config,
    label: 'label' in wanted ? wanted.label : undefined
  }
}

/**
 * Seeds as people write them: `0-4`, `0,1,2` or `7`.
 * @throws UserError('invalid-config') for anything else
 */
export function readSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap(part => {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? match?.[1])
    if (match === null || last < first || last - first >= 100)
      throw new UserError('invalid-config', `--seeds ${text}: write 0-4 or 0,1,2`)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return [...new Set(seeds)]
}
