/** Entry of the installer process: one job, then it exits. */
import { UserError } from '../base/errors.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { stackOf } from '../base/log.ts'
import type { FromInstaller, InstallJob } from './messages.ts'
import { installTensorflow } from './install.ts'

const channel = parentChannel()
const send = (message: FromInstaller): void => channel.send(message)
channel.onClose(() => process.exit(1))
channel.onMessage(message => void run(message as InstallJob))

async function run(job: InstallJob): Promise<void> {
  try {
    const installed = await installTensorflow(job, step => send({ kind: 'step', step }))
    send({ kind: 'installed', installed })
  } catch (error) {
    send({ kind: 'failed', error: wireError(error) })
  }
  await channel.flush()
  process.exit(0)
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
