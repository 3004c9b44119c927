import { join } from 'node:path'
import { algorithmById } from '../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../src-main/base/random.ts'
import { engineById } from '../../src-main/compute/index.ts'
import { environmentById } from '../../src-main/environments/index.ts'
import { type EpisodeSetting, runEpisodes } from '../../src-main/training/episodes.ts'
import { openPolicy } from '../../src-main/training/openPolicy.ts'
import { policyTensors } from '../../src-main/training/policy.ts'
import { policyForm } from '../../src-main/training/policyForm.ts'
import { rolloutFileName } from '../../src-main/training/rolloutWriter.ts'

const episodes = 10
const step = 1

/** Ten episodes of a robot through an untrained 2x256 policy, in this process. */
export interface RobotEvaluation {
  /** Evaluates and keeps so many rollouts. @returns seconds of processor time */
  play(keep: number): Promise<number>
  /** The simulation alone of as many steps as the last `play` took. @returns seconds of processor time */
  simulate(): number
  /** The first kept rollout. */
  readonly file: string
  close(): Promise<void>
}

/** Opens the policy of an algorithm. @param folder where rollouts are kept */
export async function robotEvaluation(
  id: string,
  algorithmId: string,
  folder: string
): Promise<RobotEvaluation> {
  const environment = environmentById(id)
  if (environment?.actions.kind !== 'continuous') throw new Error(`no robot ${id}`)
  const { observationSize } = environment
  const { low, high, size } = environment.actions
  await environment.prepare?.()
  const problem = {
    observationSize,
    action: { kind: 'continuous' as const, size },
    unboundedActions: false
  }
  const normaliser = {
    observations: { mean: new Array(observationSize).fill(0), scale: new Array(observationSize).fill(1) },
    actions: { kind: 'continuous' as const, low: [...low], high: [...high], clip: true },
    rewards: { scale: 1, shift: 0 }
  }
  const algorithm = algorithmById(algorithmId)
  const config = algorithm.schema.parse({ hiddenSizes: [256, 256], evalEpisodes: episodes, keepRollouts: 4 })
  const method = { algorithm, config, problem }
  const tensors = policyTensors(method, algorithm.init(config, problem, 0))
  const policy = await openPolicy(await policyForm(method, tensors, await engineById('onnx')), normaliser)
  await policy.bind(tensors)
  const setting: Omit<EpisodeSetting, 'keep'> = {
    ...{ environmentId: id, episodes, schedule: null, scoreReference: null, folder },
    returnToGo: { discount: 0.99, shift: 0 }
  }
  let lengths: Int32Array = new Int32Array(0)
  const actions = new RandomSequence(0, 'bench/robot')
  const state = new Float64Array(environment.stateSize)
  const action = new Float32Array(size)

  function simulateEpisode(length: number, index: number): void {
    const random = new RandomSequence(0, `evaluation/start/${index}`)
    environment!.reset(state, random)
    for (let t = 0; t < length; t++) {
      if (t % 20 === 0) for (let i = 0; i < size; i++) action[i] = actions.uniform(-0.1, 0.1)
      environment!.step(state, action, random)
    }
  }
  return {
    file: join(folder, rolloutFileName(step, 0)),
    async play(keep) {
      const before = process.cpuUsage()
      const played = await runEpisodes({ ...setting, keep }, environment, policy, { step, seconds: 0 })
      lengths = played.lengths
      return cpuSeconds(before)
    },
    simulate() {
      const before = process.cpuUsage()
      lengths.forEach(simulateEpisode)
      return cpuSeconds(before)
    },
    close: () => policy.close()
  }
}

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
