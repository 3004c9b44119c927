import { resolve } from 'node:path'
import type {
  EngineEntry,
  EngineProgress,
  InstallableId,
  MeasuredSize,
  Measurement
} from '../../../src-preload/contract/engines.ts'
import { executionTexts } from '../../../src-preload/contract/execution.ts'
import { UserError } from '../../base/errors.ts'
import { withSession, type CommandContext } from '../command.ts'
import { Cancelled } from '../exitCodes.ts'
import { bar, bytes, figure, table } from '../output.ts'
import type { Session } from '../session.ts'

export interface InstallOptions {
  readonly wheel: readonly string[]
  readonly gpu?: boolean
  readonly index?: string
  readonly keep?: boolean
}

const installable: readonly InstallableId[] = ['tensorflow']

/** `engines`: what can train here, and why something cannot. */
export function listEngines(context: CommandContext): Promise<void> {
  return withSession(context, async session => {
    const engines = await session.client.engines.list({})
    context.output.result(engines, engineTable(engines))
  })
}

/** `engines install tensorflow`: fetches, builds and tries an engine, with progress; Ctrl+C keeps what was downloaded. */
export function installEngine(context: CommandContext, word: string, options: InstallOptions): Promise<void> {
  const id = installableOf(word)
  return withSession(context, async session => {
    const { engines, local } = session.client
    await local.installEngine({
      id,
      gpu: options.gpu === true,
      wheels: options.wheel.map(path => resolve(path)),
      index: options.index ?? null,
      keep: options.keep === true
    })
    const end = await follow(context, session, id)
    if (end.state === 'cancelled' || (context.signal.aborted && end.state === 'failed')) throw new Cancelled()
    if (end.error !== null) throw new UserError('engine-failed', end.error)
    const installed = (await engines.list({})).find(engine => engine.id === id)
    context.output.result(installed ?? end, `${id}: ${end.text}`)
  })
}

/** `engines remove tensorflow`: deletes an installed engine. */
export function removeEngine(context: CommandContext, word: string): Promise<void> {
  const id = installableOf(word)
  return withSession(context, async session => {
    await session.client.engines.remove({ id })
    context.output.result({ removed: id }, `removed ${id}`)
  })
}

/** Sizes that show where engines differ: the usual networks and small ones. */
const benchSizes: readonly Omit<MeasuredSize, 'threads'>[] = [
  { ...{ hiddenSizes: [256, 256], batchSize: 256 } },
  { ...{ hiddenSizes: [64, 64], batchSize: 256 } }
].map(size => ({
  ...{ algorithm: 'iql', observationSize: 32, actionSize: 8, actions: 'continuous' as const },
  ...size
}))

/** `engines bench`: steps per second of the engines here, side by side; `auto` goes by the same figures. */
export function benchEngines(context: CommandContext, threads: number | undefined): Promise<void> {
  return withSession(context, async session => {
    const { cores } = await session.client.app.info({})
    const sizes = benchSizes.map(size => ({ ...size, threads: threads ?? cores }))
    const found: Measurement[] = []
    for await (const item of session.client.engines.measure({ sizes }, context.signal)) {
      context.output.progress([`${bar(item.share)}  ${item.text}`])
      if (item.measurement !== null) found.push(item.measurement)
    }
    if (context.signal.aborted) throw new Cancelled()
    context.output.result(found, benchTable(found))
  })
}

/** @throws UserError('not-found') for an engine that is not installed this way */
function installableOf(word: string): InstallableId {
  const id = installable.find(candidate => candidate === word)
  if (id !== undefined) return id
  throw new UserError(
    'not-found',
    `'${word}' is no engine that can be installed or removed; choose ${installable.join(', ')}`
  )
}

/** Shows an install until it ends; Ctrl+C cancels it. */
async function follow(context: CommandContext, session: Session, id: InstallableId): Promise<EngineProgress> {
  const { engines } = session.client
  const cancel = () => void engines.cancel({ id }).catch(() => undefined) // it has just ended by itself
  context.signal.addEventListener('abort', cancel)
  let told = ''
  try {
    for await (const item of engines.progress({})) {
      if (item.state === 'done' || item.state === 'failed' || item.state === 'cancelled') return item
      const line = item.totalBytes > 0 ? `${item.text} (${bytes(item.totalBytes)})` : item.text
      if (line !== told) context.output.note(line)
      told = line
      if (item.totalBytes > 0) context.output.progress([progressLine(item)])
    }
    throw new Error('invariant: the progress of an install ended before it')
  } finally {
    context.signal.removeEventListener('abort', cancel)
  }
}

const progressLine = ({ doneBytes, totalBytes, state }: EngineProgress): string =>
  `${bar(doneBytes / totalBytes)}  ${state}  ${bytes(doneBytes)} of ${bytes(totalBytes)}`

/** A line an engine, then why the others cannot be used and what to do. */
function engineTable(engines: readonly EngineEntry[]): string {
  const rows = engines.map(({ id, version, device, available, installed }) => [
    ...[id, version || '-', device || '-'],
    ...[installed === null ? '-' : bytes(installed.sizeBytes), available ? 'ready' : 'not usable']
  ])
  const reasons = engines.flatMap(({ id, reason }) => (reason === null ? [] : [`${id}: ${reason}`]))
  const list = table(['engine', 'version', 'device', 'on disk#', 'state'], rows)
  return [list, ...(reasons.length > 0 ? ['', ...reasons] : [])].join('\n')
}

function benchTable(measurements: readonly Measurement[]): string {
  return table(
    ['algorithm', 'network', 'batch#', 'threads#', 'engine', 'precision', 'steps/s#', 'note'],
    measurements.flatMap(({ size, speeds, fastest }) =>
      speeds.map(({ engine, precision, stepsPerSecond, reason, execution }) => [
        size.algorithm,
        size.hiddenSizes.join('x'),
        String(size.batchSize),
        String(size.threads),
        engine,
        precision,
        figure(stepsPerSecond),
        reason ??
          [
            ...(engine === fastest && precision === 'float32' ? ['fastest'] : []),
            ...(execution ? [executionTexts[execution.mode]] : [])
          ].join(', ')
      ])
    )
  )
}
