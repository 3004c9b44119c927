import type { InstalledEngine } from '../../src-preload/contract/engines.ts'
import { UserError } from '../base/errors.ts'
import type { InstallJob, InstallStep } from './messages.ts'

/**
 * Installs the TensorFlow engine into the engines folder.
 * @throws UserError
 */
export async function installTensorflow(
  job: InstallJob,
  report: (step: InstallStep) => void
): Promise<InstalledEngine> {
  report({ state: 'downloading', doneBytes: 0, totalBytes: 0, text: `preparing ${job.folder}` })
  throw new UserError('unsupported', 'installing engines is not built yet')
}
