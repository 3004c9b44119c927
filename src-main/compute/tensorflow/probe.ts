import { UserError } from '../../base/errors.ts'
import { nodeProcessHost } from '../../base/nodeProcessHost.ts'
import type { ProcessHost } from '../../base/processHost.ts'
import { outcomeOf } from '../trialProcess.ts'
import { readInstalled } from './location.ts'
import type { Trial } from './tensorflowProbe.ts'
import { readVerdict, type Verdict, verdictKey, writeVerdict } from './verdict.ts'

/** Results of the trial steps differ from the reference by some 1e-6. */
const tolerance = 1e-4
const secondsAtMost = 180

/**
 * Lets the installed libraries train a few small steps in a process of their own, the first time that they are used: native code that
 * does not fit the machine ends a process without a word. Takes some seconds, and nothing once the verdict is known.
 * @throws UserError('engine-unavailable') with the reason and the next step
 */
export async function assureTrusted(host: ProcessHost = nodeProcessHost()): Promise<void> {
  const installed = readInstalled()
  if ('reason' in installed) throw unavailable(installed.reason)
  const { reason } = readVerdict() ?? (await probeTensorflow(host))
  if (reason !== null) throw unavailable(reason)
}

/** Tries the installed engine and keeps the verdict. */
export async function probeTensorflow(host: ProcessHost = nodeProcessHost()): Promise<Verdict> {
  const key = verdictKey()
  const trial = await trialIn(host)
  const verdict: Verdict = { format: 1, key, reason: objection(trial), gpu: 'gpu' in trial && trial.gpu }
  // Where the folder cannot be written the trial is repeated at every start, which costs seconds and harms nothing.
  await writeVerdict(verdict).catch(() => undefined)
  return verdict
}

const again = 'install it again with: stitchwork engines install tensorflow'

function objection(trial: Trial): string | null {
  if ('failure' in trial) return `${trial.failure}; ${again}`
  if (trial.difference <= tolerance) return null
  return `its results differ from the reference by ${trial.difference.toPrecision(2)}, more than ${tolerance}; ${again}`
}

async function trialIn(host: ProcessHost): Promise<Trial> {
  const outcome = await outcomeOf(host.start('tensorflowProbe'), secondsAtMost)
  if ('answer' in outcome) return outcome.answer as Trial
  if ('late' in outcome) return { failure: `a trial step did not end within ${secondsAtMost} s` }
  return { failure: `its libraries ended the trial process (${outcome.ended})` }
}

const unavailable = (reason: string): UserError =>
  new UserError('engine-unavailable', `Engine 'tensorflow' cannot be used here: ${reason}`, {
    engine: 'tensorflow'
  })
