import { UserError } from '../base/errors.ts'
import type { TrainingJob } from './messages.ts'

/** Writes the policy of a checkpoint as ONNX. */
export async function exportPolicyModel(
  _job: TrainingJob,
  _checkpoint: string,
  _file: string
): Promise<{ sizeBytes: number; checked: string }> {
  throw new UserError('unsupported', 'policies cannot be exported yet')
}
