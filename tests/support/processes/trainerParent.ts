/** A parent that starts a trainer, says its process id, and is then killed by the test. */
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'

process.on('message', job => {
  const child = nodeProcessHost().start('trainer')
  child.send({ kind: 'start', job: job as TrainingJob })
  child.onMessage(message => {
    if ((message as FromTrainer).kind === 'metrics') process.send?.(child.pid)
  })
})
