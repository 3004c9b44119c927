import type { HostTensors } from '../base/tensors.ts'
import type { Engine } from '../compute/engine.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import { environmentById } from '../environments/index.ts'
import { UserError } from '../base/errors.ts'
import type { Method } from './buildProgram.ts'
import { type EpisodeSetting, type PolicyMoment, runEpisodes } from './episodes.ts'
import type { EvaluationMessage } from './messages.ts'
import { openPolicy } from './openPolicy.ts'
import { policyTensors } from './policy.ts'
import { policyForm, tensorsOf } from './policyForm.ts'
import { sharedSimulator } from './simulatorClient.ts'
import type { SimulationJob } from './simulatorMessages.ts'

/** Where and how a run is evaluated. */
export interface EvaluationSetting {
  readonly method: Method
  readonly normaliser: Normaliser
  readonly episodes: EpisodeSetting
}

async function simulationOf(
  { method, normaliser, episodes: setting }: EvaluationSetting,
  tensors: HostTensors,
  engine: Engine
): Promise<SimulationJob> {
  return { setting, normaliser, policy: await policyForm(method, tensors, engine) }
}

/** Evaluates states of one method in the process's simulators, beside whatever this process does meanwhile. */
export class Evaluator {
  readonly setting: EvaluationSetting
  readonly #engine: Engine
  readonly #shared: ReturnType<typeof sharedSimulator>
  #simulation: Promise<SimulationJob> | null = null

  /** @param simulators processes that share out the episodes, at most */
  constructor(setting: EvaluationSetting, engine: Engine, simulators: number) {
    this.setting = setting
    this.#engine = engine
    this.#shared = sharedSimulator(simulators)
    this.#shared.simulator.start()
  }

  /**
   * Runs the episodes; the rollout files are in place when it is done.
   * @param tensors the state, or its policy tensors
   * @throws the signal's reason at once when aborted, UserError('disk-full' | 'io-error'), Error when the simulator fails
   */
  async evaluate(at: PolicyMoment, tensors: HostTensors, signal: AbortSignal): Promise<EvaluationMessage> {
    const all = policyTensors(this.setting.method, tensors)
    const simulation = await (this.#simulation ??= simulationOf(this.setting, all, this.#engine))
    const sent = tensorsOf(simulation.policy).map(name => [name, all[name]] as const)
    return this.#shared.simulator.evaluate(simulation, at, Object.fromEntries(sent), signal)
  }

  close(): void {
    this.#shared.release()
  }
}

/**
 * Evaluates one state in this process, exactly as a simulator would.
 * @throws the signal's reason when aborted
 */
export async function evaluateHere(
  setting: EvaluationSetting,
  engine: Engine,
  at: PolicyMoment,
  state: HostTensors,
  signal: AbortSignal
): Promise<EvaluationMessage> {
  const environment = environmentById(setting.episodes.environmentId)
  if (!environment) throw new UserError('unsupported', 'its environment cannot be simulated here')
  const tensors = policyTensors(setting.method, state)
  const { policy: form, normaliser } = await simulationOf(setting, tensors, engine)
  const policy = await openPolicy(form, normaliser)
  try {
    await policy.bind(tensors)
    return await runEpisodes(setting.episodes, environment, policy, at, { signal })
  } finally {
    await policy.close()
  }
}
