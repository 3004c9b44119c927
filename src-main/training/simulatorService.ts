import { messageOf, UserError } from '../base/errors.ts'
import type { ParentChannel } from '../base/parentChannel.ts'
import type { Environment } from '../environments/environment.ts'
import type { CompiledPolicy } from './compiledPolicy.ts'
import { runEpisodes } from './episodes.ts'
import { openPolicy } from './openPolicy.ts'
import type { FromSimulator, SimulationJob, ToSimulator } from './simulatorMessages.ts'
import { startWatchdog } from './watchdog.ts'

/** What a simulator is made of; tests bring environments that misbehave. */
export interface SimulatorParts {
  readonly channel: Pick<ParentChannel, 'send' | 'onMessage'>
  readonly environmentOf: (id: string) => Environment | undefined
  /** An environment step or policy call that lasts longer hangs. */
  readonly silentSeconds: number
}

interface Opened extends SimulationJob {
  policyHere: CompiledPolicy | null
}

/** Answers one evaluation after the other; the process ends itself when one hangs. */
export function serveSimulations({ channel, environmentOf, silentSeconds }: SimulatorParts): void {
  const watchdog = startWatchdog(silentSeconds)
  const jobs = new Map<number, Opened>()
  let running = new AbortController()
  const send = (message: FromSimulator): void => channel.send(message)

  async function evaluate({ job, at, tensors }: Extract<ToSimulator, { kind: 'evaluate' }>): Promise<void> {
    running = new AbortController()
    const opened = jobs.get(job)
    const environment = opened && environmentOf(opened.setting.environmentId)
    if (!opened || !environment)
      throw new UserError('unsupported', 'its environment cannot be simulated here')
    opened.policyHere ??= await openPolicy(opened.policy, opened.normaliser)
    await opened.policyHere.bind(tensors)
    const around = { signal: running.signal, alive: () => watchdog.alive() }
    watchdog.watch(true)
    const evaluation = await runEpisodes(opened.setting, environment, opened.policyHere, at, around)
    send({ kind: 'evaluated', evaluation })
  }

  channel.onMessage(message => {
    const order = message as ToSimulator
    if (order.kind === 'cancel') running.abort()
    else if (order.kind === 'open') jobs.set(order.job, { ...order.simulation, policyHere: null })
    else {
      void evaluate(order)
        .catch((error: unknown) => {
          const code = error instanceof UserError ? error.code : null
          send({ kind: 'failed', code, reason: messageOf(error) })
        })
        .finally(() => watchdog.watch(false))
    }
  })
}
