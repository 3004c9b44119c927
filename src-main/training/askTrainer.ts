import { UserError } from '../base/errors.ts'
import type { ProcessHost } from '../base/processHost.ts'
import type { FromTrainer, ToTrainer } from './messages.ts'

/** What a trainer answers instead of training. */
type Answer = Extract<FromTrainer, { kind: 'exported' | 'evaluated' }>

/**
 * Starts a trainer for one question and ends with its answer: it reads a dataset and loads native code, which this process
 * does neither of.
 * @param failure what the person asked for and did not get, the start of the error's sentence
 * @param signal kills the process
 * @throws UserError('io-error') with the reason that the process gave
 */
export function askTrainer<K extends Answer['kind']>(
  processes: ProcessHost,
  question: ToTrainer,
  kind: K,
  failure: string,
  signal?: AbortSignal
): Promise<Extract<Answer, { kind: K }>> {
  if (signal?.aborted) return Promise.reject(new UserError('closed', `${failure}: it was called off`))
  const child = processes.start('trainer')
  const kill = (): void => child.kill()
  signal?.addEventListener('abort', kill)
  return new Promise((resolve, reject) => {
    let reason = 'its process ended without a result'
    child.onMessage(received => {
      const message = received as FromTrainer
      if (message.kind === kind) resolve(message as Extract<Answer, { kind: K }>)
      if (message.kind === 'ended' && message.reason !== null) reason = message.reason
    })
    child.onExit(() => {
      signal?.removeEventListener('abort', kill)
      reject(new UserError('io-error', `${failure}: ${reason}`))
    })
    child.send(question)
  })
}
