/** Entry of the installer process: one job, then it exits. */
import { UserError } from '../base/errors.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { stackOf } from '../base/log.ts'
import type { FromInstaller, InstallJob, InstallStep, ToInstaller } from './messages.ts'
import { installTensorflow } from './install.ts'

const msBetweenMessages = 100

const channel = parentChannel()
const send = (message: FromInstaller): void => channel.send(message)
channel.onClose(() => process.exit(1))
// Ctrl+C reaches every process of a terminal; this one is ended by its host, which then knows why.
process.on('SIGINT', () => undefined)
channel.onMessage(raw => {
  const message = raw as ToInstaller
  if (message.kind === 'cancel') process.exit(1)
  void run(message.job)
})

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

/** Sends at most ten steps a second of one kind, the newest always; a new state or text goes out at once. */
function throttled(): (step: InstallStep) => void {
  let newest: InstallStep | null = null
  let timer: NodeJS.Timeout | null = null
  const sendNewest = () => {
    timer = null
    if (newest !== null) send({ kind: 'step', step: newest })
  }
  return step => {
    const same = newest !== null && newest.state === step.state && newest.text === step.text
    newest = step
    if (same) timer ??= setTimeout(sendNewest, msBetweenMessages)
    else {
      if (timer !== null) clearTimeout(timer)
      sendNewest()
    }
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
