import type { BehaviourInfo, BehaviourList, Tier } from '../../../src-preload/contract/collect.ts'
import { tier } from '../../../src-preload/contract/collect.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { UserError } from '../../base/errors.ts'
import { waitFor, withSession, type CommandContext } from '../command.ts'
import { figure, table } from '../output.ts'
import type { Session } from '../session.ts'
import { show } from './import.ts'

export interface CollectOptions {
  readonly steps: number
  readonly seed: number
  /** Comma-separated. */
  readonly tiers: string
  readonly transitions: number
  readonly noise: number
}

/** `collect ENVIRONMENT`: trains a behaviour policy unless it is there, then makes the tiers asked for. */
export function collectCommand(
  context: CommandContext,
  environmentId: string,
  options: CollectOptions
): Promise<void> {
  const tiers = tiersOf(options.tiers)
  return withSession(context, async session => {
    const behaviour = await trained(context, session, environmentId, options)
    const datasets: Dataset[] = []
    for (const name of tiers) {
      const { transitions, seed, noise } = options
      const items = session.client.collect.make(
        { id: behaviour.id, tier: name, transitions, seed, noise },
        context.signal
      )
      datasets.push(await waitFor(items, context.signal, item => show(context, item, 'imported')))
    }
    context.output.result({ behaviour, datasets }, datasetLines(behaviour, datasets))
  })
}

function tiersOf(text: string): Tier[] {
  return text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
    .map(word => {
      const parsed = tier.safeParse(word)
      if (parsed.success) return parsed.data
      throw new UserError('invalid-config', `"${word}" is no tier; choose from ${tier.options.join(', ')}`)
    })
}

async function trained(
  context: CommandContext,
  session: Session,
  environmentId: string,
  { steps, seed }: CollectOptions
): Promise<BehaviourInfo> {
  const id = `${environmentId}-ppo-seed${seed}`
  let started = false
  let told = 0
  for await (const { behaviours } of session.client.collect.follow({}, context.signal)) {
    const behaviour = behaviours.find(candidate => candidate.id === id)
    if (behaviour === undefined) {
      if (started) throw new UserError('not-found', `the behaviour ${id} was removed`)
      started = true
      await session.client.collect.train({ environmentId, learner: 'ppo', steps, seed })
      continue
    }
    for (; told < behaviour.checkpoints.length; told++) context.output.note(progressLine(behaviour, told))
    if (behaviour.state === 'failed')
      throw new UserError('conflict', `the training of ${id} failed: ${behaviour.reason}`)
    if (behaviour.state !== 'training') return behaviour
  }
  throw new UserError('conflict', `the training of ${id} was not waited for; it goes on with the host`)
}

function progressLine(behaviour: BehaviourInfo, index: number): string {
  const { steps, meanReturn, score } = behaviour.checkpoints[index]
  const normalised = score === null ? '' : `, normalised ${fromScalar(score).toFixed(1)}`
  return `${steps} of ${behaviour.steps} steps: return ${fromScalar(meanReturn).toFixed(1)}${normalised}`
}

function datasetLines(behaviour: BehaviourInfo, datasets: readonly Dataset[]): string {
  const best = Math.max(...behaviour.checkpoints.map(({ meanReturn }) => fromScalar(meanReturn)))
  const first = `${behaviour.id}: ${behaviour.checkpoints.length} checkpoints, best return ${best.toFixed(1)}`
  if (datasets.length === 0) return first
  const rows = datasets.map(({ name, id, episodes, transitions, meanReturn }) => [
    name,
    id.slice(0, 12),
    String(episodes),
    String(transitions),
    figure(meanReturn)
  ])
  return `${first}\n\n${table(['name', 'id', 'episodes#', 'transitions#', 'mean return#'], rows)}`
}

/** `collect list`: the behaviours trained here, and what is damaged among them. */
export function listBehaviours(context: CommandContext): Promise<void> {
  return withSession(context, async session => {
    for await (const list of session.client.collect.follow({}, context.signal))
      return context.output.result(list, listText(list))
  })
}

function listText({ behaviours, damaged }: BehaviourList): string {
  const rows = behaviours.map(({ id, state, problem, lived, checkpoints }) => [
    id,
    problem === null ? state : `${state}, damaged`,
    String(lived),
    figure(checkpoints.at(-1)?.meanReturn ?? null)
  ])
  const lost = damaged.map(({ name }) => [name, 'damaged', '-', '-'])
  const all = [...rows, ...lost]
  if (all.length === 0) return 'no behaviours yet; `stitchwork collect hopper-v2` trains one'
  const problems = [...behaviours, ...damaged].flatMap(({ problem }) => problem ?? [])
  return [
    table(['behaviour', 'state', 'steps#', 'last return#'], all),
    ...problems.map(problem => `damaged: ${problem}`)
  ].join('\n')
}
