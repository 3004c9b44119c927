import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '../../base/gradients.ts'

/** The tfjs backend that eager runs use, with the version and device shown to people. */
export interface EagerBackend {
  readonly name: 'cpu'
  readonly version: string
  readonly device: string
}

let chosen: EagerBackend | null = null

/** Plain JavaScript, which needs nothing installed and shares no code with the engines that are compared with it. */
export function eagerBackend(): EagerBackend {
  if (!chosen) {
    // Without it tfjs checks and warns at every op, and advertises another package.
    tf.env().set('PROD', true)
    chosen = { name: 'cpu', version: tf.version_core, device: 'CPU, plain JavaScript' }
  }
  return chosen
}

/**
 * The backend for a session. Where a process has loaded TensorFlow to train, its operations replay a step that went wrong some thirty
 * times as fast; nothing is loaded for that. STITCHWORK_EAGER=javascript keeps to plain JavaScript.
 */
export function sessionBackend(): string {
  const { name } = eagerBackend()
  if (process.env.STITCHWORK_EAGER === 'javascript') return name
  return tf.findBackend('tensorflow') ? 'tensorflow' : name
}

/** Makes the backend current; synchronous, because the backends used here start without waiting. */
export function useBackend(name: string): void {
  void tf.setBackend(name)
}
