import type {
  BehaviourInfo,
  BehaviourList,
  DamagedBehaviour,
  Learner
} from '../../../src-preload/contract/collect.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { UserError } from '../../base/errors.ts'
import { withSession, type CommandContext } from '../command.ts'
import { allPages } from '../find.ts'
import { bar, duration, figure, table } from '../output.ts'
import type { Session } from '../session.ts'
import { datasetTable, makeTiers, tiersOf, type TierOptions } from './collectMake.ts'

export interface TrainOptions {
  readonly learner: Learner
  /** A proposal where absent. */
  readonly steps?: number
  readonly seed: number
  /** Id of a behaviour whose training goes on. */
  readonly resume?: string
}

export type CollectOptions = TrainOptions & TierOptions

/** `collect ENVIRONMENT`: trains a behaviour policy unless it is there, then makes the tiers asked for. */
export function collectCommand(
  context: CommandContext,
  environmentId: string,
  options: CollectOptions
): Promise<void> {
  const tiers = tiersOf(options.tiers)
  return withSession(context, async session => {
    const behaviour = await trained(context, session, environmentId, options)
    const datasets = await makeTiers(context, session, behaviour.id, tiers, options)
    context.output.result({ behaviour, datasets }, resultText(behaviour, datasets))
  })
}

/** `collect train ENVIRONMENT`, or `collect train --resume BEHAVIOUR`: trains a behaviour policy and waits for its end. */
export function trainBehaviour(
  context: CommandContext,
  environmentId: string | undefined,
  options: TrainOptions
): Promise<void> {
  const { resume } = options
  if ((environmentId === undefined) === (resume === undefined))
    throw new UserError(
      'invalid-config',
      'say `collect train ENVIRONMENT`, or `collect train --resume BEHAVIOUR`'
    )
  return withSession(context, async session => {
    const behaviour =
      resume === undefined
        ? await trained(context, session, environmentId!, options)
        : await resumed(context, session, resume)
    context.output.result(behaviour, resultText(behaviour, []))
  })
}

async function resumed(context: CommandContext, session: Session, id: string): Promise<BehaviourInfo> {
  const { checkpoints } = await session.client.collect.resume({ id })
  return untilEnded(context, session, id, checkpoints.length)
}

/** `collect stop|remove BEHAVIOUR` */
export function endBehaviour(context: CommandContext, action: 'stop' | 'remove', id: string): Promise<void> {
  return withSession(context, async session => {
    await session.client.collect[action]({ id })
    context.output.result({ id }, `${id} ${action === 'stop' ? 'stops' : 'is removed'}`)
  })
}

/** Steps that the host proposes for a training. */
async function proposedSteps(session: Session, environmentId: string, learner: Learner): Promise<number> {
  const { environments } = await session.client.collect.options({})
  const environment = environments.find(({ id }) => id === environmentId)
  return environment?.learners.find(({ id }) => id === learner)?.steps ?? 200_000
}

/** A behaviour that is trained: the one that is there, or a new one at the end of its training. */
async function trained(
  context: CommandContext,
  session: Session,
  environmentId: string,
  { learner, steps: asked, seed }: TrainOptions
): Promise<BehaviourInfo> {
  const id = `${environmentId}-${learner}-seed${seed}`
  if (!(await exists(session, id))) {
    const steps = asked ?? (await proposedSteps(session, environmentId, learner))
    await session.client.collect.train({ environmentId, learner, steps, seed })
  }
  return untilEnded(context, session, id, 0)
}

/** @throws UserError('checkpoint-corrupt') where it is there and damaged */
const exists = (session: Session, id: string): Promise<boolean> =>
  session.client.collect.get({ id }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof UserError && error.code === 'not-found') return false
      throw error
    }
  )

/** Follows a behaviour until it trains no more, telling of its checkpoints but for those told of already. */
async function untilEnded(
  context: CommandContext,
  session: Session,
  id: string,
  before: number
): Promise<BehaviourInfo> {
  let told = before
  let behaviour: BehaviourInfo | undefined
  for await (const changes of session.client.collect.follow({}, context.signal)) {
    if (changes.removed.includes(id)) throw new UserError('not-found', `the behaviour ${id} was removed`)
    behaviour = changes.changed.find(candidate => candidate.id === id) ?? behaviour
    if (behaviour === undefined) continue
    const further = changes.progressed.find(candidate => candidate.id === id)
    behaviour = { ...behaviour, ...further }
    for (; told < behaviour.checkpoints.length; told++) context.output.note(progressLine(behaviour, told))
    if (behaviour.state === 'failed')
      throw new UserError('conflict', `the training of ${id} failed: ${behaviour.reason}`)
    if (behaviour.state !== 'training') return behaviour
    context.output.progress(trainingLines(behaviour))
  }
  throw new UserError('conflict', `the training of ${id} was not waited for; it goes on with the host`)
}

/** One line that is redrawn while a behaviour trains. */
function trainingLines({ lived, steps, progress }: BehaviourInfo): string[] {
  if (progress === null) return []
  const speed = `${fromScalar(progress.stepsPerSecond).toFixed(0)} steps/s`
  const recent =
    progress.recentReturn === null ? '' : `, return while learning ${figure(progress.recentReturn)}`
  return [`${bar(lived / steps)}  ${speed}, ${duration(fromScalar(progress.secondsLeft))} left${recent}`]
}

function progressLine(behaviour: BehaviourInfo, index: number): string {
  const { steps, meanReturn, score } = behaviour.checkpoints[index]
  const normalised = score === null ? '' : `, normalised ${fromScalar(score).toFixed(1)}`
  return `${steps} of ${behaviour.steps} steps: return ${fromScalar(meanReturn).toFixed(1)}${normalised}`
}

function resultText(behaviour: BehaviourInfo, datasets: readonly Dataset[]): string {
  const { id, state, checkpoints, lived, steps, resumable } = behaviour
  const returns = checkpoints.map(({ meanReturn }) => fromScalar(meanReturn)).filter(Number.isFinite)
  const best = returns.length === 0 ? 'none' : Math.max(...returns).toFixed(1)
  const next = resumable ? `; \`stitchwork collect train --resume ${id}\` goes on with it` : ''
  const end = state === 'finished' ? '' : `, ${state} after ${lived} of ${steps} steps${next}`
  const first = `${id}: ${checkpoints.length} checkpoints, best return ${best}${end}`
  return datasets.length === 0 ? first : `${first}\n\n${datasetTable(datasets)}`
}

/** `collect list`: the behaviours trained here, and what is damaged among them. */
export function listBehaviours(context: CommandContext): Promise<void> {
  return withSession(context, async session => {
    const damaged: DamagedBehaviour[] = []
    const behaviours = await allPages(async offset => {
      const page = await session.client.collect.list({ offset })
      damaged.push(...page.damaged)
      return page.behaviours
    })
    const list = { behaviours, damaged }
    context.output.result(list, listText(list))
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
