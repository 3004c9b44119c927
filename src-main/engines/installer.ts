/** Entry of the installer process: one job, then it exits. */
import { monotonicSeconds } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { stackOf } from '../base/log.ts'
import type { FromInstaller, InstallJob, InstallStep } from './messages.ts'
import { installTensorflow } from './install.ts'

const secondsBetweenMessages = 0.1

const channel = parentChannel()
const send = (message: FromInstaller): void => channel.send(message)
channel.onClose(() => process.exit(1))
channel.onMessage(message => void run(message as InstallJob))

async function run(job: InstallJob): Promise<void> {
  try {
    const { version, gpu, sizeBytes, installedAt } = await installTensorflow(job, throttled())
    send({ kind: 'installed', installed: { version, gpu, sizeBytes, installedAt } })
  } catch (error) {
    send({ kind: 'failed', error: wireError(error) })
  }
  await channel.flush()
  process.exit(0)
}

/** Sends at most ten steps a second of one kind; a new state or text always goes out. */
function throttled(): (step: InstallStep) => void {
  let last: InstallStep | null = null
  let sentAt = -Infinity
  return step => {
    const same = last !== null && last.state === step.state && last.text === step.text
    if (same && monotonicSeconds() - sentAt < secondsBetweenMessages) return
    last = step
    sentAt = monotonicSeconds()
    send({ kind: 'step', step })
  }
}

function wireError(error: unknown): (FromInstaller & { kind: 'failed' })['error'] {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, details: { ...error.details } }
  process.stderr.write(`${stackOf(error)}\n`)
  return {
    code: 'internal',
    message: `the install failed for an internal reason: ${String(error)}`,
    details: {}
  }
}
