/** A simulator whose environments misbehave, by their ids: one hangs, one ends the process, one gives NaN, one is sound and slow. */
import { parentChannel } from '../../../src-main/base/parentChannel.ts'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { serveSimulations } from '../../../src-main/training/simulatorService.ts'

const steps: Readonly<Record<string, Environment['step']>> = {
  hangs: () => {
    for (;;);
  },
  dies: () => process.exit(9),
  nan: () => ({ reward: NaN, terminated: false }),
  sound: (...of) => crossroads.step(...of),
  endless: () => ({ reward: 0, terminated: false })
}

const channel = parentChannel()
channel.onClose(() => process.exit(0))
serveSimulations({
  channel,
  silentSeconds: 2,
  environmentOf: id => ({
    ...crossroads,
    step: steps[id],
    maxSteps: id === 'endless' ? Infinity : crossroads.maxSteps
  })
})
