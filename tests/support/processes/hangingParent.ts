/** A parent whose trainer hangs; says the trainer's process id, and is then killed by the test. */
import { join } from 'node:path'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'

const child = nodeProcessHost(() => join(import.meta.dirname, 'hangingTrainer.ts')).start('trainer')
child.onMessage(() => process.send?.(child.pid))
child.send({ kind: 'stored', sequence: 0 })
