import { messageOf, UserError } from '../base/errors.ts'
import type { ParentChannel } from '../base/parentChannel.ts'
import type { Environment } from '../environments/environment.ts'
import type { CompiledPolicy } from './compiledPolicy.ts'
import { playRange } from './episodes.ts'
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

/** Plays one range of episodes after the other; the process ends itself when one hangs. */
export function serveSimulations({ channel, environmentOf, silentSeconds }: SimulatorParts): void {
  const watchdog = startWatchdog(silentSeconds)
  const jobs = new Map<number, Opened>()
  let running = new AbortController()
  const send = (message: FromSimulator): void => channel.send(message)

  async function play({ job, at, range, tensors }: Extract<ToSimulator, { kind: 'play' }>): Promise<void> {
    running = new AbortController()
    const { signal } = running
    const opened = jobs.get(job)
    const environment = opened && environmentOf(opened.setting.environmentId)
    if (!opened || !environment)
      throw new UserError('unsupported', 'its environment cannot be simulated here')
    opened.policyHere ??= await openPolicy(opened.policy, opened.normaliser)
    if (tensors) await opened.policyHere.bind(tensors)
    const around = { signal, alive: () => watchdog.alive() }
    watchdog.watch(true)
    send({
      kind: 'played',
      played: await playRange(opened.setting, environment, opened.policyHere, at, range, around)
    })
  }

  channel.onMessage(message => {
    const order = message as ToSimulator
    if (order.kind === 'cancel') running.abort()
    else if (order.kind === 'open') jobs.set(order.job, { ...order.simulation, policyHere: null })
    else {
      void play(order)
        .catch((error: unknown) => {
          const code = error instanceof UserError ? error.code : null
          send({ kind: 'failed', code, reason: messageOf(error) })
        })
        .finally(() => watchdog.watch(false))
    }
  })
}
