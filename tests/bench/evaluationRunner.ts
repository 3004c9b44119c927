/** A process that evaluates a policy for as long as it is asked to: `{ start }` -> `{ ready }`, then `{ seconds }` -> `Evaluated`. */
import { algorithmById } from '../../src-main/algorithms/index.ts'
import type { Problem } from '../../src-main/algorithms/algorithm.ts'
import { engineById } from '../../src-main/compute/index.ts'
import { environmentById } from '../../src-main/environments/index.ts'
import type { Environment } from '../../src-main/environments/environment.ts'
import { rollOut } from '../../src-main/evaluation/rollouts.ts'
import type { CompiledPolicy } from '../../src-main/training/compiledPolicy.ts'
import { compilePolicy, policyTensors } from '../../src-main/training/policy.ts'

export interface EvaluationStart {
  readonly engine: string
  readonly threads: number
  readonly environment: string
  /** In lock step. */
  readonly episodes: number
}

export interface Evaluated {
  readonly episodesPerSecond: number
  readonly stepsPerSecond: number
}

let policy: CompiledPolicy
let environment: Environment
let episodes = 0

async function start(options: EvaluationStart): Promise<{ ready: true }> {
  const found = environmentById(options.environment)
  if (found?.actions.kind !== 'continuous')
    throw new Error(`no continuous environment ${options.environment}`)
  environment = found
  episodes = options.episodes
  const { low, high } = found.actions
  const problem: Problem = {
    observationSize: found.observationSize,
    action: { kind: 'continuous', size: low.length },
    unboundedActions: false
  }
  const algorithm = algorithmById('iql')
  const config = algorithm.schema.parse({ hiddenSizes: [256, 256] })
  const method = { algorithm, config, problem }
  const normaliser = {
    observations: null,
    actions: { kind: 'continuous' as const, low: [...low], high: [...high], clip: true },
    rewards: { scale: 1, shift: 0 }
  }
  const tensors = policyTensors(method, algorithm.init(config, problem, 0))
  const engine = await engineById(options.engine)
  policy = await compilePolicy(method, normaliser, tensors, episodes, engine, { threads: options.threads })
  await policy.bind(tensors)
  return { ready: true }
}

async function window(seconds: number): Promise<Evaluated> {
  const began = performance.now()
  let rounds = 0
  let steps = 0
  do {
    const { lengths } = await rollOut(environment, policy, { episodes, seed: 0, keep: 0 })
    steps += lengths.reduce((sum, length) => sum + length, 0)
    rounds++
  } while (performance.now() - began < seconds * 1000)
  const passed = (performance.now() - began) / 1e3
  return { episodesPerSecond: (rounds * episodes) / passed, stepsPerSecond: steps / passed }
}

process.on('message', (message: { start: EvaluationStart } | { seconds: number }) => {
  const work = 'start' in message ? start(message.start) : window(message.seconds)
  work.then(
    answer => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    }
  )
})
process.on('disconnect', () => process.exit(0))
